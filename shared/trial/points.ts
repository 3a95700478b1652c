/**
 * Metric points in columns. A point is (key, step, wall time in ms since the epoch, float64 value);
 * NaN and ±Infinity are legal values and must survive every hop, so JSON hops spell them out.
 */
import { z } from 'zod';

/** Points of one key, column by column; the three arrays have equal length. */
export interface PointColumns {
  key: string;
  steps: Float64Array;
  walls: Float64Array;
  values: Float64Array;
}

/** Bytes of one point in the binary form: three little-endian float64. */
export const POINT_BYTES = 24;

/** Packs columns one key after another: steps, walls, values, each `count` little-endian float64. */
export function packPoints(columns: readonly PointColumns[]): {
  keys: { key: string; count: number }[];
  payload: Uint8Array;
} {
  const total = columns.reduce((sum, column) => sum + column.steps.length, 0);
  const payload = new Uint8Array(total * POINT_BYTES);
  const view = new DataView(payload.buffer);
  let offset = 0;
  for (const column of columns) {
    for (const values of [column.steps, column.walls, column.values]) {
      for (const value of values) {
        view.setFloat64(offset, value, true);
        offset += 8;
      }
    }
  }
  return { keys: columns.map(({ key, steps }) => ({ key, count: steps.length })), payload };
}

/**
 * Reads what {@link packPoints} wrote.
 * @throws RangeError when the payload's length does not match the announced counts
 */
export function unpackPoints(keys: readonly { key: string; count: number }[], payload: Uint8Array): PointColumns[] {
  const total = keys.reduce((sum, { count }) => sum + count, 0);
  if (payload.length !== total * POINT_BYTES) {
    throw new RangeError(`points payload has ${payload.length} bytes, ${total} points need ${total * POINT_BYTES}`);
  }
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  let offset = 0;
  const column = (count: number): Float64Array => {
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++, offset += 8) values[i] = view.getFloat64(offset, true);
    return values;
  };
  return keys.map(({ key, count }) => ({ key, steps: column(count), walls: column(count), values: column(count) }));
}

/** A float64 in JSON: what JSON cannot say as a number is said as a word. */
export const WireNumber = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]);
export type WireNumber = z.infer<typeof WireNumber>;

/** Points of one key as they travel to browsers. */
export const WirePoints = z.object({
  key: z.string(),
  steps: z.array(WireNumber),
  walls: z.array(z.number()),
  values: z.array(WireNumber),
});
export type WirePoints = z.infer<typeof WirePoints>;

/** number → JSON-safe. */
export const toWire = (value: number): WireNumber =>
  Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';

/** JSON-safe → number. */
export const fromWire = (value: WireNumber): number => Number(value);

/** Columns → JSON-safe columns. */
export const toWirePoints = ({ key, steps, walls, values }: PointColumns): WirePoints => ({
  key,
  steps: Array.from(steps, toWire),
  walls: Array.from(walls),
  values: Array.from(values, toWire),
});
