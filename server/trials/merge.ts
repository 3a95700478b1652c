/**
 * Long series made short enough to draw, without lying: every point given is a point that was logged, each stretch keeps
 * its lowest and highest, and values that are not finite are never averaged away. It refuses to interpolate.
 */

import type { Series } from '@trialroom/shared/live/events';
import { type PointColumns, toWire, toWirePoints } from '@trialroom/shared/trial/points';
import type { MetricGlance } from '@trialroom/shared/trial/trial';

/** A part of a series to read: steps from `from` to `to` inclusive, drawn `width` pixels wide. */
export interface Window {
  from?: number;
  to?: number;
  width: number;
}

/** Columns of which only the first `length` points are set. */
export type Columns = Omit<PointColumns, 'key'> & { length: number };

/** Width of a snapshot's series, in pixels. */
export const SNAPSHOT_WIDTH = 600;

/** Most points of a glance's spark. */
export const SPARK_POINTS = 120;

/**
 * Points of a window, in the order they were logged. More than `2 × width` are merged into `width` bins of equal count:
 * of each, the lowest and highest point stay. The first and last point always stay. Points whose value is not finite all
 * stay while there are at most `width` of them; beyond that, the first and last of each kind in each bin.
 */
export function readWindow(key: string, columns: Columns, window: Window): Series {
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, width } = window;
  const whole = from === Number.NEGATIVE_INFINITY && to === Number.POSITIVE_INFINITY;
  const every = indices(columns.length);
  const inside = whole ? every : every.filter((i) => at(columns.steps, i) >= from && at(columns.steps, i) <= to);
  const kept = inside.length > 2 * width ? merge(columns.values, inside, width) : inside;
  return { points: toWirePoints(pick(key, columns, kept)), total: inside.length };
}

/** Name, newest value and shape of a series; undefined when it has no point. */
export function glanceAt(key: string, columns: Columns): MetricGlance | undefined {
  const { length } = columns;
  if (length === 0) return undefined;
  const all = indices(length);
  // Three points a bin at most (lowest, highest, one not finite), and the two ends.
  const kept = length > SPARK_POINTS ? spark(columns.values, all, Math.floor((SPARK_POINTS - 2) / 3)) : all;
  return {
    key,
    count: length,
    last: toWire(at(columns.values, length - 1)),
    lastStep: toWire(at(columns.steps, length - 1)),
    spark: toWirePoints(pick(key, columns, kept)),
  };
}

function merge(values: Float64Array, inside: Uint32Array, bins: number): number[] {
  const kept = endsOf(inside);
  const odd = inside.filter((i) => !Number.isFinite(at(values, i)));
  if (odd.length <= bins) for (const i of odd) kept.add(i);
  for (const bin of cut(inside, bins)) {
    for (const i of extremes(values, bin)) kept.add(i);
    if (odd.length > bins) for (const i of firstAndLastOdd(values, bin)) kept.add(i);
  }
  return inOrder(kept);
}

function spark(values: Float64Array, inside: Uint32Array, bins: number): number[] {
  const kept = endsOf(inside);
  for (const bin of cut(inside, bins)) {
    for (const i of extremes(values, bin)) kept.add(i);
    const odd = bin.find((i) => !Number.isFinite(at(values, i)));
    if (odd !== undefined) kept.add(odd);
  }
  return inOrder(kept);
}

function endsOf(inside: Uint32Array): Set<number> {
  const first = inside[0];
  const last = inside.at(-1);
  return new Set([first, last].filter((i) => i !== undefined));
}

const inOrder = (kept: ReadonlySet<number>): number[] => [...kept].sort((a, b) => a - b);

/** Cuts into bins whose sizes differ by one at most. */
function cut(inside: Uint32Array, bins: number): Uint32Array[] {
  return Array.from({ length: bins }, (_, bin) =>
    inside.subarray(Math.floor((bin * inside.length) / bins), Math.floor(((bin + 1) * inside.length) / bins)),
  );
}

function extremes(values: Float64Array, bin: Uint32Array): number[] {
  let low: number | undefined;
  let high: number | undefined;
  for (const i of bin) {
    const value = at(values, i);
    if (!Number.isFinite(value)) continue;
    if (low === undefined || value < at(values, low)) low = i;
    if (high === undefined || value > at(values, high)) high = i;
  }
  return [low, high].filter((i) => i !== undefined);
}

function firstAndLastOdd(values: Float64Array, bin: Uint32Array): number[] {
  const ends = new Map<string, { first: number; last: number }>();
  for (const i of bin) {
    const value = at(values, i);
    if (Number.isFinite(value)) continue;
    const seen = ends.get(String(value));
    if (seen) seen.last = i;
    else ends.set(String(value), { first: i, last: i });
  }
  return [...ends.values()].flatMap(({ first, last }) => [first, last]);
}

function pick(key: string, columns: Columns, kept: Iterable<number>): PointColumns {
  const take = (column: Float64Array): Float64Array => Float64Array.from(kept, (i) => at(column, i));
  return { key, steps: take(columns.steps), walls: take(columns.walls), values: take(columns.values) };
}

const indices = (length: number): Uint32Array => Uint32Array.from({ length }, (_, i) => i);

const at = (column: Float64Array, index: number): number => column[index] ?? Number.NaN;
