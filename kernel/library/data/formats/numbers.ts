/** Numbers as files hold them: of many widths, in either byte order. */
import type { NumberValues, StoredType } from '../dataset/plan.ts';

/** Bytes of one number. */
export const BYTES: Record<StoredType, number> = {
  bool: 1,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  float16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
  int64: 8,
  uint64: 8,
  float64: 8,
};

type Get = (view: DataView, at: number, littleEndian: boolean) => number;

const GET: Record<StoredType, Get> = {
  bool: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
  uint8: (view, at) => view.getUint8(at),
  int8: (view, at) => view.getInt8(at),
  uint16: (view, at, little) => view.getUint16(at, little),
  int16: (view, at, little) => view.getInt16(at, little),
  float16: (view, at, little) => halfToNumber(view.getUint16(at, little)),
  uint32: (view, at, little) => view.getUint32(at, little),
  int32: (view, at, little) => view.getInt32(at, little),
  float32: (view, at, little) => view.getFloat32(at, little),
  int64: (view, at, little) => Number(view.getBigInt64(at, little)),
  uint64: (view, at, little) => Number(view.getBigUint64(at, little)),
  float64: (view, at, little) => view.getFloat64(at, little),
};

/** A number of IEEE 754's binary16, by its bits. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * The numbers in `bytes` as a typed array: a view where type, byte order and alignment allow it, else a copy. 64-bit whole
 * numbers become float64, exact up to 2⁵³.
 */
export function decodeNumbers(bytes: Uint8Array, type: StoredType, littleEndian: boolean): NumberValues {
  const width = BYTES[type];
  const count = Math.floor(bytes.byteLength / width);
  const asIs = (width === 1 || littleEndian === LITTLE) && bytes.byteOffset % width === 0;
  const { buffer, byteOffset } = bytes;
  switch (type) {
    case 'uint8':
      return new Uint8Array(buffer, byteOffset, count);
    case 'int8':
      return new Int8Array(buffer, byteOffset, count);
    case 'uint16':
      return asIs
        ? new Uint16Array(buffer, byteOffset, count)
        : fill(new Uint16Array(count), bytes, type, littleEndian);
    case 'int16':
      return asIs ? new Int16Array(buffer, byteOffset, count) : fill(new Int16Array(count), bytes, type, littleEndian);
    case 'uint32':
      return asIs
        ? new Uint32Array(buffer, byteOffset, count)
        : fill(new Uint32Array(count), bytes, type, littleEndian);
    case 'int32':
      return asIs ? new Int32Array(buffer, byteOffset, count) : fill(new Int32Array(count), bytes, type, littleEndian);
    case 'float32':
      return asIs
        ? new Float32Array(buffer, byteOffset, count)
        : fill(new Float32Array(count), bytes, type, littleEndian);
    case 'float64':
      return asIs
        ? new Float64Array(buffer, byteOffset, count)
        : fill(new Float64Array(count), bytes, type, littleEndian);
    case 'float16':
      return fill(new Float32Array(count), bytes, type, littleEndian);
    case 'int64':
    case 'uint64':
      return fill(new Float64Array(count), bytes, type, littleEndian);
    case 'bool':
      return fill(new Uint8Array(count), bytes, type, littleEndian);
  }
}

function fill<T extends NumberValues>(values: T, bytes: Uint8Array, type: StoredType, littleEndian: boolean): T {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const get = GET[type];
  const width = BYTES[type];
  for (let index = 0; index < values.length; index++) values[index] = get(view, index * width, littleEndian);
  return values;
}
