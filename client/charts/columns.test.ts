import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnOf, unionOf } from './columns.ts';

const xs = fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 40 });

describe('lines side by side', () => {
  it('have all x of any, ascending, each once, whatever order they come in', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            xs,
            xs.map((list) => list.toSorted((a, b) => a - b)),
          ),
          { maxLength: 4 },
        ),
        (lists) => {
          expect(unionOf(lists)).toEqual([...new Set(lists.flat())].sort((a, b) => a - b));
        },
      ),
    );
    expect(unionOf([])).toEqual([]);
  });

  it('have their values at their places', () => {
    expect(columnOf([1, 2, 3, 4], [2, 4], [7, Number.NaN], false)).toEqual([null, 7, null, null]);
    expect(columnOf([1, 2], [1, 2], [0, 3], true)).toEqual([null, 3]);
  });
});
