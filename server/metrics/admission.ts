/** Which points of a trial are taken. A trial that makes metrics without end is bounded, and told; others feel nothing of it. */
import { MOST_KEYS } from '@trialroom/shared/trial/series';
import { shown } from './batch.ts';
import { type Batch, type Points, picked } from './points.ts';
import type { MetricsState, Part } from './state.ts';

/** Most letters of all names of a trial together. */
export const MOST_LETTERS = 16_000_000;

/** Why points were left out, in words for the trial's log. */
export interface LeftOut {
  kind: 'keys' | 'letters' | 'steps';
  message: string;
}

/** The next part of a trial, made of batches that are not in it yet. The state stays as it is. */
export function admitted(state: MetricsState, batches: readonly Batch[]): { part: Part; leftOut: LeftOut[] } {
  const fresh = new Map<string, number>();
  const leftOut = new Map<LeftOut['kind'], LeftOut>();
  const columns: Points[] = [];
  const places: [number, number][] = [];
  const seen = new Set<string>();
  const numbers: [string, number][] = [];
  let letters = state.letters;
  let count = 0;

  const placeOf = (key: string): number | undefined => {
    const known = state.places.get(key) ?? fresh.get(key);
    if (known !== undefined) return known;
    const place = state.names.length + fresh.size;
    const kind = place >= MOST_KEYS ? 'keys' : letters + key.length > MOST_LETTERS ? 'letters' : null;
    if (kind) {
      if (!leftOut.has(kind)) leftOut.set(kind, { kind, message: tooMany(kind, key) });
      return undefined;
    }
    fresh.set(key, place);
    letters += key.length;
    return place;
  };

  for (const batch of batches) {
    const id = `${batch.seq} ${batch.source}`;
    if (seen.has(id)) continue;
    seen.add(id);
    numbers.push([batch.source, batch.seq]);
    for (const { key, ...points } of batch.columns) {
      const given = withSteps(points);
      if (given !== points && !leftOut.has('steps')) {
        leftOut.set('steps', {
          kind: 'steps',
          message: `Points of ${shown(key)} were left out: their steps are not finite numbers. Log every point with a step.`,
        });
      }
      if (given.steps.length === 0) continue;
      const place = placeOf(key);
      if (place === undefined) continue;
      places.push([place, given.steps.length]);
      columns.push(given);
      count += given.steps.length;
    }
  }
  const head = { batches: numbers, fresh: [...fresh.keys()], columns: places };
  return { part: { part: state.part + 1, head, columns, count }, leftOut: [...leftOut.values()] };
}

function withSteps(points: Points): Points {
  if (points.steps.every(Number.isFinite)) return points;
  return picked(
    points,
    [...points.steps.keys()].filter((i) => Number.isFinite(points.steps[i])),
  );
}

const tooMany = (kind: 'keys' | 'letters', key: string): string =>
  kind === 'keys'
    ? `This trial has ${MOST_KEYS.toLocaleString('en')} metrics, which is the most there can be: ${shown(key)} and further new ones are left out. Points of the metrics it has are kept. Put what varies into steps or parameters instead of names.`
    : `The names of this trial's metrics have ${MOST_LETTERS.toLocaleString('en')} letters together, which is the most there can be: ${shown(key)} and further new ones are left out. Use shorter names.`;
