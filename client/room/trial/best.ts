/** The best value of a metric and where it was; extremes survive merging, so this is exact. */

import type { Direction } from '@trialroom/shared/trial/metric-names';
import type { Curve } from '../../data/curves.ts';

/** Null when no value is finite. Of equals the first counts. */
export function bestOf(
  curve: Pick<Curve, 'steps' | 'values'>,
  direction: Direction,
): { step: number; value: number } | null {
  let best: { step: number; value: number } | null = null;
  curve.values.forEach((value, index) => {
    const step = curve.steps[index];
    if (step === undefined || !Number.isFinite(value)) return;
    if (!best || (direction === 'minimise' ? value < best.value : value > best.value)) best = { step, value };
  });
  return best;
}
