/**
 * The IDX format, in which MNIST and its relatives are published: two zero bytes, a byte for the type, the number of
 * axes, a big-endian u32 for each axis, then the values row by row, big-endian.
 */
import { open } from 'node:fs/promises';
import { NumericArray } from '../dataset/numeric.ts';
import { type NumberValues, type StoredType, sizeOf } from '../dataset/plan.ts';
import { DataError } from '../error.ts';
import { load, type Origin } from '../origin/origin.ts';
import { type FileArray, type FileLayout, openFileArray } from './file-array.ts';
import { BYTES, decodeNumbers } from './numbers.ts';

/** The values of an IDX file as one flat array, and its shape. */
export interface IdxArray {
  shape: number[];
  values: NumberValues;
}

const TYPES: Readonly<Record<number, StoredType>> = {
  8: 'uint8',
  9: 'int8',
  11: 'int16',
  12: 'int32',
  13: 'float32',
  14: 'float64',
};
/** More axes than any data set has; a file that says so is something else. */
const MOST_AXES = 16;

/** Reads the header. @throws DataError when the bytes are no IDX file */
export function idxHeader(bytes: Uint8Array, file: string): FileLayout & { shape: number[] } {
  const type = TYPES[bytes[2] ?? 0];
  const axes = bytes[3] ?? 0;
  const start = 4 + axes * 4;
  if (bytes[0] !== 0 || bytes[1] !== 0 || !type || axes === 0 || axes > MOST_AXES) {
    const found = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const gzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    throw new DataError(
      `it is not an IDX file: it begins with ${found || 'nothing'}, and 00 00, a type (08 to 0e) and the number of axes were expected`,
      {
        place: { file, offset: 0 },
        advice: gzip
          ? 'It is compressed with gzip: unpack it, or read all of it with data.idx'
          : 'Is it the right file?',
      },
    );
  }
  if (bytes.length < start) {
    throw new DataError(`its header of ${axes} axes is not complete: the file is cut short`, {
      place: { file, offset: bytes.length },
      advice: 'Get it again',
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + axis * 4));
  return { type, littleEndian: false, shape, start };
}

/**
 * Reads an IDX file. Bytes are a view, not a copy.
 * @param file named in errors
 * @throws DataError when the bytes are no such file, or are fewer or more than its header says
 */
export function parseIdx(bytes: Uint8Array, file: string): IdxArray {
  const { type, shape, start } = idxHeader(bytes, file);
  const expected = start + sizeOf(shape) * BYTES[type];
  if (bytes.length !== expected) {
    throw new DataError(
      `it has ${bytes.length} bytes, but its header (${shape.join(' × ')}) calls for ${expected}: it is ${bytes.length < expected ? 'cut short' : 'longer than it should be'}`,
      { place: { file, offset: Math.min(bytes.length, expected) }, advice: 'Get it again' },
    );
  }
  return { shape, values: decodeNumbers(bytes.subarray(start), type, false) };
}

/** Reads an IDX file, compressed or not. @throws DataError with the byte at which it is wrong */
export async function idx(origin: Origin): Promise<NumericArray> {
  const { name, bytes, source } = await load(origin);
  const { values, shape } = parseIdx(bytes, name);
  return new NumericArray(values, shape, [source]);
}

/**
 * Opens an IDX file of any size: examples are read from it as they are needed.
 * @throws DataError when it is compressed, cut short, or no IDX file
 */
export function openIdx(origin: Origin): Promise<FileArray> {
  return openFileArray(origin, async (path, name) => {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(4 + MOST_AXES * 4));
      return idxHeader(buffer.subarray(0, bytesRead), name);
    } finally {
      await file.close();
    }
  });
}
