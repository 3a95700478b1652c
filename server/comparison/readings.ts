/** Figures of trials' metrics, read from their series, whose extremes survive every merging. */
import type { ReadBy, Reading } from '@trialroom/shared/api/comparison';
import type { Direction } from '@trialroom/shared/statistics/regression';
import { directionOf } from '@trialroom/shared/trial/metric-names';
import { fromWire, toWire } from '@trialroom/shared/trial/points';
import type { Series } from '@trialroom/shared/trial/series';
import type { Trial } from '@trialroom/shared/trial/trial';
import type { Trials } from '../trials/trials.ts';

/** Trials that are read at once. */
const AT_ONCE = 8;
/** Pixels: enough for the highest and lowest of a stretch, and its last. */
const WIDTH = 2;

export type ReadingsByKey = Map<string, Reading>;

/** Figures of these metrics (null: all) of a trial. */
export async function readingsOf(
  trials: Pick<Trials, 'series'>,
  trial: Pick<Trial, 'id' | 'objective'>,
  keys: readonly string[] | null,
): Promise<ReadingsByKey> {
  const series = await trials.series(trial.id, keys, { width: WIDTH });
  return new Map(
    series.flatMap(({ points, total }) => {
      const reading = readingOf({ points, total }, directionOf(points.key, trial.objective));
      return reading ? [[points.key, reading] as const] : [];
    }),
  );
}

/** The same for many trials, a few at once; in their order. */
export async function readingsOfMany(
  trials: Pick<Trials, 'series'>,
  many: readonly Pick<Trial, 'id' | 'objective'>[],
  keys: readonly string[] | null,
): Promise<ReadingsByKey[]> {
  const read: ReadingsByKey[] = [];
  for (let from = 0; from < many.length; from += AT_ONCE) {
    const some = many.slice(from, from + AT_ONCE).map((trial) => readingsOf(trials, trial, keys));
    read.push(...(await Promise.all(some)));
  }
  return read;
}

/** Figures of a series; undefined when it has no point. */
export function readingOf({ points, total }: Series, direction: Direction | null): Reading | undefined {
  const values = points.values.map(fromWire);
  const last = values.at(-1);
  const lastStep = points.steps.at(-1);
  if (last === undefined || lastStep === undefined) return undefined;
  let low = -1;
  let high = -1;
  values.forEach((value, at) => {
    if (!Number.isFinite(value)) return;
    if (low < 0 || value < (values[low] ?? 0)) low = at;
    if (high < 0 || value > (values[high] ?? 0)) high = at;
  });
  const best = direction === null ? -1 : direction === 'minimise' ? low : high;
  return {
    ...{ last: toWire(last), lastStep, count: total },
    ...{ min: values[low] ?? null, max: values[high] ?? null },
    ...{ best: values[best] ?? null, bestStep: points.steps[best] ?? null },
  };
}

/** The reading that tests go by; null when it is missing or not finite. */
export function judgedBy(reading: Reading | undefined, by: ReadBy): number | null {
  if (!reading) return null;
  const value = by === 'best' ? (reading.best ?? Number.NaN) : fromWire(reading.last);
  return Number.isFinite(value) ? value : null;
}
