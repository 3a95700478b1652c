/**
 * TFRecord framing, as TensorFlow and TensorBoard write event files: `u64 length, u32 masked CRC-32C of the length, data, u32
 * masked CRC-32C of the data`, little-endian (tensorflow/core/lib/io/record_writer.h).
 */

/** Castagnoli's polynomial, bits reversed. */
const POLYNOMIAL = 0x82f6_3b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
  return rest;
});

/** CRC-32C (RFC 3720, appendix B.4). */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffff_ffff) >>> 0;
}

/** The checksum as a record has it: rotated by 15 bits, plus a constant, so that a checksum of checksums is none of zeros. */
export const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282_ead8) >>> 0;

export interface TfRecord {
  offset: number;
  data: Uint8Array;
}

/** Where reading stopped before the end. `cut`: the file ends within a record, as while it is written. */
export interface TfRecordFault {
  offset: number;
  kind: 'cut' | 'corrupt';
}

const HEAD = 12;
const FOOT = 4;

/** Reads records up to the end, or up to the first that is not whole. */
export function readTfRecords(bytes: Uint8Array): { records: TfRecord[]; fault: TfRecordFault | null } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: TfRecord[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const left = bytes.length - offset;
    if (left < HEAD) return { records, fault: { offset, kind: 'cut' } };
    const head = bytes.subarray(offset, offset + 8);
    if (masked(crc32c(head)) !== view.getUint32(offset + 8, true))
      return { records, fault: { offset, kind: 'corrupt' } };
    const length = Number(view.getBigUint64(offset, true));
    if (left < HEAD + length + FOOT) return { records, fault: { offset, kind: 'cut' } };
    const data = bytes.subarray(offset + HEAD, offset + HEAD + length);
    if (masked(crc32c(data)) !== view.getUint32(offset + HEAD + length, true)) {
      return { records, fault: { offset, kind: 'corrupt' } };
    }
    records.push({ offset, data });
    offset += HEAD + length + FOOT;
  }
  return { records, fault: null };
}
