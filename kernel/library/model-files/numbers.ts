/** Stored numbers ↔ those that models compute with. */
import { BadModelFile, type StoredTensor, type StoredType } from './safetensors.ts';

/** Numbers of a weight, by name. */
export interface NamedWeight {
  name: string;
  dtype: 'float32' | 'int32' | 'bool';
  shape: readonly number[];
  values: Float32Array | Int32Array | Uint8Array;
}

const FROM: Readonly<Record<NamedWeight['dtype'], StoredType>> = { float32: 'F32', int32: 'I32', bool: 'BOOL' };

/** A weight as it is stored. */
export const stored = ({ dtype, shape, values }: NamedWeight): StoredTensor => ({
  type: FROM[dtype],
  shape,
  bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
});

/**
 * A stored tensor as a weight. Numbers of half width and of double width become float32, 64-bit integers int32.
 * @throws BadModelFile when an integer does not fit
 */
export function weightOf(name: string, { type, shape, bytes }: StoredTensor): NamedWeight {
  // A copy lies at the start of a buffer of its own, as views of wider numbers need.
  const { buffer } = Uint8Array.from(bytes);
  switch (type) {
    case 'F32':
      return { name, dtype: 'float32', shape, values: new Float32Array(buffer) };
    case 'F64':
      return { name, dtype: 'float32', shape, values: Float32Array.from(new Float64Array(buffer)) };
    case 'F16':
      return { name, dtype: 'float32', shape, values: Float32Array.from(new Uint16Array(buffer), fromHalf) };
    case 'BF16':
      return { name, dtype: 'float32', shape, values: fromBrain(new Uint16Array(buffer)) };
    case 'BOOL':
      return { name, dtype: 'bool', shape, values: new Uint8Array(buffer) };
    case 'I32':
      return { name, dtype: 'int32', shape, values: new Int32Array(buffer) };
    case 'I8':
      return { name, dtype: 'int32', shape, values: Int32Array.from(new Int8Array(buffer)) };
    case 'U8':
      return { name, dtype: 'int32', shape, values: Int32Array.from(new Uint8Array(buffer)) };
    case 'I16':
      return { name, dtype: 'int32', shape, values: Int32Array.from(new Int16Array(buffer)) };
    case 'U16':
      return { name, dtype: 'int32', shape, values: Int32Array.from(new Uint16Array(buffer)) };
    case 'U32':
      return { name, dtype: 'int32', shape, values: narrowed(name, new Uint32Array(buffer)) };
    case 'I64':
      return { name, dtype: 'int32', shape, values: narrowed(name, new BigInt64Array(buffer)) };
    case 'U64':
      return { name, dtype: 'int32', shape, values: narrowed(name, new BigUint64Array(buffer)) };
  }
}

function narrowed(name: string, wide: Uint32Array | BigInt64Array | BigUint64Array): Int32Array {
  const narrow = new Int32Array(wide.length);
  for (const [index, value] of wide.entries()) {
    narrow[index] = Number(value);
    if (narrow[index] !== Number(value)) {
      throw new BadModelFile(`"${name}" holds ${value} at ${index}, which is no 32-bit integer`);
    }
  }
  return narrow;
}

/** The upper half of a float32 is all that there is of it. */
function fromBrain(halves: Uint16Array): Float32Array {
  const bits = Uint32Array.from(halves, (half) => half << 16);
  return new Float32Array(bits.buffer);
}

/** IEEE 754 binary16. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
