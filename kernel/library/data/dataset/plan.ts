/**
 * How batches are made, as plain data: what a thread needs to know to prepare them, with no function and no class in it,
 * so that it can be sent to another thread, hashed, and give the same batches wherever it is carried out.
 */

import type { CsvStreamPlan } from '../formats/csv/plan.ts';
import type { HostArray } from '../source.ts';

/** Numbers as they lie in memory. */
export type NumberValues =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** Types that numbers are stored as. `bool` is a byte that is 0 or not. */
export type StoredType =
  | 'uint8'
  | 'int8'
  | 'uint16'
  | 'int16'
  | 'uint32'
  | 'int32'
  | 'int64'
  | 'uint64'
  | 'float16'
  | 'float32'
  | 'float64'
  | 'bool';

/** Where the values of all examples are, one example after the other. */
export type Stored =
  | { kind: 'memory'; values: NumberValues }
  /** In a file that is read as examples are needed; `start` is the byte at which the first begins. */
  | { kind: 'file'; path: string; start: number; type: StoredType; littleEndian: boolean }
  /** Each example a PNG or JPEG file, scaled to the field's shape. */
  | { kind: 'images'; paths: readonly string[] }
  /** Each example a WAV file, cut or filled up with silence to the field's shape `[frames, channels]`. */
  | { kind: 'sounds'; paths: readonly string[] };

/** One part of each example: an input, a target or its weight. */
export interface Field {
  stored: Stored;
  /** Numbers of one example as they are stored. */
  size: number;
  /** Shape of one example as it is given out. */
  shape: readonly number[];
  dtype: HostArray['dtype'];
  /** Stored values are multiplied by it; float32 only. */
  scale?: number;
  /** Added after scaling; float32 only. */
  offset?: number;
  /** Number of classes: the stored value is the class's number, what is given out is 1 in its place. */
  oneHot?: number;
}

/** Examples any of which can be read by its number. */
export interface IndexedPlan {
  kind: 'indexed';
  /** Examples that are stored. */
  stored: number;
  /** Numbers of the examples that take part, in order; all of them when absent. */
  indices?: Int32Array;
  inputs: readonly Field[];
  targets: readonly Field[];
  weights?: Field;
}

/** Changes made to inputs by chance, anew in each epoch, so that a model does not learn them by heart. */
export interface Augment {
  /** Mirrors one example in two. */
  flip?: 'horizontal' | 'vertical' | 'both';
  /** Moves by up to so many pixels (or time steps) either way. */
  shift?: number;
  /** Turns by up to so many degrees either way. */
  rotate?: number;
  /** Takes a window of at least this share of each side (0 to 1) and scales it back to the whole. */
  crop?: number;
  /** Adds normally distributed noise of this deviation. */
  noise?: number;
  /** Adds one number from ± this to all values of an example. */
  brightness?: number;
  /** Multiplies the distances from the example's mean by 1 ± up to this. */
  contrast?: number;
  /** Blanks a square whose side is this share (0 to 1) of the shorter side. */
  erase?: number;
  /** What stands where there was no image; 0 when not given. */
  fill?: number;
}

/** How examples are ordered: as they are, all mixed, or mixed within a window that moves along. */
export type Order = { kind: 'stored' } | { kind: 'shuffled' } | { kind: 'window'; size: number };

/** Everything about the batches of a data set except epoch and seed. */
export interface BatchPlan {
  examples: IndexedPlan | CsvStreamPlan;
  order: Order;
  batchSize: number;
  dropLast: boolean;
  augment?: Augment;
  /** Functions that change examples, one after the other, as text: each uses nothing but its argument. */
  maps: readonly MapPlan[];
}

/** A function that changes examples, and the shapes that it gives. */
export interface MapPlan {
  source: string;
  inputs: readonly FieldShape[];
  targets: readonly FieldShape[];
}

/** What one example's part looks like. */
export interface FieldShape {
  shape: readonly number[];
  dtype: HostArray['dtype'];
}

/** Number of values of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** Room for so many values of a type, all zero. */
export type Allocate = (dtype: HostArray['dtype'], length: number) => HostArray['values'];

/** Room that nobody had before. */
export const allocate: Allocate = (dtype, length) => {
  if (dtype === 'float32') return new Float32Array(length);
  return dtype === 'int32' ? new Int32Array(length) : new Uint8Array(length);
};

/** How many pieces of one size wait to be used again: more than a thread works ahead by. */
const KEPT = 8;

/** Room that others have done with, and new room where there is none of that size. */
export class Rooms {
  readonly #free = new Map<number, ArrayBuffer[]>();

  readonly allocate: Allocate = (dtype, length) => {
    const bytes = dtype === 'bool' ? length : 4 * length;
    const room = this.#free.get(bytes)?.pop();
    if (!room) return allocate(dtype, length);
    new Uint8Array(room).fill(0);
    if (dtype === 'float32') return new Float32Array(room);
    return dtype === 'int32' ? new Int32Array(room) : new Uint8Array(room);
  };

  give(buffers: readonly ArrayBuffer[]): void {
    for (const buffer of buffers) {
      const same = this.#free.get(buffer.byteLength);
      if (!same) this.#free.set(buffer.byteLength, [buffer]);
      else if (same.length < KEPT) same.push(buffer);
    }
  }
}

/** Values with their shape. @throws RangeError when the array is not of the type */
export function hostArray(dtype: HostArray['dtype'], shape: readonly number[], values: HostArray['values']): HostArray {
  if (dtype === 'float32' && values instanceof Float32Array) return { dtype, shape, values };
  if (dtype === 'int32' && values instanceof Int32Array) return { dtype, shape, values };
  if (dtype === 'bool' && values instanceof Uint8Array) return { dtype, shape, values };
  throw new RangeError(`${dtype} values cannot be kept in a ${values.constructor.name}`);
}

/** Numbers in memory that every thread can read. What is already shared is not copied. */
export function shareValues<T extends NumberValues>(values: T): T;
export function shareValues(values: NumberValues): NumberValues {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const bytes = new SharedArrayBuffer(values.byteLength);
  new Uint8Array(bytes).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return viewOf(values, bytes);
}

function viewOf(values: NumberValues, bytes: SharedArrayBuffer): NumberValues {
  if (values instanceof Uint8Array) return new Uint8Array(bytes);
  if (values instanceof Int8Array) return new Int8Array(bytes);
  if (values instanceof Uint16Array) return new Uint16Array(bytes);
  if (values instanceof Int16Array) return new Int16Array(bytes);
  if (values instanceof Uint32Array) return new Uint32Array(bytes);
  if (values instanceof Int32Array) return new Int32Array(bytes);
  return values instanceof Float32Array ? new Float32Array(bytes) : new Float64Array(bytes);
}
