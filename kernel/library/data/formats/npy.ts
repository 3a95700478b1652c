/**
 * NumPy's formats: `.npy` (a magic, a version, a header that is a Python literal, then the numbers) and `.npz` (a zip of
 * such files).
 */
import { open } from 'node:fs/promises';
import { NumericArray } from '../dataset/numeric.ts';
import { type NumberValues, type StoredType, sizeOf } from '../dataset/plan.ts';
import { DataError, reasonOf } from '../error.ts';
import { load, type Origin } from '../origin/origin.ts';
import { type FileArray, openFileArray } from './file-array.ts';
import { BYTES, decodeNumbers } from './numbers.ts';

/** What the header of a `.npy` file says. */
export interface NpyHeader {
  type: StoredType;
  littleEndian: boolean;
  /** True: the first dimension varies fastest. */
  fortran: boolean;
  shape: number[];
  /** Byte at which the numbers begin. */
  start: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const TYPES: Readonly<Record<string, StoredType>> = {
  b1: 'bool',
  u1: 'uint8',
  i1: 'int8',
  u2: 'uint16',
  i2: 'int16',
  u4: 'uint32',
  i4: 'int32',
  u8: 'uint64',
  i8: 'int64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
};

/** Reads the header. @throws DataError when the bytes are no `.npy` file, or hold something other than numbers */
export function npyHeader(bytes: Uint8Array, file: string): NpyHeader {
  if (!MAGIC.every((byte, index) => bytes[index] === byte)) {
    const zip = bytes[0] === 0x50 && bytes[1] === 0x4b;
    throw new DataError('it is no .npy file: it does not begin with \\x93NUMPY', {
      place: { file, offset: 0 },
      advice: zip ? 'It looks like an .npz file: read it with data.npz' : 'Write it with numpy.save',
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const long = (bytes[6] ?? 1) >= 2;
  const begin = long ? 12 : 10;
  const length = bytes.length < begin ? Number.NaN : long ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = begin + length;
  if (!(start <= bytes.length)) throw cutShort(file, bytes.length, 'its header is not complete');
  const text = new TextDecoder('utf-8').decode(bytes.subarray(begin, start));
  const descr = /'descr'\s*:\s*'([<>|=]?)([a-zA-Z])(\d+)'/.exec(text);
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const shape = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(text);
  if (!descr || !fortran || !shape) {
    const records = /'descr'\s*:\s*\[/.test(text);
    throw new DataError(
      `its header ${records ? 'describes records, which' : `is ${JSON.stringify(text.trim().slice(0, 80))}, which`} cannot be read`,
      {
        place: { file, offset: begin },
        advice: 'Save plain arrays of numbers, one for each field: numpy.save(file, a.astype("float32"))',
      },
    );
  }
  const [, order = '', letter = '', width = ''] = descr;
  const type = TYPES[`${letter}${width}`];
  if (!type) {
    throw new DataError(`it holds "${order}${letter}${width}", which is no type of numbers that is read here`, {
      place: { file, offset: begin },
      advice: 'Save it as numbers: numpy.save(file, a.astype("float32"))',
    });
  }
  return {
    type,
    littleEndian: order !== '>',
    fortran: fortran[1] === 'True',
    shape: (shape[1] ?? '')
      .split(',')
      .map((part) => Number.parseInt(part, 10))
      .filter((dimension) => !Number.isNaN(dimension)),
    start,
  };
}

const cutShort = (file: string, length: number, what: string): DataError =>
  new DataError(`${what}: the file is cut short after ${length} bytes`, {
    place: { file, offset: length },
    advice: 'Get or write it again',
  });

/** Reads a `.npy` file's bytes. @throws DataError when they are none, or fewer or more than the header says */
export function decodeNpy(bytes: Uint8Array, file: string): NumericArray {
  const { type, littleEndian, fortran, shape, start } = npyHeader(bytes, file);
  const size = sizeOf(shape) * BYTES[type];
  const available = bytes.length - start;
  if (available < size) {
    throw cutShort(file, bytes.length, `${type} [${shape.join(', ')}] needs ${size} bytes, ${available} are there`);
  }
  if (available > size) {
    throw new DataError(`${available - size} bytes follow ${type} [${shape.join(', ')}]; none were expected`, {
      place: { file, offset: start + size },
      advice: 'Write the file again',
    });
  }
  const values = decodeNumbers(bytes.subarray(start), type, littleEndian);
  return new NumericArray(fortran ? rowMajor(values, shape) : values, shape);
}

/** Numbers whose first dimension varies fastest, put into the usual order. */
function rowMajor(values: NumberValues, shape: readonly number[]): NumberValues {
  const out = values.slice();
  const place = shape.map(() => 0);
  for (let index = 0; index < values.length; index++) {
    let at = 0;
    for (const [axis, length] of shape.entries()) at = at * length + (place[axis] ?? 0);
    out[at] = values[index] ?? 0;
    for (let axis = 0; axis < shape.length; axis++) {
      const next = (place[axis] ?? 0) + 1;
      place[axis] = next < (shape[axis] ?? 0) ? next : 0;
      if (next < (shape[axis] ?? 0)) break;
    }
  }
  return out;
}

const LETTERS: Readonly<Record<string, string>> = {
  uint8: '|u1',
  int8: '|i1',
  uint16: '<u2',
  int16: '<i2',
  uint32: '<u4',
  int32: '<i4',
  float32: '<f4',
  float64: '<f8',
};

/** The bytes of a `.npy` file that holds the numbers. */
export function encodeNpy({ values, shape, dtype }: Pick<NumericArray, 'values' | 'shape' | 'dtype'>): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const header = `{'descr': '${LETTERS[dtype]}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // Numbers begin at a multiple of 64, so that they can be used where they lie.
  const length = Math.ceil((10 + header.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length + values.byteLength);
  bytes.set(MAGIC);
  bytes.set([1, 0, (length - 10) & 0xff, (length - 10) >> 8], 6);
  bytes.set(new TextEncoder().encode(`${header.padEnd(length - 11)}\n`), 10);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), length);
  return bytes;
}

/** Reads a `.npy` file. @throws DataError with the byte at which it is wrong */
export async function npy(origin: Origin): Promise<NumericArray> {
  const { name, bytes, source } = await load(origin);
  const { values, shape } = decodeNpy(bytes, name);
  return new NumericArray(values, shape, [source]);
}

/** Reads an `.npz` file: its arrays by their names. @throws DataError when it is no zip, or one of them is no array */
export async function npz(origin: Origin): Promise<Record<string, NumericArray>> {
  const { name, bytes, source } = await load(origin);
  const { unzipSync } = await import('fflate');
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes);
  } catch (error) {
    throw new DataError(`it is no .npz file, or is cut short: ${reasonOf(error)}`, {
      place: { file: name },
      advice: 'Write it with numpy.savez',
      cause: error,
    });
  }
  return Object.fromEntries(
    Object.entries(files).map(([file, content]) => {
      const { values, shape } = decodeNpy(content, `${name}/${file}`);
      return [file.replace(/\.npy$/, ''), new NumericArray(values, shape, [source])];
    }),
  );
}

/** Most bytes of a header. */
const LONGEST_HEADER = 1 << 16;

/**
 * Opens a `.npy` file of any size: examples are read from it as they are needed.
 * @throws DataError when it is cut short, or not in row-major order
 */
export async function openNpy(origin: Origin): Promise<FileArray> {
  return openFileArray(origin, async (path, name) => {
    const header = npyHeader(await headOf(path), name);
    if (header.fortran) {
      throw new DataError('it is in Fortran order, where no example lies in one piece', {
        place: { file: name },
        advice: 'Save it with numpy.save(file, numpy.ascontiguousarray(a)), or read all of it with data.npy',
      });
    }
    return header;
  });
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(LONGEST_HEADER));
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
