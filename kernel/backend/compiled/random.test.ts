import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TensorFlow } from '../tensorflow.ts';
import { fill, recognize } from './random.ts';
import { referenceTensorFlow } from './testing.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = await referenceTensorFlow();
});

/** What TensorFlow.js draws when `Math.random` gives `seed`. */
function drawn(seed: number, draw: () => ReturnType<TensorFlow['randomUniform']>): Float32Array {
  const { random } = Math;
  Math.random = () => seed;
  try {
    return tf.tidy(() => Float32Array.from(draw().dataSync()));
  } finally {
    Math.random = random;
  }
}

const seeds = fc.double({ min: 1e-6, max: 1, maxExcluded: true, noNaN: true });
const sizes = fc.integer({ min: 2, max: 400 });
const RUNS = { numRuns: 40 };

describe('numbers drawn by TensorFlow.js', () => {
  it('are known again, and drawn to the bit from another seed', () => {
    fc.assert(
      fc.property(
        seeds,
        seeds,
        sizes,
        fc.integer({ min: -5, max: 5 }),
        fc.integer({ min: 1, max: 40 }),
        (seed, other, size, from, tenths) => {
          const span = tenths / 10;
          const makers = [
            ['uniform', () => tf.randomUniform([size], from, from + span)],
            ['normal', () => tf.randomNormal([size], from, span)],
            ['truncated normal', () => tf.truncatedNormal([size], from, span)],
          ] as const;
          for (const [kind, make] of makers) {
            const draw = recognize(drawn(seed, make), seed, kind);
            if (!draw) throw new Error(`not known: ${make}`);
            const values = new Float32Array(size);
            fill(values, draw, other);
            expect(values).toEqual(drawn(other, make));
          }
        },
      ),
      RUNS,
    );
  });

  it('are known again where they are of a gamma distribution', () => {
    const shapes = fc.oneof(
      fc.integer({ min: 1, max: 99 }),
      fc.integer({ min: 1, max: 20 }).map((n) => n * 10),
    );
    fc.assert(
      fc.property(
        seeds,
        seeds,
        fc.integer({ min: 3, max: 400 }),
        shapes,
        fc.integer({ min: 1, max: 40 }),
        (seed, other, size, tenths, rates) => {
          const make = () => tf.randomGamma([size], tenths / 10, rates / 4);
          const draw = recognize(drawn(seed, make), seed, 'gamma');
          if (!draw) throw new Error('not known');
          const values = new Float32Array(size);
          fill(values, draw, other);
          expect(values).toEqual(drawn(other, make));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('are known by one number alone in the usual cases', () => {
    for (const make of [() => tf.randomUniform([1]), () => tf.randomNormal([1], 0, 0.1)]) {
      const draw = recognize(drawn(0.37, make), 0.37);
      const values = new Float32Array(1);
      if (draw) fill(values, draw, 0.61);
      expect(values).toEqual(drawn(0.61, make));
    }
  });

  it('are not what other code writes', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 4, maxLength: 50 }),
        (seed, values) => {
          expect(
            recognize(
              Float32Array.from(values, (value, index) => value + index),
              seed,
            ),
          ).toBeUndefined();
        },
      ),
      RUNS,
    );
  });
});
