/** From curves to what a plot draws: x values, smoothed and raw lines, bands, extents. Pure, so that it can be tested. */
import type { Curve } from '../data/curves.ts';
import { type AxisKind, kindOf, onAxis, type Pause, type XAxis } from './axis.ts';
import type { PlacedMark } from './marks.ts';
import { type Oddity, odditiesOf } from './oddities.ts';
import { yRange } from './range.ts';
import { envelope, LEAST_SMOOTHED, smooth } from './smoothing.ts';

/** How people chose to look at curves. */
export interface Look {
  /** 0 to 0.99. */
  smoothing: number;
  x: XAxis;
  log: boolean;
  robust: boolean;
}

export const PLAIN_LOOK: Look = { smoothing: 0, x: 'step', log: false, robust: true };

/** One line with its ghost and band; all arrays have the length of `x`. */
export interface PlotLine {
  name: string;
  /** Pen of the token file, 1 to 10. */
  colour: number;
  x: number[];
  /** As recorded. */
  raw: number[];
  /** As drawn. */
  shown: number[];
  /** Lowest and highest around each point where points were merged; null where none were. */
  band: { low: number[]; high: number[] } | null;
  /** True when `shown` is an average and `raw` is drawn as a ghost behind it. */
  smoothed: boolean;
}

export interface PlotModel {
  lines: PlotLine[];
  x: { kind: AxisKind; from: number; to: number };
  y: { from: number; to: number; log: boolean };
  oddities: Oddity[];
  marks?: readonly PlacedMark[];
}

/** A curve to be drawn, and what its trial says of time. */
export interface DrawnCurve {
  curve: Curve;
  name: string;
  colour: number;
  /** When its trial began, in ms since the epoch; absent: the figure's. */
  startedAt?: number | undefined;
  pauses?: readonly Pause[] | undefined;
  /** The metric that the horizontal axis goes by. */
  axis?: Curve | undefined;
}

/** Builds the model of one figure. `from` and `to` are steps; without them the whole of the curves is shown. */
export function plotModel(
  curves: readonly DrawnCurve[],
  look: Look,
  options: {
    startedAt: number;
    plannedTo?: number | undefined;
    window?: { from: number; to: number } | undefined;
    /** More points are coming. */
    growing?: boolean;
  },
): PlotModel {
  const most = Math.max(1, ...curves.map(({ curve }) => curve.total));
  const lines = curves.map(({ curve, name, colour, startedAt = options.startedAt, pauses, axis }): PlotLine => {
    const { x, values } = onAxis(curve, look.x, { startedAt, pauses, axis });
    return plotLine(x, values, {
      name,
      colour,
      smoothing: spreadSmoothing(look.smoothing, curve.total, most),
      merged: curve.mergedTo > -Infinity,
    });
  });
  const oddities = lines.flatMap((line, index) => odditiesOf(line.x, line.raw, index));
  const data = extent(lines);
  const from =
    look.x === 'step' && options.window
      ? options.window.from
      : options.window || look.x === 'clock' || look.x.startsWith('by:')
        ? data.from
        : Math.min(0, data.from);
  const end = options.growing ? roomFor(from, data.to) : data.to;
  const to = look.x === 'step' ? (options.window?.to ?? Math.max(data.to, options.plannedTo ?? end)) : end;
  return {
    lines,
    x: { kind: kindOf(look.x), from, to: to > from ? to : from + 1 },
    y: extentY(lines, look),
    oddities,
  };
}

/**
 * The end of an axis of which nobody knows where it will end: a little more than there is (2 % at most), so that it moves
 * on in steps, and what is drawn stays where it is in between. Short axes of whole steps end with the last.
 */
export function roomFor(from: number, to: number): number {
  if (!(to > from)) return to;
  const step = 2 ** (Math.floor(Math.log2(to - from)) - 6);
  return from + Math.ceil((to - from) / step) * step;
}

/**
 * The weight for a line with fewer points than its neighbour: all lines of a figure are averaged over the same stretch
 * of x, so that twenty validations are not dragged along behind two thousand steps.
 */
export const spreadSmoothing = (weight: number, points: number, most: number): number =>
  weight ** (most / Math.max(1, points));

/** One line from plain arrays. */
export function plotLine(
  x: number[],
  raw: number[],
  options: { name: string; colour: number; smoothing: number; merged: boolean },
): PlotLine {
  const smoothed = options.smoothing > 0.01 && hasFinite(raw, LEAST_SMOOTHED);
  return {
    name: options.name,
    colour: options.colour,
    x,
    raw,
    shown: smoothed ? smooth(raw, options.smoothing) : raw,
    band: options.merged ? envelope(raw) : null,
    smoothed,
  };
}

function hasFinite(values: readonly number[], least: number): boolean {
  let count = 0;
  for (const value of values) {
    if (Number.isFinite(value) && ++count >= least) return true;
  }
  return false;
}

/** The y extent of lines: what was recorded counts, smoothed or not. A log axis without a positive value becomes linear. */
export function extentY(lines: readonly PlotLine[], look: Pick<Look, 'log' | 'robust'>): PlotModel['y'] {
  const [first] = lines;
  const values = lines.length === 1 && first ? first.raw : lines.flatMap((line) => line.raw);
  const log = look.log && values.some((value) => value > 0 && Number.isFinite(value));
  const [from, to] = yRange(values, { robust: look.robust, log }) ?? [0, 1];
  return { from, to, log };
}

function extent(lines: readonly PlotLine[]): { from: number; to: number } {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const { x } of lines) {
    for (const end of [x[0], x.at(-1)]) {
      if (end === undefined) continue;
      from = Math.min(from, end);
      to = Math.max(to, end);
    }
  }
  return from <= to ? { from, to } : { from: 0, to: 1 };
}

/** Few points are drawn with dots, so that single readings are seen. */
export const fewPoints = (xs: readonly number[]): boolean => xs.length < LEAST_SMOOTHED;

/** Index of the x nearest to `at` in an ascending list; -1 when it is empty. */
export function nearest(xs: readonly number[], at: number): number {
  let low = 0;
  let high = xs.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((xs[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  if (low > 0 && Math.abs((xs[low - 1] ?? 0) - at) <= Math.abs((xs[low] ?? 0) - at)) return low - 1;
  return xs.length === 0 ? -1 : low;
}
