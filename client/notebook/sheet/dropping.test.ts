import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leads } from './dropping.ts';

describe('where dragged cells come to stand', () => {
  const shown = ['a', 'b', 'c', 'd', 'e'];

  it('puts one after the cell above the gap', () => {
    expect(leads(shown, ['b'], 4)).toEqual({ after: 'd' });
    expect(leads(shown, ['d'], 0)).toEqual({ after: null });
    expect(leads(shown, ['d'], 1)).toEqual({ after: 'a' });
  });

  it('changes nothing in the gaps beside and within what is dragged', () => {
    for (const gap of [1, 2, 3]) expect(leads(shown, ['b', 'c'], gap)).toBeNull();
    expect(leads(shown, shown, 2)).toBeNull();
  });

  it('never names one of those that are dragged', () => {
    expect(leads(shown, ['d', 'e'], 0)).toEqual({ after: null });
    expect(leads(shown, ['b', 'c'], 5)).toEqual({ after: 'e' });
  });

  it('keeps what is dragged together, in order, at the gap', () => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(ids, fc.nat(), fc.nat(), fc.nat(), (all, first, length, at) => {
        const from = first % all.length;
        const moving = all.slice(from, from + 1 + (length % all.length));
        const gap = at % (all.length + 1);
        const target = leads(all, moving, gap);
        const left = all.filter((id) => !moving.includes(id));
        const place = target === null ? from : target.after === null ? 0 : left.indexOf(target.after) + 1;
        // As many of the others stand above as stood above the gap.
        expect(place).toBe(all.slice(0, gap).filter((id) => !moving.includes(id)).length);
      }),
    );
  });
});
