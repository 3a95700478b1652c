import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendPoints, type Curve, curvesOf, HELD, mergePoints, shownOf } from './curves.ts';

const points = (key: string, steps: number[], values: (number | 'NaN' | 'Infinity')[]) => ({
  key,
  steps,
  walls: steps.map((step) => step * 10),
  values,
});

describe('curves', () => {
  it('count what is told by its extremes only', () => {
    const curves = curvesOf([]);
    appendPoints(curves, [{ ...points('loss', [1, 900], [3, 2]), total: 1000 }]);
    appendPoints(curves, [points('loss', [1001], [1])]);
    expect(curves.get('loss')).toMatchObject({ total: 1001, mergedTo: 900, steps: [1, 900, 1001] });
  });

  it('come from a snapshot, and say what was merged', () => {
    const curves = curvesOf([
      { points: points('loss', [1, 50], [3, 2]), total: 96_000 },
      { points: points('lr', [1], [0.1]), total: 1 },
    ]);
    expect(curves.get('loss')).toMatchObject({ total: 96_000, mergedTo: 50 });
    expect(curves.get('lr')).toMatchObject({ total: 1, mergedTo: Number.NEGATIVE_INFINITY });
    expect(shownOf(curves.values())).toEqual({ shown: 3, total: 96_001 });
  });

  it('keep words for numbers that JSON has not', () => {
    const curves = curvesOf([{ points: points('loss', [1, 2], ['NaN', 'Infinity']), total: 2 }]);
    expect(curves.get('loss')?.values).toEqual([Number.NaN, Number.POSITIVE_INFINITY]);
  });

  it('grow, begin, and are put in order when points come late', () => {
    const curves = curvesOf([{ points: points('loss', [1, 5], [1, 5]), total: 2 }]);
    appendPoints(curves, [points('loss', [3, 7], [3, 7]), points('accuracy', [1], [0.5])]);
    expect(curves.get('loss')).toMatchObject({
      steps: [1, 3, 5, 7],
      values: [1, 3, 5, 7],
      walls: [10, 30, 50, 70],
      total: 4,
    });
    expect(curves.get('accuracy')?.total).toBe(1);
  });

  it('take only what falls into a window', () => {
    const curves = new Map<string, Curve>();
    appendPoints(curves, [points('loss', [1, 2, 3, 4], [1, 2, 3, 4])], { from: 2, to: 3 });
    expect(curves.get('loss')?.steps).toEqual([2, 3]);
  });

  it('stay small however long a run gets, and count what they no longer hold', () => {
    const curves = new Map<string, Curve>();
    const count = HELD * 3 + 17;
    for (let from = 0; from < count; from += 100) {
      const steps = Array.from({ length: Math.min(100, count - from) }, (_, index) => from + index);
      appendPoints(curves, [points('loss', steps, steps)]);
    }
    const curve = curves.get('loss');
    expect(curve?.steps.length).toBeLessThanOrEqual(HELD);
    expect(curve?.total).toBe(count);
    expect(curve?.steps.at(-1)).toBe(count - 1);
  });
});

describe('mergePoints', () => {
  it('keeps the extremes, the newest point and whatever is not finite, exactly and in order', () => {
    const value = fc.oneof(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.constant(Number.NaN));
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 20 }),
        (values, bins) => {
          const curve: Curve = {
            key: 'loss',
            steps: values.map((_, index) => index),
            walls: values.map((_, index) => index),
            values: [...values],
            total: values.length,
            mergedTo: Number.NEGATIVE_INFINITY,
          };
          mergePoints(curve, bins);
          curve.steps.forEach((step, index) => {
            expect(curve.values[index]).toBe(values[step]);
            if (index > 0) expect(step).toBeGreaterThan(curve.steps[index - 1] ?? Number.POSITIVE_INFINITY);
          });
          const finite = values.filter(Number.isFinite);
          if (finite.length > 0) {
            expect(curve.values).toContain(Math.min(...finite));
            expect(curve.values).toContain(Math.max(...finite));
          }
          expect(curve.values.filter(Number.isNaN).length).toBe(values.filter(Number.isNaN).length);
          expect(curve.steps.at(-1)).toBe(values.length - 1);
        },
      ),
    );
  });
});
