/** Points in columns as metrics work with them: joined, put in order, and as bytes. */
import type { PointColumns } from '@trialroom/shared/trial/points';

/** Points of one metric; the columns have equal length. */
export type Points = Omit<PointColumns, 'key'>;

/** The source of what a trial's own code logs. */
export const CODE = 'code';
/** Who counts what is sampled beside the code. */
export const SYSTEM = 'system';

/**
 * What was sent at once. `seq` counts within the trial and its source, from 1; numbers of other messages are left out.
 * @property source who counts: `code`, or `system` for what is sampled beside it
 */
export interface Batch {
  trial: string;
  source: string;
  seq: number;
  columns: PointColumns[];
}

export const NO_POINTS: Points = {
  steps: new Float64Array(0),
  walls: new Float64Array(0),
  values: new Float64Array(0),
};

/** All points in one set of columns. */
export function joined(parts: readonly Points[]): Points {
  const [only] = parts;
  if (!only) return NO_POINTS;
  if (parts.length === 1) return only;
  const join = (column: keyof Points): Float64Array => {
    const all = new Float64Array(parts.reduce((sum, { steps }) => sum + steps.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part[column], at);
      at += part[column].length;
    }
    return all;
  };
  return { steps: join('steps'), walls: join('walls'), values: join('values') };
}

/** The points of these places. */
export function picked(points: Points, places: ArrayLike<number>): Points {
  const pick = (column: Float64Array): Float64Array => {
    const some = new Float64Array(places.length);
    for (let i = 0; i < places.length; i++) some[i] = column[places[i] ?? 0] ?? Number.NaN;
    return some;
  };
  return { steps: pick(points.steps), walls: pick(points.walls), values: pick(points.values) };
}

/** A stretch of the points; shares their memory. */
export const slice = ({ steps, walls, values }: Points, from: number, to: number): Points => ({
  steps: steps.subarray(from, to),
  walls: walls.subarray(from, to),
  values: values.subarray(from, to),
});

/** Places of a column in growing order of its values; those of equal value stay in their order. Null: it is in order. */
export function orderOf(column: Float64Array): Uint32Array | null {
  let i = 1;
  while (i < column.length && (column[i - 1] ?? 0) <= (column[i] ?? 0)) i++;
  if (i >= column.length) return null;
  return Uint32Array.from({ length: column.length }, (_, place) => place).sort(
    (a, b) => (column[a] ?? 0) - (column[b] ?? 0) || a - b,
  );
}

/** The points by step; points of one step stay in the order they were logged. */
export function bySteps(points: Points): Points {
  const order = orderOf(points.steps);
  return order ? picked(points, order) : points;
}

/** Columns one after another: steps, walls, values. Every machine that Node runs on is little-endian. */
export function pointBytes(parts: readonly Points[]): Buffer {
  const count = parts.reduce((sum, { steps }) => sum + steps.length, 0);
  const all = new Float64Array(count * 3);
  let at = 0;
  for (const { steps, walls, values } of parts) {
    for (const column of [steps, walls, values]) {
      all.set(column, at);
      at += column.length;
    }
  }
  return bytesOf(all);
}

/** Reads what {@link pointBytes} wrote, given how many points each part has. */
export function pointsOf(bytes: Uint8Array, counts: readonly number[]): Points[] {
  const all = floatsOf(bytes);
  let at = 0;
  const take = (count: number): Float64Array => {
    const column = all.subarray(at, at + count);
    at += count;
    return column;
  };
  return counts.map((count) => ({ steps: take(count), walls: take(count), values: take(count) }));
}

export const bytesOf = (column: Float64Array): Buffer =>
  Buffer.from(column.buffer, column.byteOffset, column.byteLength);

/** A copy: what a database gives need not begin at an eighth byte. */
export function floatsOf(bytes: Uint8Array): Float64Array {
  const column = new Float64Array(bytes.byteLength / 8);
  new Uint8Array(column.buffer).set(bytes);
  return column;
}
