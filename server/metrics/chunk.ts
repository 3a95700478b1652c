/**
 * A chunk: a few thousand points of one metric in order of their steps, with its pyramid. The pyramid has bins of a power
 * of two points, four storeys of them (the chunk itself, `COARSE`, `MIDDLE`, `FINE`); each bin tells its lowest and its
 * highest point, exactly, and the chunk its first, its last and those that are not finite. Written once, never changed.
 */
import { bytesOf, floatsOf, NO_POINTS, type Points, picked, pointBytes, pointsOf } from './points.ts';

/** Most points of a chunk, and points of a bin of each storey below it. */
export const CHUNK = 4096;
export const COARSE = 256;
export const MIDDLE = 128;
export const FINE = 32;

/** Most points that are not finite that a chunk tells of one by one; of more, the first of each kind in each fine bin. */
const ODDS = 256;

/** A chunk as stored: the storeys from the top, and the points themselves. */
export interface ChunkBytes {
  count: number;
  lowStep: number;
  highStep: number;
  lowWall: number;
  highWall: number;
  top: Buffer;
  coarse: Buffer;
  middle: Buffer;
  fine: Buffer;
  points: Buffer;
}

/** A storey as read: points that were logged, and how far apart on each axis two bins begin at most. */
export interface Storey {
  points: Points;
  /** Widest bin, in steps and in ms. */
  widest: { step: number; wall: number };
}

/** @param points at least one, by step, with finite steps and walls */
export function encodeChunk(points: Points): ChunkBytes {
  const { steps, walls, values } = points;
  const count = steps.length;
  const [low, high] = extremes(values, 0, count);
  const ends = [0, Math.max(low, 0), Math.max(high, 0), count - 1];
  const top = [...ends, ...oddPlaces(values)];
  let [lowWall, highWall] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const wall of walls) {
    lowWall = Math.min(lowWall, wall);
    highWall = Math.max(highWall, wall);
  }
  return {
    count,
    lowStep: at(steps, 0),
    highStep: at(steps, count - 1),
    lowWall,
    highWall,
    top: pointBytes([picked(points, top)]),
    coarse: storeyBytes(points, COARSE),
    middle: storeyBytes(points, MIDDLE),
    fine: storeyBytes(points, FINE),
    points: pointBytes([points]),
  };
}

/** The top of a chunk: its first, lowest, highest and last point, and those that are not finite. */
export const decodeTop = (bytes: Uint8Array): Points => onlyOf(bytes);

/** All points of a chunk. */
export const decodePoints = (bytes: Uint8Array): Points => onlyOf(bytes);

const onlyOf = (bytes: Uint8Array): Points => pointsOf(bytes, [bytes.byteLength / 24])[0] ?? NO_POINTS;

/** A storey as columns of one bin each: first step, first wall, then step, wall and value of the lowest and of the highest. */
const COLUMNS = 8;

function storeyBytes({ steps, walls, values }: Points, size: number): Buffer {
  const bins = Math.ceil(steps.length / size);
  const all = new Float64Array(bins * COLUMNS);
  for (let bin = 0; bin < bins; bin++) {
    const from = bin * size;
    const [low, high] = extremes(values, from, Math.min(from + size, steps.length));
    const told = [at(steps, from), at(walls, from)];
    // A bin without a finite value has no extremes; what is odd is told at the top.
    for (const place of [low, high])
      told.push(...(place < 0 ? [at(steps, from), at(walls, from), Number.NaN] : pointAt(place)));
    for (let column = 0; column < COLUMNS; column++) all[column * bins + bin] = told[column] ?? Number.NaN;
  }
  return bytesOf(all);

  function pointAt(place: number): number[] {
    return [at(steps, place), at(walls, place), at(values, place)];
  }
}

/** @param last the chunk's last step and latest wall, where its last bin ends */
export function decodeStorey(bytes: Uint8Array, last: { step: number; wall: number }): Storey {
  const all = floatsOf(bytes);
  const bins = all.length / COLUMNS;
  let finite = 0;
  for (let bin = 0; bin < bins; bin++) if (Number.isFinite(all[4 * bins + bin])) finite++;
  const steps = new Float64Array(2 * finite);
  const walls = new Float64Array(2 * finite);
  const values = new Float64Array(2 * finite);
  let place = 0;
  for (let bin = 0; bin < bins; bin++) {
    if (!Number.isFinite(all[4 * bins + bin])) continue;
    // In the order of their steps, so that hardly anything is left to be sorted.
    const lowFirst = at(all, 2 * bins + bin) <= at(all, 5 * bins + bin);
    for (const column of lowFirst ? [2, 5] : [5, 2]) {
      steps[place] = at(all, column * bins + bin);
      walls[place] = at(all, (column + 1) * bins + bin);
      values[place++] = at(all, (column + 2) * bins + bin);
    }
  }
  return {
    points: { steps, walls, values },
    widest: {
      step: widest(all.subarray(0, bins), last.step),
      wall: widest(all.subarray(bins, 2 * bins), last.wall),
    },
  };
}

function widest(firsts: Float64Array, end: number): number {
  let most = 0;
  for (let i = 0; i < firsts.length; i++) {
    most = Math.max(most, Math.abs((i + 1 < firsts.length ? at(firsts, i + 1) : end) - at(firsts, i)));
  }
  return most;
}

/** Places of the lowest and the highest finite value; -1 where there is none. */
export function extremes(values: Float64Array, from: number, to: number): [low: number, high: number] {
  let [low, high] = [-1, -1];
  for (let i = from; i < to; i++) {
    const value = at(values, i);
    if (!Number.isFinite(value)) continue;
    if (low < 0 || value < at(values, low)) low = i;
    if (high < 0 || value > at(values, high)) high = i;
  }
  return [low, high];
}

function oddPlaces(values: Float64Array): number[] {
  const all: number[] = [];
  const firsts: number[] = [];
  let seen = new Set<string>();
  for (let i = 0; i < values.length; i++) {
    if (i % FINE === 0) seen = new Set();
    const value = at(values, i);
    if (Number.isFinite(value)) continue;
    all.push(i);
    if (!seen.has(String(value))) firsts.push(i);
    seen.add(String(value));
  }
  return all.length <= ODDS ? all : firsts;
}

const at = (column: Float64Array, place: number): number => column[place] ?? Number.NaN;
