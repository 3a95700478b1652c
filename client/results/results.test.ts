import type { ClassificationEvaluation, Sweep } from '@trialroom/shared/trial/evaluation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { insightsOf, regressionInsights } from './insights.ts';
import { shownClasses, tintsOf, valuesOf } from './matrix.ts';
import { atThreshold, bestThreshold, precisionRecallOf, rocOf } from './threshold.ts';

const sweep: Sweep = {
  thresholds: [0.9, 0.8, 0.4, 0.1],
  truePositives: [1, 3, 4, 4],
  falsePositives: [0, 1, 2, 4],
  positives: 4,
  negatives: 4,
  auc: 0.84375,
  averagePrecision: 0.79,
};

describe('a threshold', () => {
  test.each([
    [1, 0, 0],
    [0.9, 1, 0],
    [0.85, 1, 0],
    [0.8, 3, 1],
    [0.1, 4, 4],
    [0, 4, 4],
  ])('of %d takes what is at least as probable', (threshold, tp, fp) => {
    const { truePositives, falsePositives, falseNegatives, trueNegatives } = atThreshold(sweep, threshold);
    expect([truePositives, falsePositives, falseNegatives, trueNegatives]).toEqual([tp, fp, 4 - tp, 4 - fp]);
  });

  test('has figures, undefined where nothing is taken', () => {
    expect(atThreshold(sweep, 0.8)).toMatchObject({ precision: 0.75, recall: 0.75, f1: 0.75, fallOut: 0.25 });
    expect(atThreshold(sweep, 1)).toMatchObject({ precision: null, recall: 0, f1: 0 });
    expect(atThreshold({ ...sweep, positives: 0, truePositives: [0, 0, 0, 0] }, 1).recall).toBeNull();
  });

  test('is best where F1 is greatest', () => {
    expect(bestThreshold(sweep)).toBe(0.4);
  });

  test('gives curves that begin and end where they must', () => {
    expect(rocOf(sweep)).toEqual([
      [0, 0],
      [0, 0.25],
      [0.25, 0.75],
      [0.5, 1],
      [1, 1],
    ]);
    expect(precisionRecallOf(sweep)).toEqual([
      [0, 1],
      [0.25, 1],
      [0.75, 0.75],
      [1, 4 / 6],
      [1, 0.5],
    ]);
    expect(precisionRecallOf({ ...sweep, thresholds: [], truePositives: [], falsePositives: [] })).toEqual([]);
  });
});

describe('a matrix', () => {
  test('is shown by counts, or by shares of what became of a class, or of what an answer was worth', () => {
    const confusion = [8, 2, 0, 0];
    expect(valuesOf(confusion, 2, 'counts')).toEqual(confusion);
    expect(valuesOf(confusion, 2, 'rows')).toEqual([0.8, 0.2, null, null]);
    expect(valuesOf(confusion, 2, 'columns')).toEqual([1, 1, 0, 0]);
    expect(tintsOf([8, 2, 0, 4], 2)).toEqual([1, 1, 0, 0.5]);
  });

  test('of many classes shows those with the most errors, in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.nat(), (classes, most, seed) => {
        const confusion = Array.from({ length: classes * classes }, (_, i) => (i * 7919 + seed) % 10);
        const shown = shownClasses(confusion, classes, most);
        expect(shown).toHaveLength(Math.min(classes, most));
        expect(shown).toEqual([...new Set(shown)].sort((a, b) => a - b));
      }),
    );
    const confusion = [9, 0, 0, 0, 9, 3, 0, 1, 9];
    expect(shownClasses(confusion, 3, 2)).toEqual([1, 2]);
  });
});

const figures = (recall: number, support: number, predicted = support) => ({
  ...{ precision: recall, recall, f1: recall, support, predicted, sweep: null },
});
const evaluation = (over: Partial<ClassificationEvaluation>): ClassificationEvaluation => ({
  ...{ task: 'classification', name: 'test', at: 0, classes: ['a', 'b', 'c'], count: 300, accuracy: 0.9, top: null },
  ...{ perClass: [figures(0.9, 100), figures(0.9, 100), figures(0.9, 100)], calibration: null, leftOut: 0 },
  ...{ macro: { precision: 0.9, recall: 0.9, f1: 0.9 }, weighted: { precision: 0.9, recall: 0.9, f1: 0.9 } },
  ...{ confusion: [90, 5, 5, 5, 90, 5, 5, 5, 90], samples: [], cells: [], worst: [] },
  ...over,
});

describe('what to look at next', () => {
  test('names the pair that is confused most, and where it is seen', () => {
    const [first] = insightsOf(evaluation({ confusion: [90, 2, 8, 0, 100, 0, 18, 2, 80] }));
    expect(first?.text).toBe('“a” and “c” are confused most: 26 of 30 errors, 8 and 18 in each direction.');
    expect(first?.at).toEqual({ cell: [2, 0] });
  });

  test('names a class that is far below the others, one that is never predicted, and a model that is too sure', () => {
    const said = (over: Partial<ClassificationEvaluation>) => insightsOf(evaluation(over)).map(({ text }) => text);
    const weak = [figures(0.98, 100), figures(0.98, 100), figures(0.74, 100)];
    expect(said({ perClass: weak })).toContainEqual(expect.stringMatching(/^Recall of “c” is 74.0 %, 16 points below/));
    const silent = [figures(1, 100), figures(0, 100, 0), figures(0, 100, 0)];
    expect(said({ perClass: silent })[0]).toBe('“b” and 1 other class are never predicted.');
    const bins = [{ from: 0.9, to: 1, count: 300, confidence: 0.99, accuracy: 0.9 }];
    const calibration = { bins, ece: 0.09, mce: 0.09, brier: 0.2, logLoss: 0.4 };
    expect(said({ calibration })).toContainEqual(expect.stringMatching(/^It is surer than it is right: .*ECE 0.09/));
  });

  test('says nothing where there is nothing to say', () => {
    expect(insightsOf(evaluation({ confusion: [100, 0, 0, 0, 100, 0, 0, 0, 100], accuracy: 1 }))).toEqual([]);
  });

  test('says when a regression leans, or is no better than the mean', () => {
    const base = { task: 'regression', name: 't', at: 0, target: '', count: 9, medianError: 0, leftOut: 0 } as const;
    const rest = { residuals: { edges: [], counts: [] }, pairs: [], worst: [] };
    expect(regressionInsights({ ...base, ...rest, mae: 1, rmse: 1, r2: -0.1, maxError: 20, bias: -1 })).toHaveLength(3);
    expect(regressionInsights({ ...base, ...rest, mae: 1, rmse: 1, r2: 0.9, maxError: 2, bias: 0 })).toEqual([]);
  });
});
