import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { all, chosen, extend, extendTo, follow, NOTHING, only, type Selection } from './selection.ts';

const IDS = ['a', 'b', 'c', 'd', 'e'];

describe('a selection of cells', () => {
  it('is one cell, or a stretch in the order shown, whichever way it was made', () => {
    expect(chosen(only('c'), IDS)).toEqual(['c']);
    expect(chosen({ anchor: 'd', head: 'b' }, IDS)).toEqual(['b', 'c', 'd']);
    expect(chosen(extendTo(only('b'), 'd'), IDS)).toEqual(['b', 'c', 'd']);
    expect(chosen(all(IDS), IDS)).toEqual(IDS);
    expect(chosen(NOTHING, IDS)).toEqual([]);
    expect(chosen({ anchor: 'gone', head: 'b' }, IDS)).toEqual(['b']);
  });

  it('grows and shrinks by its head and stops at the ends', () => {
    let now: Selection = only('d');
    now = extend(now, IDS, 1);
    expect(chosen(now, IDS)).toEqual(['d', 'e']);
    expect(extend(now, IDS, 1)).toBe(now);
    now = extend(extend(now, IDS, -1), IDS, -1);
    expect(chosen(now, IDS)).toEqual(['c', 'd']);
  });

  it('goes to the cell that takes the place of those deleted', () => {
    expect(follow(only('b'), IDS, ['a', 'c', 'd', 'e'])).toEqual(only('c'));
    expect(follow({ anchor: 'b', head: 'd' }, IDS, ['a', 'e'])).toEqual(only('e'));
    expect(follow({ anchor: 'd', head: 'e' }, IDS, ['a', 'b', 'c'])).toEqual(only('c'));
    expect(follow({ anchor: 'b', head: 'd' }, IDS, ['a', 'c', 'd', 'e'])).toEqual(only('d'));
    expect(follow(only('a'), IDS, [])).toEqual(NOTHING);
    expect(follow(NOTHING, [], ['x', 'y'])).toEqual(only('x'));
  });

  it('always has its head among the cells there are', () => {
    const order = fc.shuffledSubarray(IDS);
    const place = fc.constantFrom(...IDS);
    fc.assert(
      fc.property(place, place, order, (anchor, head, now) => {
        const after = follow({ anchor, head }, IDS, now);
        if (now.length === 0) expect(after).toEqual(NOTHING);
        else expect(now).toContain(after.head);
        expect(chosen(after, now).length).toBeGreaterThanOrEqual(Math.min(1, now.length));
      }),
    );
  });
});
