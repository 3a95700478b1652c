import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantile } from './report.ts';

describe('quantile', () => {
  it('is the median, the extremes, and interpolates between', () => {
    expect(quantile([3, 1, 2], 0.5)).toBe(2);
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([5, 1], 0)).toBe(1);
    expect(quantile([5, 1], 1)).toBe(5);
  });
  it('grows with q and stays within the values', () => {
    const values = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1 });
    fc.assert(
      fc.property(
        values,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (list, a, b) => {
          const [low, high] = a < b ? [a, b] : [b, a];
          expect(quantile(list, low)).toBeLessThanOrEqual(quantile(list, high));
          expect(quantile(list, low)).toBeGreaterThanOrEqual(Math.min(...list));
          expect(quantile(list, high)).toBeLessThanOrEqual(Math.max(...list));
        },
      ),
    );
  });
  it('refuses nothing', () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });
});
