/** Histograms, tables and texts that a trial's code logs. */
import type { SaidEvent } from '@trialroom/shared/trial/event';
import {
  MOST_BINS,
  MOST_COLUMNS,
  MOST_MEDIA_BYTES,
  MOST_MEDIA_KEY,
  MOST_ROWS,
  type SaidMedia,
  type TableCell,
} from '@trialroom/shared/trial/media';
import { toWire } from '@trialroom/shared/trial/points';
import type { z } from 'zod';

export interface MediaOptions {
  /** The newest step logged when not given. */
  step?: number;
  /** A line beneath it. */
  caption?: string;
}

/** Values to count, or counts of values between edges (one more edge than counts, ascending). */
export type HistogramValues = ArrayLike<number> | { edges: ArrayLike<number>; counts: ArrayLike<number> };

/** Bins that values are counted into when nothing is said of them. */
const BINS = 64;

/** @throws TypeError when the key is no text of a fitting length */
export function checkKey(method: string, key: string): void {
  if (typeof key === 'string' && key.length >= 1 && key.length <= MOST_MEDIA_KEY) return;
  throw new TypeError(`trial.${method}: the key is a text of 1 to ${MOST_MEDIA_KEY} characters`);
}

type Spoken = SaidMedia extends infer M ? (M extends unknown ? Omit<M, 'caption'> : never) : never;

/** The event of something that was logged. */
export function mediaSaid(media: Spoken, { step, caption }: MediaOptions, newest: number): SaidEvent {
  if (caption !== undefined && (typeof caption !== 'string' || caption.length > 1000)) {
    throw new TypeError(`trial.${media.media}: the caption is a text of at most 1000 characters`);
  }
  const at = step ?? newest;
  return {
    kind: 'media',
    at: Date.now(),
    step: toWire(at),
    text: `${media.key} at step ${at.toLocaleString('en')}`,
    data: { ...media, ...(caption === undefined ? {} : { caption }) },
  };
}

/** @throws TypeError or RangeError for values that make no histogram */
export function histogramSaid(
  key: string,
  values: HistogramValues,
  options: MediaOptions & { bins?: number },
  newest: number,
): SaidEvent {
  checkKey('histogram', key);
  if ('edges' in values) return mediaSaid({ media: 'histogram', key, ...checked(key, values) }, options, newest);
  const { bins = BINS } = options;
  if (!(Number.isInteger(bins) && bins >= 1 && bins <= MOST_BINS)) {
    throw new RangeError(`trial.histogram: bins is ${bins}; give a whole number from 1 to ${MOST_BINS}`);
  }
  return mediaSaid({ media: 'histogram', key, ...counted(values, bins) }, options, newest);
}

function checked(key: string, given: { edges: ArrayLike<number>; counts: ArrayLike<number> }) {
  const edges = Array.from(given.edges, Number);
  const counts = Array.from(given.counts, Number);
  if (edges.length !== counts.length + 1 || counts.length < 1 || counts.length > MOST_BINS) {
    throw new RangeError(
      `trial.histogram: "${key}" has ${edges.length} edges and ${counts.length} counts; give 1 to ${MOST_BINS} counts, and one edge more`,
    );
  }
  if (!edges.every((edge, at) => Number.isFinite(edge) && (at === 0 || edge > (edges[at - 1] ?? 0)))) {
    throw new RangeError(`trial.histogram: the edges of "${key}" are not finite and ascending`);
  }
  if (!counts.every((count) => Number.isFinite(count) && count >= 0)) {
    throw new RangeError(`trial.histogram: the counts of "${key}" are not all finite and 0 or more`);
  }
  return { edges, counts, nan: 0, infinite: 0 };
}

function counted(values: ArrayLike<number>, bins: number) {
  let [low, high, nan, infinite] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let at = 0; at < values.length; at++) {
    const value = Number(values[at]);
    if (Number.isNaN(value)) nan++;
    else if (!Number.isFinite(value)) infinite++;
    else {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) return { edges: [], counts: [], nan, infinite };
  // Values that are all the same have a bin around them; halves first, since a difference may overflow.
  if (low === high) [low, high] = [low - (Math.abs(low) || 1) / 2, high + (Math.abs(high) || 1) / 2];
  [low, high] = [Math.max(low, -Number.MAX_VALUE), Math.min(high, Number.MAX_VALUE)];
  const width = high / bins - low / bins;
  // Values so close together, or so far apart, that nothing lies between them: one bin holds them all.
  if (!(width > 0 && Number.isFinite(low / width) && Number.isFinite(high / width))) {
    return { edges: [low, high], counts: [values.length - nan - infinite], nan, infinite };
  }
  const counts = new Array<number>(bins).fill(0);
  for (let at = 0; at < values.length; at++) {
    const value = Number(values[at]);
    if (!Number.isFinite(value)) continue;
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(value / width - low / width)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const edges = Array.from({ length: bins + 1 }, (_, at) => (at === bins ? high : low + at * width));
  return { edges, counts, nan, infinite };
}

/** @throws TypeError or RangeError for rows that make no table */
export function tableSaid(
  key: string,
  rows: readonly Readonly<Record<string, unknown>>[],
  options: MediaOptions,
  newest: number,
): SaidEvent {
  checkKey('table', key);
  if (!Array.isArray(rows) || rows.some((row) => typeof row !== 'object' || row === null)) {
    throw new TypeError(`trial.table: "${key}" is no array of objects; give e.g. [{ epoch: 1, loss: 0.5 }]`);
  }
  if (rows.length > MOST_ROWS) {
    throw new RangeError(`trial.table: "${key}" has ${rows.length} rows; give at most ${MOST_ROWS}`);
  }
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (columns.length > MOST_COLUMNS) {
    throw new RangeError(`trial.table: "${key}" has ${columns.length} columns; give at most ${MOST_COLUMNS}`);
  }
  const table = { columns, rows: rows.map((row) => columns.map((column) => cell(row[column]))) };
  const bytes = Buffer.byteLength(JSON.stringify(table));
  if (bytes > MOST_MEDIA_BYTES) {
    throw new RangeError(`trial.table: "${key}" has ${Math.round(bytes / 1024)} KB; give at most 4 MB`);
  }
  return mediaSaid({ media: 'table', key, table }, options, newest);
}

function cell(value: unknown): z.infer<typeof TableCell> {
  if (typeof value === 'number') return toWire(value);
  if (value === null || value === undefined) return null;
  return typeof value === 'string' || typeof value === 'boolean' ? value : String(value);
}

/** @throws TypeError or RangeError for what is no text, or too long */
export function textSaid(key: string, text: string, options: MediaOptions, newest: number): SaidEvent {
  checkKey('text', key);
  if (typeof text !== 'string') throw new TypeError(`trial.text: "${key}" is a ${typeof text}; give a text`);
  if (Buffer.byteLength(text) > MOST_MEDIA_BYTES) {
    throw new RangeError(
      `trial.text: "${key}" has ${Math.round(Buffer.byteLength(text) / 1024)} KB; give at most 4 MB`,
    );
  }
  return mediaSaid({ media: 'text', key, text }, options, newest);
}
