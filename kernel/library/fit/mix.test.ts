import fc from 'fast-check';
import { expect, it } from 'vitest';
import { randomOf } from '../data/dataset/chance.ts';
import type { HostBatch } from '../data/source.ts';
import { beta, mixingOf, mixup } from './mix.ts';

const column = (values: number[]): HostBatch['inputs'][number] => ({
  dtype: 'float32',
  shape: [values.length, 1],
  values: Float32Array.from(values),
});

it('mixes inputs, targets and weights by the same share, and examples of the batch alone', () => {
  const values = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(values, fc.nat(1000), fc.double({ min: 0.05, max: 5, noNaN: true }), (numbers, seed, alpha) => {
      const inputs = column(numbers);
      const targets = column(numbers.map((value) => 2 * value + 1));
      const whole: HostBatch = {
        index: 0,
        size: numbers.length,
        inputs: [inputs],
        targets: [targets],
        weights: inputs,
      };
      const mixed = mixup(whole, alpha, mixingOf(seed, 1, 2));
      const [x, y, w] = [mixed.inputs[0]?.values, mixed.targets[0]?.values, mixed.weights?.values];
      const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
      for (let row = 0; row < numbers.length; row++) {
        const value = x?.[row] ?? Number.NaN;
        expect(value).toBeGreaterThanOrEqual(least - 1e-5);
        expect(value).toBeLessThanOrEqual(most + 1e-5);
        // A mean goes through a straight line unharmed.
        expect(y?.[row]).toBeCloseTo(2 * value + 1, 4);
        expect(w?.[row]).toBe(value);
      }
      expect(mixup(whole, alpha, mixingOf(seed, 1, 2))).toEqual(mixed);
    }),
  );
});

it.each([0.2, 1, 4])('draws shares with the mean and the spread of Beta(%d, %d)', (alpha) => {
  const random = randomOf(1, alpha * 10);
  const draws = Array.from({ length: 20_000 }, () => beta(alpha, random));
  const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
  const variance = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length;
  const spread = 1 / (4 * (2 * alpha + 1));
  // Six standard deviations of a mean of so many.
  expect(Math.abs(mean - 0.5)).toBeLessThan(6 * Math.sqrt(spread / draws.length));
  expect(Math.abs(variance / spread - 1)).toBeLessThan(0.05);
});
