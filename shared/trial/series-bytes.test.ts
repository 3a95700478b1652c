import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSeries, type TrialSeries, writeSeries } from './series-bytes.ts';

const whole = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
/** Beside what takes four bytes, what nearly does. */
const number = fc.oneof(whole, fc.double(), fc.constantFrom(-0, 2 ** 31, -(2 ** 31) - 1, 1.7e12, Number.NaN));

const series: fc.Arbitrary<TrialSeries> = fc
  .record({
    trial: fc.string(),
    key: fc.string({ unit: 'grapheme' }),
    total: fc.nat(),
    points: fc.oneof(
      fc.array(fc.tuple(number, number, number, number), { maxLength: 30 }),
      fc.array(fc.tuple(whole, whole, whole, whole), { maxLength: 30 }),
    ),
    onSteps: fc.boolean(),
    walled: fc.boolean(),
  })
  .map(({ points, onSteps, walled, ...rest }) => {
    const column = (nth: number): Float64Array => Float64Array.from(points, (point) => point[nth] ?? 0);
    return {
      ...rest,
      steps: column(0),
      xs: column(onSteps ? 0 : 1),
      values: column(2),
      ...(walled ? { walls: column(3) } : {}),
    };
  });

test('series come out of their bytes exactly as they went in, signs of zero included', () => {
  fc.assert(
    fc.property(fc.array(series, { maxLength: 5 }), (given) => {
      const bytes = writeSeries(given);
      expect(readSeries(bytes)).toEqual(given);
      // What is received need not begin at an eighth byte.
      const shifted = new Uint8Array(bytes.length + 3);
      shifted.set(bytes, 3);
      expect(readSeries(shifted.subarray(3))).toEqual(given);
    }),
  );
});

test('steps that are whole take four bytes, and are said once', () => {
  const steps = Float64Array.from({ length: 1000 }, (_, i) => i);
  const one = { trial: 't', key: 'k', total: 1000, steps, xs: steps.slice(), values: steps.map((step) => step / 3) };
  const head = writeSeries([
    { ...one, steps: steps.slice(0, 0), xs: steps.slice(0, 0), values: steps.slice(0, 0) },
  ]).length;
  expect(writeSeries([one]).length - head).toBeLessThan(1000 * 12 + 16);
});

test('what is cut off or something else is refused', () => {
  const steps = Float64Array.of(1, 2, 3);
  const bytes = writeSeries([{ trial: 't', key: 'k', total: 3, steps, xs: steps, values: Float64Array.of(0.5, 1, 2) }]);
  for (const length of [0, 3, 4, 40, bytes.length - 1]) {
    expect(() => readSeries(bytes.slice(0, length)), String(length)).toThrow();
  }
  expect(() => readSeries(new TextEncoder().encode('{"error":"no-trial"}'))).toThrow();
});
