import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spread } from './labels.ts';

describe('spread', () => {
  it('leaves labels that do not touch where they are', () => {
    expect(spread([10, 90, 50], 15, 0, 100)).toEqual([10, 90, 50]);
  });

  it('moves touching labels apart evenly', () => {
    expect(spread([50, 50], 10, 0, 100)).toEqual([45, 55]);
    expect(spread([50, 52, 54], 10, 0, 100)).toEqual([42, 52, 62]);
  });

  it('shrinks the gap where there is no room', () => {
    expect(spread([0, 0, 0], 20, 0, 10)).toEqual([0, 5, 10]);
  });

  it('always parts them, in order, within the bounds', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { maxLength: 12 }), (places) => {
        const placed = spread(places, 15, 0, 200);
        const order = places.map((_, index) => index).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0) || a - b);
        const sorted = order.map((index) => placed[index] ?? 0);
        sorted.forEach((place, index) => {
          expect(place).toBeGreaterThanOrEqual(-1e-9);
          expect(place).toBeLessThanOrEqual(200 + 1e-9);
          if (index > 0) expect(place - (sorted[index - 1] ?? 0)).toBeGreaterThanOrEqual(15 - 1e-6);
        });
      }),
    );
  });
});
