/** Curves of many trials, read in few questions, as bytes. */
import { metrics } from '@trialroom/shared/api/endpoints';
import { MOST_PACKED_KEYS } from '@trialroom/shared/api/metrics';
import { readSeries, type TrialSeries } from '@trialroom/shared/trial/series-bytes';
import { call, ProblemError } from './api.ts';
import type { Curve } from './curves.ts';

export interface CurvesAsked {
  trials: readonly string[];
  keys: readonly string[];
  /** First and last step, both included; absent: all. */
  from?: number;
  to?: number;
  /** In pixels: at most twice as many points of each come back. */
  width: number;
  signal?: AbortSignal;
}

/** Series of one question: what came first is drawn while the rest is on its way. */
const SERIES = 200;
/** Questions that are under way at once. */
const AT_ONCE = 2;

/**
 * Reads the curves, and gives them as they come: a trial's, by their keys, of those that were asked; metrics that it does
 * not have are left out, and trials that are gone are given none.
 * @throws ProblemError when the server refuses or cannot be reached
 */
export async function readCurves(
  asked: CurvesAsked,
  onRead: (trial: string, keys: readonly string[], curves: ReadonlyMap<string, Curve>) => void,
): Promise<void> {
  const questions = questionsOf(asked.trials, asked.keys);
  const lane = async (): Promise<void> => {
    for (let next = questions.shift(); next; next = questions.shift()) {
      const series = await ask(next, asked);
      const byTrial = Map.groupBy(series, ({ trial }) => trial);
      for (const trial of next.trials) {
        const own = byTrial.get(trial) ?? [];
        onRead(trial, next.keys, new Map(own.map((one) => [one.key, curveOf(one)])));
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

interface Question {
  trials: string[];
  keys: string[];
}

/** Trials and keys in questions that the server takes, each pair in one of them. */
export function questionsOf(trials: readonly string[], keys: readonly string[]): Question[] {
  const questions: Question[] = [];
  for (let first = 0; first < keys.length; first += MOST_PACKED_KEYS) {
    const some = keys.slice(first, first + MOST_PACKED_KEYS);
    const most = Math.max(1, Math.floor(SERIES / some.length));
    for (let from = 0; from < trials.length; from += most)
      questions.push({ trials: trials.slice(from, from + most), keys: some });
  }
  return questions;
}

async function ask(question: Question, { from, to, width, signal }: CurvesAsked): Promise<TrialSeries[]> {
  const { trials, keys } = question;
  const window = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }), width, walls: true };
  try {
    return readSeries(await call(metrics.packed, { body: { ...window, trials, keys }, ...(signal ? { signal } : {}) }));
  } catch (error) {
    if (!(error instanceof ProblemError && error.status === 404)) throw error;
    // One of them was deleted since: the others are read all the same.
    if (trials.length === 1) return [];
    const all = await Promise.all(
      trials.map((trial) => ask({ trials: [trial], keys }, { ...{ from, to, width }, signal } as CurvesAsked)),
    );
    return all.flat();
  }
}

/**
 * The curve of a series that was asked for by step and with wall times.
 * @throws RangeError when it has none
 */
export function curveOf({ key, total, steps, values, walls }: TrialSeries): Curve {
  if (!walls) throw new RangeError(`the series ${key} was read without wall times`);
  const kept = steps.every(Number.isFinite) ? null : [...steps.keys()].filter((index) => Number.isFinite(steps[index]));
  const pick = (column: Float64Array): number[] =>
    kept ? kept.map((index) => column[index] ?? Number.NaN) : Array.from(column);
  const curve = { key, steps: pick(steps), walls: pick(walls), values: pick(values) };
  const merged = total > steps.length;
  return { ...curve, total, mergedTo: merged ? (curve.steps.at(-1) ?? -Infinity) : -Infinity };
}
