/**
 * How well a trial did on examples that were held back: computed in the kernel by `trial.evaluate(…)`, kept by the server,
 * drawn by the results page. All figures are finite; what is undefined (the precision of a class that was never predicted)
 * is null.
 */
import { z } from 'zod';

/** Most classes of an evaluation. */
export const MOST_CLASSES = 1000;
/** Most points of a threshold sweep that travel, of one class. */
export const MOST_SWEEP = 500;

const count = z.number().int().nonnegative();
const share = z.number().min(0).max(1).nullable();
const name = z.string().min(1).max(200);

/** Precision, recall and their harmonic mean. Averages count what is undefined as 0, as scikit-learn does. */
export const Averages = z.object({ precision: share, recall: share, f1: share });
export type Averages = z.infer<typeof Averages>;

/** An input, small enough to be looked at in a list. */
export const Preview = z.discriminatedUnion('kind', [
  /** `png` in base64; `width` and `height` in pixels as the model was given them, before they were shrunk to be shown. */
  z.object({ kind: z.literal('image'), png: z.base64(), width: count, height: count }),
  z.object({ kind: z.literal('text'), text: z.string().max(2000) }),
  z.object({
    kind: z.literal('row'),
    row: z.record(z.string().max(200), z.union([z.number(), z.string().max(500), z.boolean(), z.null()])),
  }),
]);
export type Preview = z.infer<typeof Preview>;

/** One example that is shown. `truth` and `predicted` are class numbers; `probabilities` the greatest, greatest first. */
export const Sample = z.object({
  /** Place among the examples, from 0. */
  index: count,
  id: z.string().max(200),
  truth: count,
  predicted: count,
  confidence: share,
  probabilities: z.array(z.object({ class: count, value: z.number().min(0).max(1) })).max(5),
  input: Preview.nullable(),
});
export type Sample = z.infer<typeof Sample>;

/**
 * One class against the rest at every threshold, from the greatest down: at `thresholds[i]` and above, `truePositives[i]`
 * examples of the class and `falsePositives[i]` others are taken for it. ROC and precision-recall curves follow from it, at
 * any threshold. At most {@link MOST_SWEEP} points are kept of long sweeps; the areas are of all.
 */
export const Sweep = z.object({
  thresholds: z.array(z.number()).max(MOST_SWEEP),
  truePositives: z.array(count).max(MOST_SWEEP),
  falsePositives: z.array(count).max(MOST_SWEEP),
  positives: count,
  negatives: count,
  /** Area under the ROC curve; null when there are only positives, or none. */
  auc: share,
  /** Average precision: the sum of precision over each rise of recall; null when there is no positive. */
  averagePrecision: share,
});
export type Sweep = z.infer<typeof Sweep>;

export const ClassFigures = Averages.extend({
  /** Examples of the class. */
  support: count,
  /** Examples that were taken for it. */
  predicted: count,
  /** Null without probabilities. */
  sweep: Sweep.nullable(),
});
export type ClassFigures = z.infer<typeof ClassFigures>;

/** How far stated confidence can be believed. Bins are of equal width over 0…1; those without examples are left out. */
export const Calibration = z.object({
  bins: z.array(z.object({ from: z.number(), to: z.number(), count, confidence: z.number(), accuracy: z.number() })),
  /** Expected calibration error: the mean gap between confidence and accuracy, weighted by count. */
  ece: z.number(),
  /** Greatest gap of a bin. */
  mce: z.number(),
  /** Mean squared error of all probabilities of an example, summed over classes. */
  brier: z.number(),
  /** Mean negative logarithm of the probability of the truth, natural; probabilities are taken as at least 1e-15. */
  logLoss: z.number(),
});
export type Calibration = z.infer<typeof Calibration>;

export const ClassificationEvaluation = z.object({
  task: z.literal('classification'),
  /** Of which examples, e.g. `test`. */
  name,
  /** ms since the epoch. */
  at: z.number(),
  classes: z.array(name).min(2).max(MOST_CLASSES),
  count,
  accuracy: z.number().min(0).max(1),
  /** Share of examples whose truth is among the `k` most probable classes; null without probabilities. */
  top: z.object({ k: count, accuracy: z.number().min(0).max(1) }).nullable(),
  perClass: z.array(ClassFigures),
  macro: Averages,
  /** Weighted by support. */
  weighted: Averages,
  /** Row by row: `confusion[truth × classes + predicted]`. */
  confusion: z.array(count),
  calibration: Calibration.nullable(),
  samples: z.array(Sample).max(4000),
  /** Samples (places in `samples`) of confusion cells: of errors the surest first, of hits the least sure. */
  cells: z.array(z.object({ truth: count, predicted: count, samples: z.array(count) })),
  /** The worst predictions, worst first. `neighbours`: the nearest other examples, nearest first. */
  worst: z.array(
    z.object({
      sample: count,
      /** Negative logarithm of the probability given to the truth; null without probabilities. */
      loss: z.number().nullable(),
      neighbours: z.array(z.object({ sample: count, distance: z.number().nonnegative() })),
    }),
  ),
  /** Inputs that are not shown because there was no room for them. */
  leftOut: count,
});
export type ClassificationEvaluation = z.infer<typeof ClassificationEvaluation>;

export const RegressionSample = z.object({
  index: count,
  id: z.string().max(200),
  truth: z.number(),
  predicted: z.number(),
  input: Preview.nullable(),
});
export type RegressionSample = z.infer<typeof RegressionSample>;

export const RegressionEvaluation = z.object({
  task: z.literal('regression'),
  name,
  at: z.number(),
  /** What is predicted, and its unit, e.g. `price`, `€`. */
  target: z.string().max(200),
  count,
  mae: z.number(),
  rmse: z.number(),
  /** Share of variance explained: 1 − residual / total sum of squares; null when all truths are equal. */
  r2: z.number().nullable(),
  medianError: z.number(),
  maxError: z.number(),
  /** Mean of predicted − truth. */
  bias: z.number(),
  /** Histogram of predicted − truth: `counts[i]` between `edges[i]` and `edges[i + 1]`. */
  residuals: z.object({ edges: z.array(z.number()), counts: z.array(count) }),
  /** At most 2,000 pairs, spread evenly over the examples, the worst among them. */
  pairs: z.array(RegressionSample).max(2100),
  /** Places in `pairs`, worst first. */
  worst: z.array(count),
  leftOut: count,
});
export type RegressionEvaluation = z.infer<typeof RegressionEvaluation>;

/** What `trial.evaluate` gives. */
export const Evaluation = z.discriminatedUnion('task', [ClassificationEvaluation, RegressionEvaluation]);
export type Evaluation = z.infer<typeof Evaluation>;

/** Name of the artifact that holds all predictions of an evaluation, as CSV: `id,truth,predicted,confidence,…`. */
export const predictionsName = (evaluation: string): string => `predictions/${evaluation}.csv`;
