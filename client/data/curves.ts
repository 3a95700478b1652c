/**
 * The points of a trial as they are held for drawing: plain arrays, one curve a metric, growing at the end. They stay
 * out of Solid's stores, where every number would cost a proxy; whoever draws listens to one counter instead.
 */
import type { Series } from '@trialroom/shared/live/events';
import { fromWire, type WirePoints } from '@trialroom/shared/trial/points';
import type { LivePoints } from '@trialroom/shared/trial/series';

/** Points of one metric, ordered by step; the arrays have equal length. Values may be NaN or infinite, steps may not. */
export interface Curve {
  key: string;
  steps: number[];
  /** ms since the epoch. */
  walls: number[];
  values: number[];
  /** Points that exist; more than are held when some were merged. */
  total: number;
  /** Points at or before this step are the extremes of merged points; `-Infinity` when none are. */
  mergedTo: number;
}

/** Most points held of one curve; beyond, the older ones are merged to half as many. */
export const HELD = 6000;

/** Curves from a snapshot or a window. */
export function curvesOf(series: readonly Series[]): Map<string, Curve> {
  return new Map(
    series.map(({ points, total }) => {
      const curve: Curve = { key: points.key, steps: [], walls: [], values: [], total: 0, mergedTo: -Infinity };
      addPoints(curve, points);
      if (total > points.steps.length) curve.mergedTo = curve.steps.at(-1) ?? -Infinity;
      curve.total = total;
      return [points.key, curve] as const;
    }),
  );
}

/**
 * Adds what just arrived. With a window (`from`, `to` in steps) only what falls into it is added.
 * Curves that are not there yet begin.
 */
export function appendPoints(
  curves: Map<string, Curve>,
  series: readonly LivePoints[],
  window?: { from: number; to: number },
): void {
  for (const points of series) {
    let curve = curves.get(points.key);
    if (!curve) {
      curve = { key: points.key, steps: [], walls: [], values: [], total: 0, mergedTo: -Infinity };
      curves.set(points.key, curve);
    }
    addPoints(curve, points, window);
    // Of a great many that came at once, only the extremes are given.
    const merged = (points.total ?? points.steps.length) - points.steps.length;
    if (merged > 0 && !window) {
      curve.total += merged;
      curve.mergedTo = curve.steps.at(-1) ?? -Infinity;
    }
    if (curve.steps.length > HELD) mergePoints(curve, HELD / 4);
  }
}

function addPoints(curve: Curve, points: WirePoints, window?: { from: number; to: number }): void {
  let sorted = true;
  points.steps.forEach((wireStep, index) => {
    const step = fromWire(wireStep);
    const value = points.values[index];
    const wall = points.walls[index];
    if (!Number.isFinite(step) || value === undefined || wall === undefined) return;
    if (window && (step < window.from || step > window.to)) return;
    if (step < (curve.steps.at(-1) ?? -Infinity)) sorted = false;
    curve.steps.push(step);
    curve.walls.push(wall);
    curve.values.push(fromWire(value));
    curve.total++;
  });
  if (!sorted) sortBySteps(curve);
}

function sortBySteps(curve: Curve): void {
  const order = curve.steps
    .map((step, index) => ({ step, index }))
    .sort((a, b) => a.step - b.step || a.index - b.index);
  const pick = (from: number[]): number[] => order.map(({ index }) => from[index] ?? Number.NaN);
  [curve.steps, curve.walls, curve.values] = [pick(curve.steps), pick(curve.walls), pick(curve.values)];
}

/** Merges a curve to at most `bins` × 2 points: the lowest and the highest of each bin, exactly. Values that are not finite are all kept. */
export function mergePoints(curve: Curve, bins: number): void {
  const { steps, values } = curve;
  const size = Math.ceil(steps.length / bins);
  const keep: number[] = [];
  for (let start = 0; start < steps.length; start += size) {
    const end = Math.min(start + size, steps.length);
    let low = -1;
    let high = -1;
    const kept = new Set<number>();
    for (let index = start; index < end; index++) {
      const value = values[index] ?? Number.NaN;
      if (!Number.isFinite(value)) {
        kept.add(index);
        continue;
      }
      if (low < 0 || value < (values[low] ?? 0)) low = index;
      if (high < 0 || value > (values[high] ?? 0)) high = index;
    }
    if (low >= 0) kept.add(low).add(high);
    // The newest point is what people read as "now": it stays, extreme or not.
    if (end === steps.length) kept.add(end - 1);
    keep.push(...[...kept].sort((a, b) => a - b));
  }
  curve.mergedTo = steps.at(-1) ?? -Infinity;
  const pick = (from: number[]): number[] => keep.map((index) => from[index] ?? Number.NaN);
  [curve.steps, curve.walls, curve.values] = [pick(curve.steps), pick(curve.walls), pick(curve.values)];
}

/** Points drawn and points that exist, over all curves. */
export function shownOf(curves: Iterable<Curve>): { shown: number; total: number } {
  let shown = 0;
  let total = 0;
  for (const curve of curves) {
    shown += curve.steps.length;
    total += curve.total;
  }
  return { shown, total };
}
