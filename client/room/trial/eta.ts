/** How long a trial took, and how long it will still take. */
import { isOver, type Trial } from '@trialroom/shared/trial/trial';

/** ms since the start; of an ended trial, ms from start to end. Null before the start. */
export function elapsedOf(trial: Trial, now: number): number | null {
  if (trial.startedAt === null) return null;
  return Math.max(0, (isOver(trial.status) ? (trial.endedAt ?? now) : now) - trial.startedAt);
}

/** Share of the planned run that is done; null when the plan is not known. */
export function shareOf(trial: Trial): number | null {
  const { progress } = trial;
  if (!progress?.total) return null;
  return Math.min(1, progress.done / progress.total);
}

/** Remaining ms at the pace so far; null before there is a pace. `seen` is when the progress was reported. */
export function etaOf(trial: Trial, now: number): number | null {
  const share = shareOf(trial);
  const elapsed = elapsedOf(trial, now);
  if (trial.status !== 'running' || share === null || elapsed === null || share < 0.002) return null;
  return Math.max(0, (elapsed / share) * (1 - share));
}
