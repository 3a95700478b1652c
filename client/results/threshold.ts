/** Figures of one class against the rest, when everything at least this probable is taken for it. */
import type { Sweep } from '@trialroom/shared/trial/evaluation';

export interface AtThreshold {
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
  trueNegatives: number;
  /** Null where nothing is taken for the class. */
  precision: number | null;
  /** Null where there is no example of the class. */
  recall: number | null;
  f1: number | null;
  /** Share of the others that are taken for it; null when there are none. */
  fallOut: number | null;
}

/** What the sweep says at a threshold; between two kept points the higher one holds. */
export function atThreshold(sweep: Sweep, threshold: number): AtThreshold {
  const { thresholds, positives, negatives } = sweep;
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((thresholds[middle] ?? 0) >= threshold) low = middle + 1;
    else high = middle;
  }
  return figuresOf(sweep.truePositives[low - 1] ?? 0, sweep.falsePositives[low - 1] ?? 0, positives, negatives);
}

function figuresOf(tp: number, fp: number, positives: number, negatives: number): AtThreshold {
  return {
    truePositives: tp,
    falsePositives: fp,
    falseNegatives: positives - tp,
    trueNegatives: negatives - fp,
    precision: tp + fp === 0 ? null : tp / (tp + fp),
    recall: positives === 0 ? null : tp / positives,
    f1: positives + tp + fp === 0 ? null : (2 * tp) / (positives + tp + fp),
    fallOut: negatives === 0 ? null : fp / negatives,
  };
}

/** The threshold with the greatest F1, the highest of equals. */
export function bestThreshold(sweep: Sweep): number {
  let best = { threshold: 0.5, f1: -1 };
  for (const [at, threshold] of sweep.thresholds.entries()) {
    const { f1 } = figuresOf(
      sweep.truePositives[at] ?? 0,
      sweep.falsePositives[at] ?? 0,
      sweep.positives,
      sweep.negatives,
    );
    if (f1 !== null && f1 > best.f1) best = { threshold, f1 };
  }
  return best.threshold;
}

/** A point of a curve, both from 0 to 1. */
export type Point = readonly [x: number, y: number];

/** False-positive rate against recall, from (0, 0) to (1, 1). */
export const rocOf = ({ truePositives, falsePositives, positives, negatives }: Sweep): Point[] => [
  [0, 0],
  ...truePositives.map((tp, at): Point => [(falsePositives[at] ?? 0) / (negatives || 1), tp / (positives || 1)]),
];

/** Recall against precision, from recall 0 on. */
export function precisionRecallOf({ truePositives, falsePositives, positives }: Sweep): Point[] {
  const points = truePositives.map((tp, at): Point => {
    const taken = tp + (falsePositives[at] ?? 0);
    return [tp / (positives || 1), taken === 0 ? 1 : tp / taken];
  });
  const [first] = points;
  return first ? [[0, first[1]], ...points] : [];
}
