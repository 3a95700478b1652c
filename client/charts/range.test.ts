import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { yRange } from './range.ts';

const plain = { robust: false, log: false };

describe('yRange', () => {
  it('holds every finite value, and ignores the others', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1 }), (values) => {
        const range = yRange([...values, Number.NaN, Number.POSITIVE_INFINITY], plain);
        const [low, high] = range ?? [1, 0];
        expect(low).toBeLessThan(high);
        for (const value of values) {
          expect(value).toBeGreaterThanOrEqual(low);
          expect(value).toBeLessThanOrEqual(high);
        }
      }),
    );
  });

  it('has room around a value that is all but nought', () => {
    expect(yRange([-5e-324], plain)).toEqual([-1, 1]);
    expect(yRange([0], plain)).toEqual([-1, 1]);
  });

  it('is nothing when nothing can be shown', () => {
    expect(yRange([], plain)).toBeNull();
    expect(yRange([Number.NaN], plain)).toBeNull();
    expect(yRange([-1, 0], { robust: false, log: true })).toBeNull();
  });

  it('leaves a single spike out when robust, and only then', () => {
    const values = [...Array.from({ length: 200 }, (_, index) => 1 + index / 200), 900];
    expect(yRange(values, { robust: true, log: false })?.[1]).toBeLessThan(3);
    expect(yRange(values, plain)?.[1]).toBeGreaterThan(900);
  });

  it('leaves out what lies beyond the outer hundredths by half of what is between them', () => {
    const value = fc.integer({ min: -1000, max: 1000 });
    const spike = fc.integer({ min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 20, maxLength: 400 }),
        fc.array(spike, { maxLength: 3 }),
        (most, few) => {
          const sorted = [...most, ...few].sort((a, b) => a - b);
          const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
          const [low, near, far, high] = [at(0), at(0.01), at(0.99), at(1)];
          const reach = (far - near) / 2;
          const kept = [near - low > reach ? near : low, high - far > reach ? far : high];
          expect(yRange([...few, ...most], { robust: true, log: false })).toEqual(yRange(kept, plain));
        },
      ),
    );
  });

  it('keeps the ends of a smooth curve even when robust', () => {
    const values = Array.from({ length: 200 }, (_, index) => index);
    const [low, high] = yRange(values, { robust: true, log: false }) ?? [1, 0];
    expect(low).toBeLessThanOrEqual(0);
    expect(high).toBeGreaterThanOrEqual(199);
  });

  it('begins at zero for a curve that ends near it, and not below', () => {
    expect(yRange([0.1, 2.3], plain)?.[0]).toBe(0);
    expect(yRange([0.97, 0.99], plain)?.[0]).toBeGreaterThan(0.9);
  });

  it('is positive on a log axis', () => {
    const [low, high] = yRange([-3, 0, 1e-6, 10], { robust: false, log: true }) ?? [0, 0];
    expect(low).toBeGreaterThan(0);
    expect(low).toBeLessThanOrEqual(1e-6);
    expect(high).toBeGreaterThanOrEqual(10);
  });
});
