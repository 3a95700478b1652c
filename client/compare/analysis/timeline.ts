/** The experiment over wall time: which trial ran when, and the best so far. Pure. */
import type { AnalysedTrial } from '@trialroom/shared/api/comparison';
import { type AxisId, settingOf } from './axes.ts';

export interface Bar {
  trial: AnalysedTrial;
  from: number;
  to: number;
  /** Row from the top: trials that ran at once stand in different rows. */
  lane: number;
}

/** A bar for each trial that began, oldest first, in as few lanes as they need. What still runs ends `now`. */
export function barsOf(trials: readonly AnalysedTrial[], now: number): Bar[] {
  const ends: number[] = [];
  return trials
    .flatMap((trial) => (trial.startedAt === null ? [] : [{ trial, from: trial.startedAt, to: trial.endedAt ?? now }]))
    .sort((a, b) => a.from - b.from)
    .map(({ trial, from, to }) => {
      const free = ends.findIndex((end) => end <= from);
      const lane = free < 0 ? ends.length : free;
      ends[lane] = Math.max(to, from);
      return { trial, from, to: Math.max(to, from), lane };
    });
}

/** The best value reached so far, at the end of each trial that improved on it. */
export function bestSoFar(
  trials: readonly AnalysedTrial[],
  metric: AxisId,
  direction: 'minimise' | 'maximise',
): { at: number; value: number; trial: AnalysedTrial }[] {
  const ended = trials.flatMap((trial) => {
    const value = settingOf(trial, metric, 'last');
    return trial.endedAt === null || typeof value !== 'number' ? [] : [{ at: trial.endedAt, value, trial }];
  });
  const best: typeof ended = [];
  for (const one of ended.sort((a, b) => a.at - b.at)) {
    const last = best.at(-1);
    if (!last || (direction === 'minimise' ? one.value < last.value : one.value > last.value)) best.push(one);
  }
  return best;
}
