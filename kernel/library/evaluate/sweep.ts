/** One class against the rest, at every threshold. */
import { MOST_SWEEP, type Sweep } from '@trialroom/shared/trial/evaluation';

/**
 * Counts at each distinct threshold, from the greatest down, with the area under the ROC curve (trapezoids over distinct
 * thresholds: Fawcett 2006, "An introduction to ROC analysis"; ties count half, as in the Mann–Whitney statistic) and the
 * average precision Σ (Rₙ − Rₙ₋₁) Pₙ.
 * @param scores one for each example; sorted here, in place
 * @param most points kept; see {@link thin}
 */
export function sweepOf(positives: Float64Array, negatives: Float64Array, most = MOST_SWEEP): Sweep {
  positives.sort();
  negatives.sort();
  const thresholds: number[] = [];
  const truePositives: number[] = [];
  const falsePositives: number[] = [];
  let p = positives.length;
  let n = negatives.length;
  let area = 0;
  let precisionSum = 0;
  let [lastTrue, lastFalse] = [0, 0];
  while (p > 0 || n > 0) {
    const threshold = Math.max(
      p > 0 ? (positives[p - 1] ?? 0) : Number.NEGATIVE_INFINITY,
      n > 0 ? (negatives[n - 1] ?? 0) : Number.NEGATIVE_INFINITY,
    );
    while (p > 0 && positives[p - 1] === threshold) p--;
    while (n > 0 && negatives[n - 1] === threshold) n--;
    const tp = positives.length - p;
    const fp = negatives.length - n;
    area += ((fp - lastFalse) * (tp + lastTrue)) / 2;
    precisionSum += ((tp - lastTrue) * tp) / (tp + fp);
    [lastTrue, lastFalse] = [tp, fp];
    thresholds.push(threshold);
    truePositives.push(tp);
    falsePositives.push(fp);
  }
  const kept = thin(truePositives, falsePositives, positives.length, negatives.length, most);
  return {
    thresholds: kept.map((i) => thresholds[i] ?? 0),
    truePositives: kept.map((i) => truePositives[i] ?? 0),
    falsePositives: kept.map((i) => falsePositives[i] ?? 0),
    positives: positives.length,
    negatives: negatives.length,
    auc: positives.length > 0 && negatives.length > 0 ? area / (positives.length * negatives.length) : null,
    averagePrecision: positives.length > 0 ? precisionSum / positives.length : null,
  };
}

/**
 * Which points to keep so that both curves keep their shape: the ends, and points evenly spaced along the way that the ROC
 * and the precision-recall curve go together.
 */
export function thin(
  truePositives: readonly number[],
  falsePositives: readonly number[],
  positives: number,
  negatives: number,
  most: number,
): number[] {
  const { length } = truePositives;
  if (length <= most) return Array.from({ length }, (_, i) => i);
  const way = new Float64Array(length);
  let before = { recall: 0, fall: 0, precision: 1 };
  let total = 0;
  for (let i = 0; i < length; i++) {
    const [tp, fp] = [truePositives[i] ?? 0, falsePositives[i] ?? 0];
    const here = { recall: tp / (positives || 1), fall: fp / (negatives || 1), precision: tp / (tp + fp) };
    total += Math.hypot(here.recall - before.recall, here.fall - before.fall, here.precision - before.precision);
    way[i] = total;
    before = here;
  }
  const kept: number[] = [0];
  for (let i = 1; i < length - 1; i++) {
    const due = (total * kept.length) / (most - 1);
    if ((way[i] ?? 0) >= due && kept.length < most - 1) kept.push(i);
  }
  kept.push(length - 1);
  return kept;
}
