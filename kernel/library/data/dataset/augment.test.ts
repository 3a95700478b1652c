import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { augmenters } from './augment.ts';
import { randomOf } from './chance.ts';
import type { Augment } from './plan.ts';

const image = (height: number, width: number, channels = 1): Float32Array =>
  Float32Array.from({ length: height * width * channels }, (_, index) => index + 1);

/** An image changed as by one draw. */
function changed(augment: Augment, shape: readonly number[], values: Float32Array, seed: number): Float32Array {
  const [change] = augmenters(augment, [{ shape, dtype: 'float32' }]);
  const copy = Float32Array.from(values);
  change?.(copy, 0, randomOf(seed));
  return copy;
}

const seeds = Array.from({ length: 40 }, (_, seed) => seed);
/** All that come of many draws, as text. */
const outcomes = (augment: Augment, shape: readonly number[], values: Float32Array): Set<string> =>
  new Set(seeds.map((seed) => changed(augment, shape, values, seed).join()));

describe('changing images by chance', () => {
  it('mirrors exactly, one in two', () => {
    const square = image(2, 2);
    expect(outcomes({ flip: 'horizontal' }, [2, 2, 1], square)).toEqual(new Set(['1,2,3,4', '2,1,4,3']));
    expect(outcomes({ flip: 'vertical' }, [2, 2, 1], square)).toEqual(new Set(['1,2,3,4', '3,4,1,2']));
    expect(outcomes({ flip: 'both' }, [2, 2, 1], square).size).toBe(4);
    expect(outcomes({ flip: 'horizontal' }, [1, 2, 2], image(1, 2, 2))).toEqual(new Set(['1,2,3,4', '3,4,1,2']));
  });

  it('moves by whole pixels, and fills what comes in', () => {
    expect(outcomes({ shift: 1, fill: 9 }, [1, 3, 1], image(1, 3))).toEqual(new Set(['1,2,3', '9,1,2', '2,3,9']));
    expect(outcomes({ shift: 1 }, [2, 2, 1], image(2, 2)).size).toBe(9);
  });

  it('moves and mirrors series along time', () => {
    expect(outcomes({ shift: 1 }, [3, 1], image(3, 1))).toEqual(new Set(['1,2,3', '0,1,2', '2,3,0']));
    expect(outcomes({ flip: 'horizontal' }, [2, 2], image(2, 2))).toEqual(new Set(['1,2,3,4', '3,4,1,2']));
  });

  it('turns about the middle', () => {
    const cross = Float32Array.of(0, 1, 0, 0, 5, 0, 0, 0, 0);
    for (const seed of seeds) {
      const turned = changed({ rotate: 180 }, [3, 3, 1], cross, seed);
      expect(turned[4]).toBeCloseTo(5, 4);
      expect(Math.abs(turned.reduce((sum, value) => sum + value, 0) - 6)).toBeLessThan(2.5);
    }
    const quarter = seeds.map((seed) => changed({ rotate: 90 }, [3, 3, 1], cross, seed));
    expect(new Set(quarter.map((values) => values.join())).size).toBeGreaterThan(30);
  });

  it('never leaves the range of what was there and what fills it', () => {
    const some = fc.record(
      {
        flip: fc.constantFrom('horizontal', 'vertical', 'both' as const),
        shift: fc.nat(3),
        rotate: fc.integer({ min: 0, max: 180 }),
        crop: fc.double({ min: 0.1, max: 1, noNaN: true }),
        erase: fc.double({ min: 0, max: 1, noNaN: true }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        some,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(),
        (augment, h, w, seed) => {
          const before = image(h, w);
          const { flip, ...others } = augment;
          const flips = flip === 'vertical' || flip === 'both' || flip === 'horizontal' ? { flip } : {};
          for (const value of changed({ ...others, ...flips, noise: 0.0001 }, [h, w, 1], before, seed)) {
            expect(value).toBeGreaterThan(-0.01);
            expect(value).toBeLessThan(h * w + 0.01);
          }
          expect(changed({ ...others, ...flips }, [h, w, 1], before, seed)).toEqual(
            changed({ ...others, ...flips }, [h, w, 1], before, seed),
          );
        },
      ),
    );
  });

  it('adds noise of the deviation asked for, and changes light', () => {
    const noisy = changed({ noise: 2 }, [10_000], new Float32Array(10_000), 1);
    const mean = noisy.reduce((sum, value) => sum + value, 0) / noisy.length;
    const deviation = Math.sqrt(noisy.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noisy.length);
    expect(Math.abs(mean)).toBeLessThan(0.1);
    expect(deviation).toBeCloseTo(2, 1);
    const bright = changed({ brightness: 0.5 }, [2, 2, 1], image(2, 2), 3);
    const added = (bright[0] ?? 0) - 1;
    expect(Math.abs(added)).toBeLessThanOrEqual(0.5);
    for (const [index, value] of bright.entries()) expect(value).toBeCloseTo(index + 1 + added, 5);
    const flat = changed({ contrast: 1 }, [2, 2, 1], new Float32Array(4).fill(3), 3);
    expect([...flat]).toEqual([3, 3, 3, 3]);
  });

  it('leaves inputs alone that it does not concern', () => {
    const changes = augmenters({ flip: 'both' }, [
      { shape: [4], dtype: 'float32' },
      { shape: [2, 2, 1], dtype: 'float32' },
      { shape: [2, 2, 1], dtype: 'int32' },
    ]);
    expect(changes.map((change) => change === undefined)).toEqual([true, false, true]);
  });
});
