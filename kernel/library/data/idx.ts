/**
 * The IDX format, in which MNIST and its relatives are published: two zero bytes, a type byte, the number of axes,
 * a big-endian u32 for each axis, then the values row by row. Only unsigned bytes (type 8) are read here.
 */

/** The values of an IDX file as one flat array, and its shape. */
export interface IdxArray {
  shape: number[];
  values: Uint8Array;
}

const UNSIGNED_BYTE = 8;

/**
 * Reads an IDX file of unsigned bytes. The values are a view of `bytes`, not a copy.
 * @param source named in errors, e.g. the file's path
 * @throws RangeError when the bytes are no such file, or are fewer or more than its header says
 */
export function parseIdx(bytes: Uint8Array, source: string): IdxArray {
  const axes = bytes[3] ?? 0;
  const header = 4 + axes * 4;
  if (bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== UNSIGNED_BYTE || axes === 0 || bytes.length < header) {
    throw new RangeError(`${source} is not an IDX file of unsigned bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + axis * 4));
  const size = shape.reduce((product, length) => product * length, 1);
  if (bytes.length !== header + size) {
    throw new RangeError(
      `${source} has ${bytes.length} bytes, but its header (${shape.join(' × ')}) calls for ${header + size}`,
    );
  }
  return { shape, values: bytes.subarray(header) };
}
