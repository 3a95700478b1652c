/** Whether a trial is worse than its experiment's baseline beyond what the baseline's own seeds differ by. */
import type { RegressionReport } from '@trialroom/shared/api/comparison';
import { type Direction, FEWEST_SEEDS, type Regression, regression } from '@trialroom/shared/statistics/regression';
import { directionOf } from '@trialroom/shared/trial/metric-names';
import { toWire } from '@trialroom/shared/trial/points';
import type { Trial } from '@trialroom/shared/trial/trial';
import type { Database } from '../database/database.ts';
import { baselineOf } from '../trials/baseline.ts';
import { trialsOfExperiment } from '../trials/of-experiment.ts';
import type { Trials } from '../trials/trials.ts';
import { judgedBy, type ReadingsByKey, readingsOfMany } from './readings.ts';
import { groupKey } from './rows.ts';

/** Most runs of a group that are read. */
export const MOST_RUNS = 200;
/** Among how many of an experiment's trials, the newest, runs of a group are looked for. */
export const LOOKED_THROUGH = 2000;

/** What trials of an experiment are measured against: runs of its baseline, by the metric that says which is better. */
interface Yardstick {
  baseline: Trial;
  key: string;
  direction: Direction;
  /** Group of the baseline's parameters: a trial of it is one more run, and is measured against nothing. */
  group: string;
  values: number[];
}

/** Null when there is no baseline, or nothing says which way is better. @param own what its trials are to be judged by, where the baseline does not say */
async function yardstickOf(
  db: Database,
  trials: Pick<Trials, 'get' | 'series'>,
  experiment: string,
  own: Trial['objective'],
): Promise<Yardstick | null> {
  const id = await baselineOf(db, experiment);
  const baseline = id === null ? null : await trials.get(id).catch(() => null);
  const objective = baseline?.objective ?? own;
  const direction = objective ? directionOf(objective.key, objective) : null;
  if (!baseline || !objective || direction === null) return null;
  const group = groupKey(baseline.params);
  const { trials: others } = await trialsOfExperiment(db, experiment, LOOKED_THROUGH);
  const siblings = others
    .map(({ trial: other }) => other)
    .filter((other) => other.id !== id && other.status === 'completed' && groupKey(other.params) === group);
  const runs = [baseline, ...siblings].slice(0, MOST_RUNS);
  const values = (await readingsOfMany(trials, runs, [objective.key]))
    .map((readings) => judgedBy(readings.get(objective.key), 'last'))
    .filter((value) => value !== null);
  return { baseline, key: objective.key, direction, group, values };
}

const isMeasured = (trial: Trial, { baseline, group }: Yardstick): boolean =>
  trial.id !== baseline.id && groupKey(trial.params) !== group;

function reportOf(
  { baseline, key, direction, values }: Yardstick,
  own: ReadingsByKey | undefined,
): RegressionReport | null {
  const value = judgedBy(own?.get(key), 'last');
  const result = value === null ? null : regression(values, value, direction);
  if (value === null || !result) return null;
  return {
    ...{ ...result, trial: baseline.id, name: baseline.name, metric: key, reading: toWire(value) },
    text: textOf(result, baseline.name, key),
  };
}

/**
 * The report of a trial by the baseline's objective (else its own); null when the experiment has no baseline, the trial is
 * a run of it, nothing says which way is better, or the metric is missing.
 */
export async function regressionOf(
  db: Database,
  trials: Pick<Trials, 'get' | 'series'>,
  trial: Trial,
): Promise<RegressionReport | null> {
  const yardstick = await yardstickOf(db, trials, trial.experimentId, trial.objective);
  if (!yardstick || !isMeasured(trial, yardstick)) return null;
  const [own] = await readingsOfMany(trials, [trial], [yardstick.key]);
  return reportOf(yardstick, own);
}

/** The same of many trials that have come to their end, each experiment's baseline read once; only those that are worse. Unknown ids are left out. */
export async function regressionsOf(
  db: Database,
  trials: Pick<Trials, 'get' | 'series'>,
  ids: readonly string[],
): Promise<{ id: string; report: RegressionReport }[]> {
  const found = await Promise.all([...new Set(ids)].map((id) => trials.get(id).catch(() => null)));
  // What has not come to its end was measured at another point than the baseline.
  const over = found.filter((trial) => trial?.status === 'completed') as Trial[];
  const worse: { id: string; report: RegressionReport }[] = [];
  for (const [experiment, own] of Map.groupBy(over, ({ experimentId }) => experimentId)) {
    const objective = own.find((trial) => trial.objective)?.objective ?? null;
    const yardstick = await yardstickOf(db, trials, experiment, objective);
    if (!yardstick) continue;
    const measured = own.filter((trial) => isMeasured(trial, yardstick));
    const readings = await readingsOfMany(trials, measured, [yardstick.key]);
    measured.forEach((trial, at) => {
      const report = reportOf(yardstick, readings[at]);
      if (report?.status === 'worse') worse.push({ id: trial.id, report });
    });
  }
  return worse;
}

function textOf({ status, n, low, high }: Regression, name: string, metric: string): string {
  const range = low === null || high === null ? '' : ` (${figure(low)} to ${figure(high)} from ${n} seeds)`;
  switch (status) {
    case 'worse':
      return `Worse than the baseline ${name} beyond its noise: ${metric} is outside of what one more seed of it would give${range}.`;
    case 'better':
      return `Better than the baseline ${name} beyond its noise${range}.`;
    case 'within':
      return `Within the noise of the baseline ${name}${range}.`;
    case 'unknown':
      return `The noise of the baseline ${name} is not known: it has ${n === 1 ? 'one run' : `${n} runs`}, and ${FEWEST_SEEDS} seeds are the least that say something.`;
  }
}

const figure = (value: number): string => String(Number(value.toPrecision(4)));
