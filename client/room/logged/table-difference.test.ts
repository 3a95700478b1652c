import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differenceOf, plainRows, sortedBy } from './table-difference.ts';

const cell = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom('a', 'b', 'NaN', ''), fc.constant(null));
const table = fc.record({
  columns: fc.uniqueArray(fc.constantFrom('id', 'score', 'label'), { minLength: 1 }),
  rows: fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { maxLength: 12 }),
});

describe('two logged tables', () => {
  it('are compared row by row, by their first cell', () => {
    const before = {
      columns: ['class', 'recall', 'old'],
      rows: [
        ['cat', 0.5, 1],
        ['dog', 0.7, 1],
        ['owl', 1, 1],
      ],
    };
    const after = {
      columns: ['class', 'recall'],
      rows: [
        ['dog', 0.8],
        ['cat', 0.5],
        ['fox', 0.1],
      ],
    };
    expect(differenceOf(before, after)).toEqual({
      columns: ['class', 'recall', 'old'],
      repeated: 0,
      rows: [
        { state: 'changed', cells: [{ value: 'dog' }, { value: 0.8, was: 0.7 }, { value: null, was: 1 }] },
        { state: 'changed', cells: [{ value: 'cat' }, { value: 0.5 }, { value: null, was: 1 }] },
        { state: 'added', cells: [{ value: 'fox' }, { value: 0.1 }, { value: null }] },
        { state: 'removed', cells: [{ value: 'owl' }, { value: 1 }, { value: 1 }] },
      ],
    });
  });

  it('lose no row and make up none, and do not differ from themselves', () => {
    fc.assert(
      fc.property(table, table, (before, after) => {
        const { rows } = differenceOf(before, after);
        const of = (...states: string[]) => rows.filter(({ state }) => states.includes(state)).length;
        expect(of('same', 'changed', 'added')).toBe(after.rows.length);
        expect(of('same', 'changed', 'removed')).toBe(before.rows.length);
        expect(differenceOf(after, after).rows.every(({ state }) => state === 'same')).toBe(true);
      }),
    );
  });

  it('are sorted by value, with what has none at the end either way', () => {
    const rows = plainRows({ columns: ['x'], rows: [['NaN'], ['b'], [10], [null], [9], ['Infinity'], ['a']] });
    const values = (descending: boolean) => sortedBy(rows, 0, descending).map(({ cells }) => cells[0]?.value);
    expect(values(false)).toEqual([9, 10, 'Infinity', 'a', 'b', 'NaN', null]);
    expect(values(true)).toEqual(['Infinity', 10, 9, 'b', 'a', 'NaN', null]);
  });
});
