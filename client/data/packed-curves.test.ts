import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { curveOf, questionsOf } from './packed-curves.ts';

describe('questions about many curves', () => {
  test('hold every pair of a trial and a metric once, and no more than one answer may', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 200 }), (trials, keys) => {
        const names = (count: number, of: string) => Array.from({ length: count }, (_, i) => `${of}${i}`);
        const questions = questionsOf(names(trials, 't'), names(keys, 'k'));
        const pairs = questions.flatMap((one) =>
          one.trials.flatMap((trial) => one.keys.map((key) => `${trial} ${key}`)),
        );
        expect(new Set(pairs).size).toBe(trials * keys);
        expect(pairs.length).toBe(trials * keys);
        for (const one of questions) {
          expect(one.keys.length).toBeLessThanOrEqual(64);
          expect(one.trials.length * one.keys.length).toBeLessThanOrEqual(200);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('a packed curve', () => {
  test('keeps what is no number, and says that points were merged', () => {
    const steps = Float64Array.of(1, 2);
    const series = {
      ...{ trial: 'a', key: 'loss', total: 900, steps, xs: steps },
      values: Float64Array.of(Number.NaN, -Infinity),
      walls: Float64Array.of(10, 20),
    };
    expect(curveOf(series)).toEqual({
      ...{ key: 'loss', steps: [1, 2], walls: [10, 20], values: [Number.NaN, -Infinity], total: 900, mergedTo: 2 },
    });
    expect(curveOf({ ...series, total: 2 }).mergedTo).toBe(-Infinity);
  });

  test('leaves out points that stand at no step', () => {
    const odd = Float64Array.of(Number.NaN, 3);
    const { steps, walls, values } = curveOf({
      ...{ trial: 'a', key: 'k', total: 2, steps: odd, xs: odd },
      values: Float64Array.of(7, 8),
      walls: Float64Array.of(1, 2),
    });
    expect([steps, walls, values]).toEqual([[3], [2], [8]]);
  });
});
