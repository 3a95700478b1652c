import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heatOf, peakOf, ticksOf } from './heat.ts';

const histogram = fc
  .record({
    low: fc.double({ min: -1e300, max: 1e300, noNaN: true }),
    width: fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
    counts: fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 20 }),
  })
  .map(({ low, width, counts }) => ({
    counts,
    // Wide enough to be more than what rounding leaves of it.
    edges: counts
      .map((_, at) => low + at * width * Math.max(1, Math.abs(low)))
      .concat(low + counts.length * width * Math.max(1, Math.abs(low))),
  }));

describe('histograms over steps', () => {
  it('keep each one’s values, and lie within the picture, side by side', () => {
    fc.assert(
      fc.property(fc.array(histogram, { minLength: 1, maxLength: 8 }), (all) => {
        const heat = heatOf(all.map((one, step) => ({ ...one, step })));
        const there = all.filter(({ counts }) => counts.some((count) => count > 0));
        if (there.length === 0) return expect(heat).toBeNull();
        const columns = new Map<number, number>();
        for (const { left, right, low, high, dense } of heat?.patches ?? []) {
          expect(left).toBeGreaterThanOrEqual(0);
          expect(right).toBeGreaterThanOrEqual(left);
          expect(right).toBeLessThanOrEqual(1);
          expect(low).toBeGreaterThanOrEqual(-1e-9);
          expect(high).toBeLessThanOrEqual(1 + 1e-9);
          expect(dense).toBeGreaterThan(0);
          expect(dense).toBeLessThanOrEqual(1);
          columns.set(left, (columns.get(left) ?? 0) + dense);
        }
        // Each histogram counts as one, however many values it has.
        const areas = [...columns.values()];
        expect(columns.size).toBe(there.length);
        for (const area of areas) expect(area / (areas[0] ?? 1)).toBeCloseTo(1, 6);
      }),
    );
  });

  it('stand half-way to their neighbours', () => {
    const heat = heatOf([0, 10, 40].map((step) => ({ step, edges: [-1, 1], counts: [3] })));
    const sides = new Set(heat?.patches.map(({ left, right }) => `${left} ${right}`));
    expect([...sides].map((side) => side.split(' ').map(Number))).toEqual([
      [0, 0.125],
      [0.125, 0.625],
      [0.625, 1],
    ]);
    expect(heat?.values).toMatchObject({ from: -1, to: 1, ticks: [-1, -0.5, 0, 0.5, 1] });
    expect(ticksOf(3, 9).ticks).toEqual([4, 6, 8]);
  });

  it('peak where they are densest, not where a bin is wide', () => {
    expect(peakOf({ edges: [0, 1, 101], counts: [10, 20] })).toEqual({ total: 30, from: 0, to: 1 });
    expect(peakOf({ edges: [0, 1], counts: [0] })).toBeNull();
    expect(peakOf({ edges: [], counts: [] })).toBeNull();
  });
});
