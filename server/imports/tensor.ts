/** TensorProto (tensorflow/core/framework/tensor.proto): numbers and texts as event files have them. */
import type { PbfReader } from 'pbf';

export interface Tensor {
  shape: number[];
  /** Of numeric tensors. */
  numbers: number[];
  /** Of string tensors. */
  texts: Uint8Array[];
}

/** DataType of types.proto. */
const FLOAT = 1;
const DOUBLE = 2;
const INT32 = 3;
const STRING = 7;
const INT64 = 9;
const BFLOAT16 = 14;
const HALF = 19;

interface Raw {
  type: number;
  shape: number[];
  content: Uint8Array | undefined;
  values: number[];
  /** Of half and bfloat16: their bits. */
  bits: number[];
  texts: Uint8Array[];
}

/** Reads a TensorProto up to `end`. */
export function readTensor(reader: PbfReader, end: number): Tensor {
  const raw = reader.readFields<Raw>(
    field,
    { type: 0, shape: [], content: undefined, values: [], bits: [], texts: [] },
    end,
  );
  if (raw.type === STRING) return { shape: raw.shape, numbers: [], texts: raw.texts };
  const given = raw.content
    ? fromContent(raw.content, raw.type)
    : [...raw.values, ...raw.bits.map((bits) => small(bits, raw.type))];
  const count = raw.shape.reduce((product, size) => product * size, 1);
  // One value may stand for all of them.
  const [only] = given;
  const numbers = given.length === 1 && count > 1 && only !== undefined ? new Array<number>(count).fill(only) : given;
  return { shape: raw.shape, numbers, texts: [] };
}

function field(tag: number, raw: Raw, reader: PbfReader): void {
  if (tag === 1) raw.type = reader.readVarint();
  else if (tag === 2) reader.readFields(shapeField, raw.shape, reader.readVarint() + reader.pos);
  else if (tag === 4) raw.content = reader.readBytes();
  else if (tag === 5) reader.readPackedFloat(raw.values);
  else if (tag === 6) reader.readPackedDouble(raw.values);
  else if (tag === 7 || tag === 10) reader.readPackedVarint(raw.values, true);
  else if (tag === 11) reader.readPackedVarint(raw.values);
  else if (tag === 13) reader.readPackedVarint(raw.bits);
  else if (tag === 8) raw.texts.push(reader.readBytes());
}

function shapeField(tag: number, shape: number[], reader: PbfReader): void {
  if (tag !== 2) return;
  let size = 0;
  const dimension = (inner: number, _: null, from: PbfReader): void => {
    if (inner === 1) size = from.readVarint(true);
  };
  reader.readFields(dimension, null, reader.readVarint() + reader.pos);
  shape.push(size);
}

const SIZES: Readonly<Record<number, number>> = {
  [FLOAT]: 4,
  [DOUBLE]: 8,
  [INT32]: 4,
  [INT64]: 8,
  [BFLOAT16]: 2,
  [HALF]: 2,
};

function fromContent(content: Uint8Array, type: number): number[] {
  const size = SIZES[type];
  if (size === undefined) return [];
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  return Array.from({ length: Math.floor(content.length / size) }, (_, index) => {
    const at = index * size;
    if (type === FLOAT) return view.getFloat32(at, true);
    if (type === DOUBLE) return view.getFloat64(at, true);
    if (type === INT32) return view.getInt32(at, true);
    if (type === INT64) return Number(view.getBigInt64(at, true));
    return small(view.getUint16(at, true), type);
  });
}

const float = new DataView(new ArrayBuffer(4));

/** A half (IEEE 754 binary16) or bfloat16 (the upper half of a float32) from its bits. */
function small(bits: number, type: number): number {
  if (type === BFLOAT16) {
    float.setUint32(0, bits << 16);
    return float.getFloat32(0);
  }
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
