import type { Catalogue } from '@trialroom/shared/api/experiments';
import { parseFilter } from '@trialroom/shared/trial/filter/parse';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completionsAt } from './complete.ts';
import { layoutOf } from './layout.ts';
import { shortTitle, usualColumns } from './shown-columns.ts';
import { readView, type Shown, type View, writeView } from './view.ts';

const key = fc.string({ minLength: 1, maxLength: 8, unit: fc.constantFrom(...'ab,*:%&/ é') });
const shown: fc.Arbitrary<Shown> = fc.oneof(
  fc.record({ of: fc.constantFrom('spark' as const, 'dots' as const, 'params' as const, 'summary' as const), key }),
  fc.record({
    of: fc.constant('metric' as const),
    key,
    reading: fc.constantFrom('last' as const, 'best' as const, 'min' as const),
  }),
  fc.record({ of: fc.constant('trial' as const), name: fc.constantFrom('name' as const, 'ran' as const) }),
);
const view: fc.Arbitrary<View> = fc.record({
  filter: fc.string({ unit: 'grapheme' }),
  sort: fc.option(
    fc.record({
      column: shown.filter((one) => one.of !== 'spark' && one.of !== 'dots'),
      direction: fc.constantFrom('ascending' as const, 'descending' as const),
    }),
    { nil: null },
  ) as fc.Arbitrary<View['sort']>,
  group: fc.array(key, { maxLength: 3 }),
  columns: fc.option(
    fc.array(
      fc
        .tuple(shown, fc.option(fc.integer({ min: 32, max: 1000 })))
        .map(([one, width]) => (width === null ? one : { ...one, width })),
      { minLength: 1, maxLength: 4 },
    ),
    { nil: null },
  ),
});

test('the address holds the whole view', () => {
  fc.assert(
    fc.property(view, (one) => {
      expect(readView(`?${writeView(one)}`)).toEqual(one);
    }),
  );
  expect(readView('?columns=nothing,m:,%E0%A4%A,name;5&sort=-spark:a')).toEqual({
    filter: '',
    sort: null,
    group: [],
    columns: [{ of: 'trial', name: 'name' }],
  });
});

describe('lines', () => {
  const options = fc.record({
    groups: fc.option(fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 6 }), { nil: null }),
    foldedBits: fc.nat(63),
    free: fc.nat(40),
  });

  test('stand one below the other, and each trial has its own unless it is folded', () => {
    fc.assert(
      fc.property(options, fc.nat(400), fc.nat(200), ({ groups, foldedBits, free }, from, span) => {
        const total = groups ? groups.reduce((sum, count) => sum + count, 0) : free;
        const folded = (group: number): boolean => ((foldedBits >> group) & 1) === 1;
        const layout = layoutOf({ total, groups, folded, rowHeight: 10, groupHeight: 14 });
        let top = 0;
        const touching: number[] = [];
        const trials: number[] = [];
        for (let line = 0; line < layout.lines; line++) {
          expect(layout.topOf(line)).toBe(top);
          const at = layout.lineAt(line);
          const height = at.type === 'group' ? 14 : 10;
          if (top <= from + span && top + height > from) touching.push(line);
          top += height;
          if (at.type === 'trial') {
            trials.push(at.at);
            expect(layout.lineOf(at.at)).toBe(line);
          }
        }
        expect(layout.height).toBe(top);
        const { first, last } = layout.between(from, from + span);
        for (const line of touching) expect(line >= first && line <= last).toBe(true);
        expect(last - first).toBeLessThanOrEqual(Math.ceil(span / 10) + 2);
        const open = (groups ?? [total]).flatMap((count, group) => Array(count).fill(groups !== null && folded(group)));
        expect(trials).toEqual(open.flatMap((hidden, at) => (hidden ? [] : [at])));
      }),
    );
  });
});

describe('completion', () => {
  const catalogue: Catalogue = {
    metrics: [
      { name: 'val_acc', count: 9 },
      { name: 'val acc', count: 2 },
    ],
    params: [{ name: 'optimizer', count: 9, distinct: 2 }],
    summary: [],
    tags: [
      { name: 'baseline', count: 3 },
      { name: 'two words', count: 1 },
    ],
    people: [{ name: 'Ada Lovelace', count: 9 }],
    experiments: [],
    statuses: [{ name: 'running', count: 1 }],
  };
  const texts = (text: string): string[] => completionsAt(text, text.length, catalogue).items.map((item) => item.text);

  test('offers names, then values of the name', () => {
    expect(texts('')).toContain('status:');
    expect(texts('val')).toEqual(['val_acc >', '"val acc" >']);
    expect(texts('tag:a opt')).toEqual(['params.optimizer =']);
    expect(texts('tag:')).toEqual(['baseline', '"two words"']);
    expect(texts('status = r')).toEqual(['running']);
    expect(texts('by:love')).toEqual(['"Ada Lovelace"']);
    expect(texts('tag:baseline ')).toEqual([]);
  });

  test('what is taken can be read once it is complete', () => {
    for (const [typed, rest] of [
      ['val', ' 0.5'],
      ['opt', ' adam'],
      ['tag:two', ''],
      ['is:st', ''],
    ] as const) {
      const { from, to, items } = completionsAt(typed, typed.length, catalogue);
      const text = `${typed.slice(0, from)}${items[0]?.text}${typed.slice(to)}${rest}`;
      expect([text, parseFilter(text).ok]).toEqual([text, true]);
    }
  });
});

test('the columns for who chose none: what was tried, the most varied first, without what a group says', () => {
  const catalogue: Catalogue = {
    metrics: [{ name: 'val_acc', count: 9 }],
    params: [
      { name: 'seed', count: 9, distinct: 8 },
      { name: 'data.commit', count: 9, distinct: 2 },
      { name: 'optim.decay', count: 9, distinct: 2 },
      { name: 'optim.lr', count: 9, distinct: 4 },
      { name: 'fixed', count: 9, distinct: 1 },
    ],
    ...{ summary: [], tags: [], people: [], experiments: [], statuses: [] },
  };
  const params = (group: string[]) =>
    usualColumns([], catalogue, group).flatMap((column) => (column.of === 'params' ? [column.key] : []));
  expect(params([])).toEqual(['optim.lr', 'optim.decay', 'seed', 'data.commit']);
  expect(params(['optim.lr', 'optim.decay'])).toEqual(['seed', 'data.commit']);
});

test('a parameter is headed by the last part of its name, unless another column is called so', () => {
  const lr = { of: 'params', key: 'optim.lr' } as const;
  expect(shortTitle(lr, [lr, { of: 'params', key: 'seed' }])).toBe('lr');
  expect(shortTitle(lr, [lr, { of: 'params', key: 'other.lr' }])).toBe('optim.lr');
});
