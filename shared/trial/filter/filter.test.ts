import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Trial } from '../trial.ts';
import { filters, rows } from './arbitrary.ts';
import { readExpression, toRegExp } from './expression.ts';
import { fold, holds } from './fold.ts';
import { type FilterRow, matches } from './matches.ts';
import { parseFilter } from './parse.ts';
import { printFilter } from './print.ts';
import type { Filter } from './types.ts';

const read = (text: string): Filter => {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(`${text}: ${JSON.stringify(parsed.problem)}`);
  return parsed.filter;
};
const problem = (text: string) => {
  const parsed = parseFilter(text);
  if (parsed.ok) throw new Error(`${text} was read as ${JSON.stringify(parsed.filter)}`);
  const { from, to, expected, fix } = parsed.problem;
  return { at: text.slice(from, to), from, expected, fix };
};

const NOW = Date.UTC(2026, 10, 21);
const trial: Trial = {
  id: 't1',
  experiment: 'digits',
  experimentId: 'e1',
  name: 'small CNN',
  status: 'running',
  stopRequested: false,
  pauseRequested: false,
  release: 'none',
  checkpoint: null,
  revision: 0,
  params: { optimizer: 'adam', optim: { lr: 0.001 }, layers: [32, 64], 'a b': true, 'x.y': 'flat' },
  objective: { key: 'val_accuracy', direction: 'maximise' },
  progress: null,
  summary: { verdict: 'good enough' },
  reason: null,
  notebook: { id: 'n', path: 'demo/digits.ipynb' },
  cell: null,
  backend: null,
  by: { id: 'p1', name: 'Émilie du Châtelet', colour: 'a' },
  tags: ['baseline', 'a:b'],
  starred: true,
  note: 'Look at **step 40**.',
  createdAt: NOW - 86_400_000,
  startedAt: NOW - 3_600_000,
  endedAt: null,
  archivedAt: null,
};
const row: FilterRow = {
  trial,
  metrics: {
    val_accuracy: { last: 0.96, lastStep: 9, min: 0.1, max: 0.97, count: 10 },
    'val loss': { last: Number.NaN, lastStep: 9, min: 0.2, max: 3, count: 10 },
  },
  baseline: false,
};
const fits = (text: string): boolean => matches(read(text), row, { now: NOW, me: 'p1' });

describe('the query line', () => {
  test('is read as people mean it', () => {
    for (const text of [
      'val_accuracy > 0.95 and params.optimizer = "adam" and tag:baseline',
      'val_accuracy>.95 params.optimizer=adam',
      'params.optim.lr = 1e-3',
      'params.layers.1 = 64',
      'params."a b" = true',
      'params.x.y = flat',
      'status:running or status:failed',
      'status in (queued, running)',
      'not status:failed',
      'by:émilie',
      'by:"DU CHÂ"',
      'experiment:DIGITS',
      'name ~ /^small C[A-Z]N$/',
      'notebook ~ "demo/"',
      'note:"step 40"',
      'started:>7d',
      'started > 2h',
      'since:2026-11-20',
      'created:<1h',
      'ran >= 60m',
      'is:starred is:live is:mine not is:archived',
      'tag:a:b',
      'tag in (x, baseline)',
      'min(val_accuracy) < 0.2',
      'best(val_accuracy) >= 0.97',
      'best("val loss") <= 0.2',
      'count(val_accuracy) = 10',
      'objective = 0.96',
      '"val loss" = NaN',
      'cnn digits',
      '"good enough"',
      'optimizer',
      '(status:failed or tag:baseline) val_accuracy < 1',
      'backend = none and backend:none and by != none',
      '',
      '   ',
    ]) {
      expect([text, fits(text)]).toEqual([text, true]);
    }
  });

  test('refuses what does not hold', () => {
    for (const text of [
      'val_accuracy > 0.96',
      'params.optimizer = Adam',
      'tag:base',
      'started:<7d',
      'cnn digit5',
      'status:failed',
    ]) {
      expect([text, fits(text)]).toEqual([text, false]);
    }
  });

  test('has one rule for what is missing or not a number', () => {
    expect(['nothing = 1', 'nothing != 1', 'nothing > 1', 'nothing = NaN', 'nothing != none'].map(fits)).toEqual(
      Array(5).fill(false),
    );
    expect(['not nothing = 1', 'nothing = none', '"val loss" != none', '"val loss" != 3'].map(fits)).toEqual(
      Array(4).fill(true),
    );
    expect(['"val loss" > 0', '"val loss" <= 0', '"val loss" != NaN', '"val loss" < NaN'].map(fits)).toEqual(
      Array(4).fill(false),
    );
  });

  test('says where it cannot be read, what would fit, and what to do', () => {
    expect(problem('val_acc >')).toMatchObject({ at: '', from: 9, expected: 'a value' });
    expect(problem('val_acc > high')).toMatchObject({ at: 'high', expected: 'a number' });
    expect(problem('status:runing')).toMatchObject({ at: 'runing', fix: 'write running' });
    expect(problem('(tag:a or tag:b')).toMatchObject({ expected: ')', fix: 'close the bracket that was opened at 1' });
    expect(problem('tag:a )')).toMatchObject({ at: ')', fix: 'take this bracket away' });
    expect(problem('note:"never closed')).toMatchObject({
      at: '"never closed',
      fix: expect.stringContaining('quotes'),
    });
    expect(problem('name ~ /(a+)+/')).toMatchObject({ at: '(a+)+/', expected: 'an expression' });
    expect(problem('started:>soon')).toMatchObject({ at: 'soon', expected: 'a time' });
    expect(problem('name < b')).toMatchObject({ at: 'b', expected: '=, !=, in or ~' });
    expect(problem('val_acc ~ 1')).toMatchObject({ at: '~' });
    expect(problem('is:famous')).toMatchObject({ at: 'famous' });
    expect(problem('family:vit')).toMatchObject({ at: ':', fix: expect.stringContaining('"family"') });
    expect(problem('and')).toMatchObject({ at: 'and', fix: 'to search for the word, write "and"' });
    expect(problem('a = 1 or')).toMatchObject({ at: '', from: 8 });
    expect(problem('()')).toMatchObject({ at: ')' });
    expect(problem(`${'('.repeat(60)}a`)).toMatchObject({ expected: 'fewer brackets' });
    expect(problem('x'.repeat(5000))).toMatchObject({ fix: 'shorten it' });
  });

  test('what is written is read as the same filter', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        expect(read(printFilter(filter))).toEqual(filter);
      }),
      { numRuns: 2000 },
    );
  });

  test('any text is read or refused at a place within it', () => {
    const pieces = fc.constantFrom(
      ...[
        'val',
        '=',
        '>',
        '(',
        ')',
        '"',
        'and',
        'or',
        'not',
        ':',
        ',',
        '~',
        '/a/',
        ' ',
        'min(',
        'in',
        'is:',
        'params.',
        '7d',
        '\\',
        '\u{1F600}',
        '\0',
      ],
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(pieces).map((all) => all.join('')),
        ),
        (text) => {
          const parsed = parseFilter(text);
          if (parsed.ok) {
            expect(read(printFilter(parsed.filter))).toEqual(parsed.filter);
            return;
          }
          const { from, to } = parsed.problem;
          expect([from >= 0, from <= to, to <= text.length]).toEqual([true, true, true]);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('not is the exact opposite, for every trial', () => {
    fc.assert(
      fc.property(filters, rows, (filter, one) => {
        const context = { now: NOW, me: 'p1' };
        expect(matches({ type: 'not', part: filter }, one, context)).toBe(!matches(filter, one, context));
      }),
    );
  });
});

describe('letters', () => {
  test('are the same in upper and lower case, beyond ASCII too', () => {
    expect(fold('ÀÉÎÕÜ ŠŽ ΑΒΓ ЯЖ AbC')).toBe('àéîõü šž αβγ яж abc');
    expect(holds('Straße', 'STRASSE')).toBe(false);
    expect(holds('xÉmiliE', 'éMI')).toBe(true);
  });
});

describe('expressions', () => {
  test('mean what they say', () => {
    for (const [source, text, held] of [
      ['^a.c$', 'a\nc', true],
      ['[a-c-]+x', '--x', true],
      ['\\w\\d\\s', 'a1 ', true],
      ['[^\\d]', '123', false],
      ['a{2,3}b', 'aab', true],
      ['(ab|cd)e', 'cde', true],
      ['/', 'a/b', true],
    ] as const) {
      expect([source, toRegExp(source).test(text)]).toEqual([source, held]);
    }
  });

  test('that could take for ever, or mean something else elsewhere, are refused', () => {
    for (const source of [
      '(a+)+',
      '(a|b)*',
      '*a',
      'a**',
      '(?:a)',
      '(a',
      'a)',
      '[a',
      '[]',
      '[z-a]',
      '\\b',
      '\\1',
      '^*',
      'a{3,2}',
      'a{1',
      'x'.repeat(201),
    ]) {
      expect(() => readExpression(source), source).toThrow(RangeError);
    }
  });
});
