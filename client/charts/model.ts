/** From curves to what a plot draws: x values, smoothed and raw lines, bands, extents. Pure, so that it can be tested. */
import type { Curve } from '../data/curves.ts';
import { type Oddity, odditiesOf } from './oddities.ts';
import { yRange } from './range.ts';
import { envelope, LEAST_SMOOTHED, smooth } from './smoothing.ts';

/** How people chose to look at curves. */
export interface Look {
  /** 0 to 0.99. */
  smoothing: number;
  x: 'step' | 'time';
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
  x: { kind: 'step' | 'time' | 'number'; from: number; to: number };
  y: { from: number; to: number; log: boolean };
  oddities: Oddity[];
}

/** Builds the model of one figure. `from` and `to` are steps; without them the whole of the curves is shown. */
export function plotModel(
  curves: readonly { curve: Curve; name: string; colour: number }[],
  look: Look,
  options: { startedAt: number; plannedTo?: number | undefined; window?: { from: number; to: number } | undefined },
): PlotModel {
  const most = Math.max(1, ...curves.map(({ curve }) => curve.total));
  const lines = curves.map(({ curve, name, colour }): PlotLine => {
    const x = look.x === 'time' ? curve.walls.map((wall) => (wall - options.startedAt) / 1000) : curve.steps;
    return plotLine(x, curve.values, {
      name,
      colour,
      smoothing: spreadSmoothing(look.smoothing, curve.total, most),
      merged: curve.mergedTo > -Infinity,
    });
  });
  const oddities = lines.flatMap((line, index) => odditiesOf(line.x, line.raw, index));
  const data = extent(lines);
  const from =
    look.x === 'step' && options.window ? options.window.from : options.window ? data.from : Math.min(0, data.from);
  const to = look.x === 'step' ? (options.window?.to ?? Math.max(data.to, options.plannedTo ?? data.to)) : data.to;
  return {
    lines,
    x: { kind: look.x, from, to: to > from ? to : from + 1 },
    y: extentY(lines, look),
    oddities,
  };
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
  const finite = raw.reduce((count, value) => count + (Number.isFinite(value) ? 1 : 0), 0);
  const smoothed = options.smoothing > 0.01 && finite >= LEAST_SMOOTHED;
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

/** The y extent of lines: what was recorded counts, smoothed or not. A log axis without a positive value becomes linear. */
export function extentY(lines: readonly PlotLine[], look: Pick<Look, 'log' | 'robust'>): PlotModel['y'] {
  const values = lines.flatMap((line) => line.raw);
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
