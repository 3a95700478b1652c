/**
 * Windows of series, read from the top of their pyramids down: a chunk that is narrower than two columns of the picture is
 * told by its top, a wider one by bins that are narrow enough, and only where even the finest bins are too wide, or where a
 * window cuts through, by its points. So what is read grows with the width of the picture, not with the series.
 */
import type { Database } from '../database/database.ts';
import { type Axis, placeOn, placesOn } from './axis.ts';
import { type Captured, chunkPoints } from './capture.ts';
import { COARSE, decodePoints, decodeStorey, decodeTop, FINE, MIDDLE } from './chunk.ts';
import { joined, type Points, picked } from './points.ts';
import { mostPoints, type Plotted, plotted, reduced } from './reduce.ts';
import { type Chunk, nameOf, readTops } from './tops.ts';

/** A part of a series to read: places from `from` to `to` inclusive, drawn `width` pixels wide. */
export interface Window {
  from?: number | undefined;
  to?: number | undefined;
  width: number;
}

/** Points of a window and how many there are in it. */
export interface Read {
  points: Plotted;
  total: number;
}

/** What is known of one series while its window is read. */
interface Reading {
  axis: Axis;
  from: number;
  to: number;
  total: number;
  /** Two columns of the picture, on the axis. */
  wide: number;
  found: Points[];
  /** Chunks of which more is wanted. */
  open: Chunk[];
}

/** Storeys below the top: points of a bin, and how many chunks' are read in one statement. */
const STOREYS = {
  coarse: { bin: COARSE, atOnce: 4000 },
  middle: { bin: MIDDLE, atOnce: 2000 },
  fine: { bin: FINE, atOnce: 500 },
  points: { bin: 1, atOnce: 48 },
} as const;
type Storeys = keyof typeof STOREYS;

/** Reads windows of many series at once; the answers are in the order of `series`. */
export async function readWindows(
  db: Database,
  series: readonly (Captured & { axis: Axis })[],
  { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, width }: Window,
): Promise<Read[]> {
  const tops = await readTops(db, series, { from, to });
  const readings = series.map((one): Reading => {
    const chunks = tops.get(nameOf(one)) ?? [];
    return begin(one, chunks, { from, to, width });
  });
  const byName = new Map(series.map((one, i) => [nameOf(one), readings[i]]));
  for (const storey of ['coarse', 'middle', 'fine', 'points'] as const) {
    const open = readings.flatMap((reading) => reading.open.filter((chunk) => due(reading, chunk, storey)));
    const wanted = new Set(open);
    for (const reading of readings) reading.open = reading.open.filter((chunk) => !wanted.has(chunk));
    const { atOnce } = STOREYS[storey];
    for (let at = 0; at < open.length; at += atOnce) {
      const some = open.slice(at, at + atOnce);
      const bytes = await readStorey(db, some, storey);
      some.forEach((chunk, i) => {
        const reading = byName.get(nameOf(chunk));
        const read = bytes[i];
        if (reading && read) take(reading, chunk, storey, read);
        // A storey that the chunk does not have: the next one below tells.
        else if (reading && read === null) reading.open.push(chunk);
      });
    }
  }
  return readings.map((reading) => finish(reading, width));
}

/** Sorts a series' chunks: outside the window, told by their top, or to be read further. */
function begin(
  { axis, loose }: { axis: Axis; loose: readonly Points[] },
  chunks: readonly Chunk[],
  { from, to, width }: { from: number; to: number; width: number },
): Reading {
  const inside = within(axis, loose, from, to);
  const held = chunks.filter((chunk) => spanOf(axis, chunk).low <= to && spanOf(axis, chunk).high >= from);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const place of placesOn(axis, inside)) [low, high] = [Math.min(low, place), Math.max(high, place)];
  for (const chunk of held) {
    const span = spanOf(axis, chunk);
    [low, high] = [Math.min(low, Math.max(span.low, from)), Math.max(high, Math.min(span.high, to))];
  }
  const most = held.reduce((sum, { count }) => sum + count, inside.steps.length);
  const reading: Reading = { axis, from, to, total: inside.steps.length, wide: 0, found: [inside], open: [] };
  // Halved, so that an axis from one end of float64 to the other has a width.
  reading.wide = most <= mostPoints(width) ? -1 : 4 * ((high / 2 - low / 2) / width);
  for (const chunk of held) {
    const span = spanOf(axis, chunk);
    if (span.low < from || span.high > to) {
      reading.open.push(chunk);
      continue;
    }
    reading.total += chunk.count;
    if (span.high - span.low > reading.wide) reading.open.push(chunk);
    else reading.found.push(decodeTop(chunk.top));
  }
  return reading;
}

const isCut = ({ axis, from, to }: Reading, chunk: Chunk): boolean => {
  const { low, high } = spanOf(axis, chunk);
  return low < from || high > to;
};

/** Whether a storey is worth reading: not of a chunk that is cut by the window, nor where its bins are surely too wide. */
function due(reading: Reading, chunk: Chunk, storey: Storeys): boolean {
  if (storey === 'points') return true;
  if (reading.wide < 0 || isCut(reading, chunk)) return false;
  const { low, high } = spanOf(reading.axis, chunk);
  return (high - low) / Math.ceil(chunk.count / STOREYS[storey].bin) <= reading.wide;
}

function take(reading: Reading, chunk: Chunk, storey: Storeys, bytes: Uint8Array): void {
  const { axis, found, wide } = reading;
  if (storey === 'points') {
    const points = decodePoints(bytes);
    if (!isCut(reading, chunk)) {
      found.push(points);
      return;
    }
    const inside = within(axis, [points], reading.from, reading.to);
    reading.total += inside.steps.length;
    found.push(inside);
    return;
  }
  const { points, widest } = decodeStorey(bytes, { step: chunk.high_step, wall: chunk.high_wall });
  if ((axis.kind === 'step' || axis.kind === 'metric' ? widest.step : widest.wall) > wide) reading.open.push(chunk);
  else found.push(points, decodeTop(chunk.top));
}

function finish({ axis, total, found }: Reading, width: number): Read {
  const points = joined(found);
  const all = plotted(points, placesOn(axis, points));
  return { points: all.xs.length >= total ? reduced(all, width) : once(reduced(all, width)), total };
}

/** The points without those that several storeys tell of. */
function once(points: Plotted): Plotted {
  const { xs, steps, walls, values } = points;
  const keep: number[] = [];
  let run: number[] = [];
  for (let i = 0; i < xs.length; i++) {
    if (i > 0 && xs[i] !== xs[i - 1]) run = [];
    const told = run.some((j) => steps[i] === steps[j] && walls[i] === walls[j] && Object.is(values[i], values[j]));
    if (told) continue;
    run.push(i);
    keep.push(i);
  }
  return { ...picked(points, keep), xs: Float64Array.from(keep, (i) => xs[i] ?? 0) };
}

function within(axis: Axis, parts: readonly Points[], from: number, to: number): Points {
  const points = joined(parts);
  const xs = placesOn(axis, points);
  if (xs.every((x) => x >= from && x <= to)) return points;
  return picked(
    points,
    [...xs.keys()].filter((i) => (xs[i] ?? Number.NaN) >= from && (xs[i] ?? Number.NaN) <= to),
  );
}

function spanOf(axis: Axis, chunk: Chunk): { low: number; high: number } {
  return {
    low: placeOn(axis, chunk.low_step, chunk.low_wall),
    high: placeOn(axis, chunk.high_step, chunk.high_wall),
  };
}

/** Bytes of a storey of each of these chunks; null where a chunk does not have it, undefined where there is none any more. */
async function readStorey(
  db: Database,
  chunks: readonly Chunk[],
  storey: Storeys,
): Promise<(Uint8Array | null | undefined)[]> {
  // Neighbours are asked for as one stretch.
  const stretches: { trial: string; metric: number; first: number; last: number; place: number }[] = [];
  chunks.forEach(({ trial, metric, chunk }, place) => {
    const last = stretches.at(-1);
    if (last && last.trial === trial && last.metric === metric && last.last === chunk - 1) last.last = chunk;
    else stretches.push({ trial, metric, first: chunk, last: chunk, place });
  });
  const rows = await db.em().execute<{ place: number; bytes: Uint8Array | null }[]>(
    `select w.place + c.chunk - w.first as place, c.${storey} as bytes
       from json_to_recordset(?::json) as w(trial text, metric int, first int, last int, place int)
       join metric_chunks c on c.trial = w.trial and c.metric = w.metric and c.chunk between w.first and w.last`,
    [JSON.stringify(stretches)],
  );
  const bytes: (Uint8Array | null | undefined)[] = chunks.map(() => undefined);
  for (const row of rows) bytes[row.place] = row.bytes;
  return bytes;
}

/** Values of a metric at these steps; the newest where a step has several, NaN where it has none. */
export async function valuesAt(db: Database, series: Captured, steps: Float64Array): Promise<Float64Array> {
  const found = new Map<number, number>();
  const wanted = new Set(steps);
  const note = (points: Points): void => {
    points.steps.forEach((step, i) => {
      if (wanted.has(step)) found.set(step, points.values[i] ?? Number.NaN);
    });
  };
  if (steps.length > 0) {
    let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const step of steps) [from, to] = [Math.min(from, step), Math.max(to, step)];
    for await (const points of chunkPoints(db, series, decodePoints, { from, to })) note(points);
    for (const points of series.loose) note(points);
  }
  return steps.map((step) => found.get(step) ?? Number.NaN);
}
