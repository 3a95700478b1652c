/**
 * Alerts: what people should look at. Code raises them itself, or a rule does, which is written as a sentence and watched
 * by {@link watch}: a pure reducer over points and time, one point after the other, so that what it raises does not
 * depend on how points came in batches.
 */

import { z } from 'zod';
import { isSystemMetric } from './metric-names.ts';

/** Longest title of an alert, in characters. */
export const MOST_ALERT_TITLE = 200;

/** Longest rule that a person writes, in characters. */
export const MOST_RULE = 500;

/** Longest rule as it is kept: with what was left to be guessed, and its metric in quotes. */
const MOST_SENTENCE = 2 * MOST_RULE + 100;

export const AlertLevel = z.enum(['info', 'warning', 'error']);
export type AlertLevel = z.infer<typeof AlertLevel>;

/** A rule of an experiment: it watches each of its trials that runs. */
export const AlertRule = z.object({
  id: z.string(),
  experiment: z.string(),
  /** A condition in words, see `alert-rule.ts`. */
  when: z.string().min(1).max(MOST_SENTENCE),
  level: AlertLevel,
  by: z.object({ id: z.string(), name: z.string(), colour: z.string() }),
  createdAt: z.number(),
});
export type AlertRule = z.infer<typeof AlertRule>;

/** Data of an event of kind `watch`: a rule that a trial's code gave for itself. */
export const CodeRule = z.object({
  /** The same for the same sentence, so that a trial that goes on elsewhere does not watch twice. */
  rule: z
    .string()
    .min(1)
    .max(MOST_SENTENCE + 10),
  when: z.string().min(1).max(MOST_SENTENCE),
  level: AlertLevel,
});
export type CodeRule = z.infer<typeof CodeRule>;

/** Data of an event of kind `alert`. Of a rule, a second one with `cleared` follows when it holds no longer. */
export const AlertData = z.object({
  title: z.string(),
  level: AlertLevel,
  text: z.string().optional(),
  /** The rule that raised it; absent: the code did. */
  rule: z.string().optional(),
  key: z.string().optional(),
  cleared: z.boolean().optional(),
});
export type AlertData = z.infer<typeof AlertData>;

export type Comparison = '>' | '>=' | '<' | '<=';

/** What a rule waits for. */
export type Condition =
  /** No better value for so many steps, or points of the key (`epochs` for what is logged once in each). */
  | { type: 'not-improved'; key: string; better: 'lower' | 'higher'; count: number; unit: 'steps' | 'points' }
  | { type: 'compared'; key: string; comparison: Comparison; value: number }
  /** NaN or ±∞; in any metric when there is no key. */
  | { type: 'not-finite'; key: string | null }
  /** All values of the last so many steps lie within `within` (a share of the greatest of them). */
  | { type: 'plateau'; key: string; steps: number; within: number }
  | { type: 'no-points'; key: string | null; seconds: number }
  | { type: 'no-heartbeat'; seconds: number };

/** What is known of one rule and one trial. Plain numbers; small, whatever the trial's length. */
export interface Watch {
  raised: boolean;
  /** Points of the key that were seen, and the newest step. */
  points: number;
  step: number;
  best: number | null;
  /** Points and step when it was best. */
  bestPoints: number;
  bestStep: number;
  /** ms since the epoch of the last point, or of the beginning. */
  heardAt: number;
  /** Of a plateau: where the level began, and its extremes. */
  level: { from: number; low: number; high: number } | null;
  /** Metrics whose newest value is NaN or infinite. */
  broken: readonly string[];
}

/** What happened. Points come in the order of their arrival; `now` in ms since the epoch, by the server's clock. */
export type Sighting =
  | { type: 'point'; key: string; step: number; value: number; now: number }
  /** Time goes by. `heartbeat`: when the kernel was last heard of; `waits`: it is paused, as someone wished. */
  | { type: 'tick'; now: number; heartbeat: number; waits: boolean };

/** The state before the first point. */
export const watchFrom = (now: number): Watch => ({
  raised: false,
  points: 0,
  step: Number.NEGATIVE_INFINITY,
  best: null,
  bestPoints: 0,
  bestStep: Number.NEGATIVE_INFINITY,
  heardAt: now,
  level: null,
  broken: [],
});

/** Whether a rule looks at a point of this key. */
export function concerns(condition: Condition, key: string): boolean {
  if (condition.type === 'no-heartbeat') return false;
  // Samples of the machine come by themselves: they are no sign that training goes on.
  if (condition.key === null) return !isSystemMetric(key);
  return condition.key === key;
}

/**
 * The next state, and what is to be told: `raise` when the condition begins to hold, `clear` when it no longer does.
 * Returns the same object when nothing changes.
 */
export function watch(condition: Condition, state: Watch, sighting: Sighting): [Watch, 'raise' | 'clear' | null] {
  const next = seen(condition, state, sighting);
  const holds = isSo(condition, next, sighting);
  if (holds === null || holds === state.raised) return [next, null];
  return [{ ...next, raised: holds }, holds ? 'raise' : 'clear'];
}

function seen(condition: Condition, state: Watch, sighting: Sighting): Watch {
  if (sighting.type === 'tick') {
    // While it waits nobody expects anything of it: the time counts from when it goes on.
    return sighting.waits ? { ...state, heardAt: sighting.now } : state;
  }
  if (!concerns(condition, sighting.key)) return state;
  const { key, value, now } = sighting;
  const step = Math.max(state.step, sighting.step);
  const next = { ...state, points: state.points + 1, step, heardAt: now };
  switch (condition.type) {
    case 'not-improved': {
      const better =
        !Number.isNaN(value) &&
        (state.best === null || (condition.better === 'lower' ? value < state.best : value > state.best));
      if (better) return { ...next, best: value, bestPoints: next.points, bestStep: step };
      // Without any figure to be better than, the count begins at the first point.
      return state.points === 0 ? { ...next, bestPoints: 1, bestStep: step } : next;
    }
    case 'not-finite': {
      const others = state.broken.filter((other) => other !== key);
      if (!Number.isFinite(value)) return { ...next, broken: [...others, key] };
      return others.length === state.broken.length ? next : { ...next, broken: others };
    }
    case 'plateau': {
      if (!Number.isFinite(value)) return { ...next, level: null };
      const { level } = state;
      const low = Math.min(level?.low ?? value, value);
      const high = Math.max(level?.high ?? value, value);
      const flat = level && high - low <= condition.within * Math.max(Math.abs(low), Math.abs(high));
      return { ...next, level: flat ? { ...level, low, high } : { from: step, low: value, high: value } };
    }
    case 'compared':
      return { ...next, best: value };
    default:
      return next;
  }
}

/** Whether the condition holds; null: this sighting says nothing about it. */
function isSo(condition: Condition, state: Watch, sighting: Sighting): boolean | null {
  if (condition.type === 'no-heartbeat') {
    return sighting.type === 'tick' ? sighting.now - sighting.heartbeat >= condition.seconds * 1000 : null;
  }
  if (condition.type === 'no-points') {
    if (sighting.type === 'point') return concerns(condition, sighting.key) ? false : null;
    return sighting.now - state.heardAt >= condition.seconds * 1000;
  }
  if (sighting.type === 'tick' || !concerns(condition, sighting.key)) return null;
  switch (condition.type) {
    case 'not-improved': {
      const since = condition.unit === 'points' ? state.points - state.bestPoints : state.step - state.bestStep;
      return since >= condition.count;
    }
    case 'compared':
      return compares(sighting.value, condition.comparison, condition.value);
    case 'not-finite':
      return state.broken.length > 0;
    case 'plateau':
      return state.level !== null && state.step - state.level.from >= condition.steps;
  }
}

function compares(value: number, comparison: Comparison, other: number): boolean {
  switch (comparison) {
    case '>':
      return value > other;
    case '>=':
      return value >= other;
    case '<':
      return value < other;
    case '<=':
      return value <= other;
  }
}
