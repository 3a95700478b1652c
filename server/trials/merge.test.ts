import { fromWire } from '@trialroom/shared/trial/points';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Columns, glanceAt, readWindow, SPARK_POINTS } from './merge.ts';

const columnsOf = (values: readonly number[]): Columns => ({
  steps: Float64Array.from(values, (_, i) => i),
  walls: Float64Array.from(values, (_, i) => 1000 + i),
  values: Float64Array.from(values),
  length: values.length,
});
// Zero has one sign here: which of two equal extremes stays is nobody's business.
const anyValue = fc.oneof(
  { weight: 20, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) },
);
const values = fc.array(anyValue, { minLength: 1, maxLength: 600 });
const width = fc.integer({ min: 1, max: 60 });
const finite = (list: readonly number[]): number[] => list.filter(Number.isFinite);

describe('a window of a series', () => {
  test('gives only points that were logged, in order, ends and extremes among them', () => {
    fc.assert(
      fc.property(values, width, (list, pixels) => {
        const { points, total } = readWindow('loss', columnsOf(list), { width: pixels });
        const steps = points.steps.map(fromWire);
        expect(total).toBe(list.length);
        expect(steps).toEqual([...steps].sort((a, b) => a - b));
        expect(new Set(steps).size).toBe(steps.length);
        steps.forEach((step, i) => {
          expect(fromWire(points.values[i] ?? 'NaN')).toBe(list[step]);
          expect(points.walls[i]).toBe(1000 + step);
        });
        expect([steps[0], steps.at(-1)]).toEqual([0, list.length - 1]);
        const shown = finite(points.values.map(fromWire));
        if (shown.length > 0) {
          expect(Math.min(...shown)).toBe(Math.min(...finite(list)));
          expect(Math.max(...shown)).toBe(Math.max(...finite(list)));
        }
      }),
    );
  });

  test('is whole while it has at most twice as many points as pixels, and bounded beyond', () => {
    fc.assert(
      fc.property(values, width, (list, pixels) => {
        const { points } = readWindow('loss', columnsOf(list), { width: pixels });
        if (list.length <= 2 * pixels) expect(points.values).toHaveLength(list.length);
        expect(points.values.length).toBeLessThanOrEqual(Math.max(2 * pixels, 8 * pixels + 2));
      }),
    );
  });

  test('keeps every value that is not finite at its step while they are few, and each kind when they are many', () => {
    fc.assert(
      fc.property(values, width, (list, pixels) => {
        const { points } = readWindow('loss', columnsOf(list), { width: pixels });
        const steps = new Set(points.steps.map(fromWire));
        const odd = list.flatMap((value, step) => (Number.isFinite(value) ? [] : [step]));
        if (odd.length <= pixels) for (const step of odd) expect(steps).toContain(step);
        const kinds = (of: readonly number[]): Set<string> =>
          new Set(of.filter((v) => !Number.isFinite(v)).map(String));
        expect(kinds(points.values.map(fromWire))).toEqual(kinds(list));
      }),
    );
    const diverged = Array.from({ length: 5000 }, (_, i) => (i < 1234 ? 1 / (i + 1) : Number.NaN));
    const { points } = readWindow('loss', columnsOf(diverged), { width: 50 });
    expect(points.steps[points.values.indexOf('NaN')]).toBe(1234);
  });

  test('holds the steps from `from` to `to`, both included, and counts only these', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: -5, max: 620 }), fc.integer({ min: 0, max: 620 }), (list, from, span) => {
        const { points, total } = readWindow('loss', columnsOf(list), { from, to: from + span, width: 2000 });
        const expected = list.map((_, step) => step).filter((step) => step >= from && step <= from + span);
        expect(points.steps).toEqual(expected);
        expect(total).toBe(expected.length);
      }),
    );
  });
});

describe('a glance', () => {
  test('says the newest value and is short, with extremes kept', () => {
    expect(glanceAt('loss', columnsOf([]))).toBeUndefined();
    fc.assert(
      fc.property(values, (list) => {
        const glance = glanceAt('loss', columnsOf(list));
        expect(glance).toMatchObject({ key: 'loss', count: list.length, lastStep: list.length - 1 });
        expect(fromWire(glance?.last ?? 0)).toBe(list.at(-1));
        const shown = glance?.spark.values.map(fromWire) ?? [];
        expect(shown.length).toBeLessThanOrEqual(SPARK_POINTS);
        if (finite(list).length > 0) expect(Math.max(...finite(shown))).toBe(Math.max(...finite(list)));
      }),
    );
  });
});
