/** All trials of an experiment as a table of plain values: what the analysis page draws and a kernel computes on. */

import { type AnalysedTrial, type Analysis, MOST_ANALYSED } from '@trialroom/shared/api/comparison';
import { directionOf, isSystemMetric } from '@trialroom/shared/trial/metric-names';
import type { Trial } from '@trialroom/shared/trial/trial';
import type { Database } from '../database/database.ts';
import { rowsOf } from '../experiments/rows.ts';
import { trialsOfExperiment } from '../trials/of-experiment.ts';
import type { Trials } from '../trials/trials.ts';
import { canonicalJson } from './canonical.ts';
import { readingsOfMany } from './readings.ts';
import { flatten } from './rows.ts';

/** Most metrics of an analysis: axes that a person could look at. */
const MOST_AXES = 100;
/** Longer texts are data, not settings. */
const LONGEST = 200;

/** @throws Refusal (404) */
export async function analysisOf(db: Database, trials: Pick<Trials, 'series'>, id: string): Promise<Analysis> {
  const { experiment, trials: found, total } = await trialsOfExperiment(db, id, MOST_ANALYSED);
  const all = found.map(({ trial }) => trial).filter(({ archivedAt }) => archivedAt === null);
  const objective = all.findLast((trial) => trial.objective !== null)?.objective ?? null;
  const figures = await figuresOf(db, trials, all);
  const counts = new Map<string, number>();
  for (const own of figures) for (const key of own.keys()) counts.set(key, (counts.get(key) ?? 0) + 1);
  const keys = [...counts]
    .filter(([key]) => !isSystemMetric(key))
    .sort((a, b) => Number(b[0] === objective?.key) - Number(a[0] === objective?.key) || b[1] - a[1])
    .slice(0, MOST_AXES)
    .map(([key]) => key);
  return {
    ...{ experiment: { id: experiment.id, name: experiment.name }, objective },
    directions: Object.fromEntries(keys.map((key) => [key, directionOf(key, objective)])),
    trials: all.map((trial, at) => analysed(trial, figures[at] ?? new Map(), keys)),
    leftOut: Math.max(0, total - found.length),
  };
}

type Figures = Map<string, AnalysedTrial['metrics'][string]>;

/** Figures of each trial's metrics: those that the table of trials keeps, else of its series, which it has not read yet. */
async function figuresOf(db: Database, trials: Pick<Trials, 'series'>, all: readonly Trial[]): Promise<Figures[]> {
  const ids = all.map(({ id }) => id);
  const kept = new Map((await rowsOf(db, ids, null)).map(({ trial, metrics }) => [trial.id, metrics]));
  const unread = all.filter(({ id, startedAt }) => startedAt !== null && Object.keys(kept.get(id) ?? {}).length === 0);
  const read = await readingsOfMany(trials, unread, null);
  const late = new Map(unread.map(({ id }, at) => [id, read[at]]));
  return all.map(({ id, objective }) => {
    const entries = Object.entries(kept.get(id) ?? {}).map(([key, { last, min, max }]) => {
      const direction = directionOf(key, objective);
      return [key, { last, best: direction === null ? null : direction === 'minimise' ? min : max }] as const;
    });
    return new Map(
      entries.length > 0
        ? entries
        : [...(late.get(id) ?? [])].map(([key, own]) => [key, { last: own.last, best: own.best }] as const),
    );
  });
}

function analysed(
  { id, name, status, createdAt, startedAt, endedAt, params }: Trial,
  figures: Figures,
  keys: readonly string[],
): AnalysedTrial {
  return {
    ...{ id, name, status, createdAt, startedAt, endedAt },
    params: Object.fromEntries(flatten(params).map(([path, value]) => [path, plain(value)])),
    metrics: Object.fromEntries(
      keys.flatMap((key) => {
        const own = figures.get(key);
        return own ? [[key, own]] : [];
      }),
    ),
  };
}

/** A value that an axis can show: lists and what is too long as text. */
function plain(value: unknown): AnalysedTrial['params'][string] {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  const text = typeof value === 'string' ? value : canonicalJson(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
