/** What the horizontal axis of a figure counts. Pure. */
import type { Curve } from '../data/curves.ts';

/**
 * `step` · `time`: seconds since the trial's start, pauses included · `process`: seconds in which it ran, without pauses ·
 * `clock`: seconds since the epoch · `by:KEY`: the value of another metric at the same step.
 */
export type XAxis = 'step' | 'time' | 'process' | 'clock' | `by:${string}`;

/** A stretch in which a trial waited, in ms since the epoch; `to` is null while it still does. */
export interface Pause {
  from: number;
  to: number | null;
}

/** How an axis' values are written. */
export type AxisKind = 'step' | 'time' | 'clock' | 'number';

export const kindOf = (axis: XAxis): AxisKind =>
  axis === 'step' ? 'step' : axis === 'clock' ? 'clock' : axis.startsWith('by:') ? 'number' : 'time';

/** The axis that a text names; steps where it names none. */
export const axisOf = (text: string | undefined): XAxis =>
  text === 'time' || text === 'process' || text === 'clock' || text?.startsWith('by:') ? (text as XAxis) : 'step';

/** ms of `wall` since `startedAt` in which the trial did not wait. */
export function processTime(wall: number, startedAt: number, pauses: readonly Pause[]): number {
  const waited = pauses.reduce(
    (sum, { from, to }) => sum + Math.max(0, Math.min(wall, to ?? wall) - Math.max(from, startedAt)),
    0,
  );
  return Math.max(0, wall - startedAt - waited);
}

/**
 * A curve with the place of each of its points on an axis, in ascending order of place. Points without a place (the other
 * metric has no finite value at their step) are left out.
 * @param axis the metric that `by:` names, of the same trial
 */
export function onAxis(
  curve: Pick<Curve, 'steps' | 'walls' | 'values'>,
  x: XAxis,
  options: { startedAt: number; pauses?: readonly Pause[] | undefined; axis?: Curve | undefined },
): { x: number[]; values: number[] } {
  const { startedAt, pauses = [] } = options;
  if (x === 'step') return { x: curve.steps, values: curve.values };
  if (x.startsWith('by:')) return byMetric(curve, options.axis);
  const place =
    x === 'clock'
      ? (wall: number) => wall / 1000
      : x === 'process'
        ? (wall: number) => processTime(wall, startedAt, pauses) / 1000
        : (wall: number) => (wall - startedAt) / 1000;
  return ascending(curve.walls.map(place), curve.values);
}

function byMetric(
  curve: Pick<Curve, 'steps' | 'values'>,
  axis: Pick<Curve, 'steps' | 'values'> | undefined,
): { x: number[]; values: number[] } {
  if (!axis) return { x: [], values: [] };
  const at = new Map(axis.steps.map((step, index) => [step, axis.values[index] ?? Number.NaN]));
  const x: number[] = [];
  const values: number[] = [];
  curve.steps.forEach((step, index) => {
    const place = at.get(step);
    if (place === undefined || !Number.isFinite(place)) return;
    x.push(place);
    values.push(curve.values[index] ?? Number.NaN);
  });
  return ascending(x, values);
}

/** Clocks go back, and metrics go anywhere: a line is drawn from left to right all the same. */
function ascending(x: number[], values: number[]): { x: number[]; values: number[] } {
  if (x.every((place, index) => index === 0 || place >= (x[index - 1] ?? place))) return { x, values };
  const order = x.map((_, index) => index).sort((a, b) => (x[a] ?? 0) - (x[b] ?? 0) || a - b);
  return { x: order.map((at) => x[at] ?? Number.NaN), values: order.map((at) => values[at] ?? Number.NaN) };
}
