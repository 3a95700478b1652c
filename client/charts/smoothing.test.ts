import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { envelope, smooth } from './smoothing.ts';

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });

describe('smooth', () => {
  it('is debiased: a constant stays the constant from its first point', () => {
    fc.assert(
      fc.property(finite, fc.double({ min: 0, max: 0.99, noNaN: true }), (value, weight) => {
        for (const average of smooth(Array(20).fill(value), weight)) {
          expect(Math.abs(average - value)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(value)));
        }
      }),
    );
  });

  it('follows the textbook: weights w, debiased by 1 − wⁿ', () => {
    const [first, second, third] = smooth([1, 2, 4], 0.5);
    expect(first).toBeCloseTo(1, 12);
    expect(second).toBeCloseTo((0.5 * 0.5 * 1 + 0.5 * 2) / 0.75, 12);
    expect(third).toBeCloseTo((0.5 * (0.5 * 0.5 * 1 + 0.5 * 2) + 0.5 * 4) / 0.875, 12);
  });

  it('stays within what it has seen', () => {
    fc.assert(
      fc.property(
        fc.array(finite, { minLength: 1 }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (values, weight) => {
          smooth(values, weight).forEach((average, index) => {
            const seen = values.slice(0, index + 1);
            const slack = 1e-6 * Math.max(1, ...seen.map(Math.abs));
            expect(average).toBeGreaterThanOrEqual(Math.min(...seen) - slack);
            expect(average).toBeLessThanOrEqual(Math.max(...seen) + slack);
          });
        },
      ),
    );
  });

  it('neither hides nor spreads what is not finite', () => {
    const values = [1, Number.NaN, 1, Number.POSITIVE_INFINITY, 1];
    expect(smooth(values, 0.9).map((value) => Math.round(value * 1e9) / 1e9)).toEqual(values);
  });

  it('goes on where it was when values are added, and begins anew for other weights', () => {
    const values = fc.array(fc.oneof(finite, fc.constant(Number.NaN)), { maxLength: 30 });
    fc.assert(
      fc.property(values, values, fc.constantFrom(0.3, 0.9), (first, more, weight) => {
        const growing = [...first];
        smooth(growing, weight);
        growing.push(...more);
        expect(smooth(growing, weight)).toEqual(smooth([...first, ...more], weight));
        expect(smooth(growing, 0.5)).toEqual(smooth([...first, ...more], 0.5));
      }),
    );
  });

  it('changes nothing with weight 0', () => {
    expect(smooth([3, 1, 2], 0)).toEqual([3, 1, 2]);
  });
});

describe('envelope', () => {
  it('covers every point and its neighbours', () => {
    expect(envelope([1, 5, 2, Number.NaN, 4])).toEqual({ low: [1, 1, 2, 2, 4], high: [5, 5, 5, 4, 4] });
  });

  it('has nothing to cover where nothing is finite', () => {
    expect(envelope([Number.NaN])).toEqual({ low: [Number.NaN], high: [Number.NaN] });
  });
});
