/** How far a trial is planned to go, in the steps that its metrics count. */
import { fromWire } from '@trialroom/shared/trial/points';
import type { MetricGlance, Trial } from '@trialroom/shared/trial/trial';

/**
 * The progress total, if progress and metrics count the same thing: the last step logged is about where the progress
 * stands. Else undefined: nothing is claimed about what is left.
 */
export function plannedSteps(trial: Pick<Trial, 'progress'>, lastStep: number): number | undefined {
  const { progress } = trial;
  if (!progress?.total || !Number.isFinite(lastStep)) return undefined;
  const slack = Math.max(0.05 * progress.total, 2);
  return Math.abs(lastStep - progress.done) <= slack && lastStep <= progress.total ? progress.total : undefined;
}

/** The same from glances, which may be half a second, and on a fast run many steps, behind the progress. */
export function plannedEnd(trial: Pick<Trial, 'progress'>, glance: readonly MetricGlance[]): number | undefined {
  const last = Math.max(...glance.map(({ lastStep }) => fromWire(lastStep)).filter(Number.isFinite));
  const { progress } = trial;
  if (progress?.total && last < progress.done && last >= progress.done / 2) return progress.total;
  return plannedSteps(trial, last);
}
