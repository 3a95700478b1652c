import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findAll, nextFrom, type Page, patternOf, type Query, replacementOf } from './search.ts';

const query = (text: string, more: Partial<Query> = {}): Query => ({
  text,
  regex: false,
  caseSensitive: false,
  wholeWord: false,
  kind: null,
  ...more,
});
const pages: Page[] = [
  { id: 'a', type: 'markdown', text: '# Loss\nThe loss falls.' },
  { id: 'b', type: 'code', text: 'const loss = lossOf(x);\nconst Loss = 1;' },
];
const places = (wanted: Query): string[] => findAll(wanted, pages).map(({ cell, from }) => `${cell}${from}`);

describe('finding', () => {
  it('finds in all cells, with and without regard to case, words and kind', () => {
    expect(places(query('loss'))).toEqual(['a2', 'a11', 'b6', 'b13', 'b30']);
    expect(places(query('loss', { caseSensitive: true }))).toEqual(['a11', 'b6', 'b13']);
    expect(places(query('loss', { wholeWord: true }))).toEqual(['a2', 'a11', 'b6', 'b30']);
    expect(places(query('loss', { kind: 'markdown' }))).toEqual(['a2', 'a11']);
    expect(places(query(''))).toEqual([]);
  });

  it('finds by regular expressions, line by line, and no empty matches', () => {
    expect(places(query('^const (\\w+)', { regex: true }))).toEqual(['b0', 'b24']);
    expect(places(query('z*', { regex: true }))).toEqual([]);
    expect(() => patternOf(query('(', { regex: true }))).toThrow(SyntaxError);
  });

  it('takes any text literally', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string(), (text, around) => {
        const found = findAll(query(text, { caseSensitive: true }), [
          { id: 'x', type: 'raw', text: `${around}${text}${around}` },
        ]);
        expect(found.length).toBeGreaterThan(0);
        for (const { from, to } of found) expect(`${around}${text}${around}`.slice(from, to)).toBe(text);
      }),
    );
  });
});

describe('replacing', () => {
  const first = (wanted: Query, text: string, by: string): string => {
    const [match] = findAll(wanted, [{ id: 'x', type: 'code', text }]);
    return match ? replacementOf(wanted, text, match, by) : 'none';
  };

  it('puts a text in as it is', () => {
    expect(first(query('a.b'), 'x a.b y', '$1 $& c')).toBe('$1 $& c');
  });

  it('fills in what a regular expression has caught, seeing what is around it', () => {
    expect(first(query('(\\w+)Of', { regex: true }), 'let lossOf', '$1At')).toBe('lossAt');
    expect(first(query('(?<=let )(?<name>\\w+)', { regex: true }), 'let it = 1', '$<name>s')).toBe('its');
    expect(first(query('b$', { regex: true }), 'ab\nb', 'c')).toBe('c');
  });
});

describe('the next match', () => {
  const matches = findAll(query('loss'), pages);

  it('is the one at or after the cursor, and the first after the last', () => {
    const order = pages.map(({ id }) => id);
    expect(nextFrom(matches, order, { cell: 'a', at: 0 })).toBe(0);
    expect(nextFrom(matches, order, { cell: 'a', at: 3 })).toBe(1);
    expect(nextFrom(matches, order, { cell: 'a', at: 12 })).toBe(2);
    expect(nextFrom(matches, order, { cell: 'b', at: 31 })).toBe(0);
    expect(nextFrom([], order, { cell: 'b', at: 31 })).toBe(-1);
  });
});
