import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Box, boxAt, gapsOf, rangesAt } from './sheet-places.ts';

/** Cells of these heights, one below the other. */
function stacked(heights: readonly number[], top = 0): Box[] {
  let y = top;
  return heights.map((height, index) => {
    const box = { id: `c${index}`, index, top: y, bottom: y + height };
    y += height;
    return box;
  });
}

describe('gaps for what is not drawn', () => {
  it('stand before what is drawn, and at the end', () => {
    const gaps = gapsOf(['a', 'b', 'c', 'd', 'e'], new Set(['c']), () => 10);
    expect([...gaps]).toEqual([
      ['c', 20],
      [null, 20],
    ]);
    expect(gapsOf(['a', 'b'], new Set(['a', 'b']), () => 10).size).toBe(0);
  });

  it('are as high together as what is not drawn', () => {
    const cells = fc.array(fc.record({ height: fc.integer({ min: 1, max: 500 }), drawn: fc.boolean() }));
    fc.assert(
      fc.property(cells, (all) => {
        const ids = all.map((_, index) => `c${index}`);
        const drawn = new Set(ids.filter((_, index) => all[index]?.drawn));
        const gaps = gapsOf(ids, drawn, (id) => all[ids.indexOf(id)]?.height ?? 0);
        const missing = all.reduce((sum, { height, drawn: there }) => sum + (there ? 0 : height), 0);
        expect([...gaps.values()].reduce((sum, height) => sum + height, 0)).toBe(missing);
      }),
    );
  });
});

describe('cells near the screen', () => {
  it('are those that the screen and its margins touch', () => {
    const boxes = stacked([100, 100, 100, 100, 100, 100], -250);
    expect(rangesAt(boxes, 150, [0, 100])).toEqual([
      [2, 4],
      [1, 5],
    ]);
  });

  it('are none where all is above or below', () => {
    expect(rangesAt(stacked([100, 100], -1000), 500, [0])).toEqual([[2, 2]]);
    expect(rangesAt(stacked([100, 100], 1000), 500, [0])).toEqual([[0, 0]]);
    expect(rangesAt([], 500, [0, 100])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

describe('the cell at a height', () => {
  it('is the one there, or the nearest', () => {
    const boxes = stacked([100, 100], 50);
    expect(boxAt(boxes, 149)?.id).toBe('c0');
    expect(boxAt(boxes, 150)?.id).toBe('c1');
    expect(boxAt(boxes, 0)?.id).toBe('c0');
    expect(boxAt(boxes, 900)?.id).toBe('c1');
    expect(boxAt([], 0)).toBeUndefined();
  });
});
