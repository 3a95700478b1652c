/**
 * Records: what a script that runs without a kernel says of its trial, numbered from 1, as it stands in a file on its disk
 * and as it travels to the server, the same bytes. `u32 magic, u32 length, u32 number, u32 CRC-32, frame`, little-endian; the
 * frame is that of `kernel/framing.ts`, `length` is its length, and the checksum covers length, number and frame. So
 * a file that was cut anywhere is read up to the cut, and a byte that changed is noticed and stepped over.
 */
import { crc32 } from 'node:zlib';
import { encodeFrame } from '../kernel/framing.ts';

/** `TRr1`. */
const MAGIC = 0x3172_5254;
const HEAD = 16;

/** Longest frame of a record, in bytes. */
export const MOST_RECORD = 16 * 1024 * 1024;

/** One record whose checksum is right. The header is parsed JSON, still untrusted. */
export interface SaidRecord {
  number: number;
  header: unknown;
  payload: Uint8Array;
  /** Where it begins in the bytes that were read, and its whole length there. */
  offset: number;
  bytes: number;
}

/** Why reading stopped before the end of the bytes. */
export interface RecordFault {
  offset: number;
  /** `cut`: the bytes end within a record · `damaged`: they are no record, or its checksum is wrong. */
  kind: 'cut' | 'damaged';
}

/**
 * Encodes a record.
 * @throws RangeError when it is longer than {@link MOST_RECORD}
 */
export function encodeRecord(number: number, header: unknown, payload?: Uint8Array): Uint8Array {
  const frame = encodeFrame(header, payload);
  if (frame.length > MOST_RECORD) {
    throw new RangeError(`a message of ${frame.length} bytes is over the limit of ${MOST_RECORD}`);
  }
  const bytes = new Uint8Array(HEAD + frame.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, frame.length, true);
  view.setUint32(8, number, true);
  bytes.set(frame, HEAD);
  view.setUint32(12, checksum(bytes), true);
  return bytes;
}

/** Reads records up to the end of the bytes, or up to the first fault. */
export function readRecords(bytes: Uint8Array): { records: SaidRecord[]; fault: RecordFault | null } {
  const records: SaidRecord[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const record = recordAt(bytes, offset);
    if (typeof record === 'string') return { records, fault: { offset, kind: record } };
    records.push(record);
    offset += record.bytes;
  }
  return { records, fault: null };
}

/** Where the next whole record after a fault begins; the length of the bytes when there is none. */
export function nextRecord(bytes: Uint8Array, from: number): number {
  for (let offset = from; offset + HEAD <= bytes.length; offset++) {
    if (bytes[offset] === (MAGIC & 0xff) && typeof recordAt(bytes, offset) !== 'string') return offset;
  }
  return bytes.length;
}

function recordAt(bytes: Uint8Array, offset: number): SaidRecord | RecordFault['kind'] {
  const left = bytes.length - offset;
  if (left < HEAD) return 'cut';
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, left);
  if (view.getUint32(0, true) !== MAGIC) return 'damaged';
  const length = view.getUint32(4, true);
  if (length < 8 || length > MOST_RECORD) return 'damaged';
  if (left < HEAD + length) return 'cut';
  const whole = bytes.subarray(offset, offset + HEAD + length);
  if (checksum(whole) !== view.getUint32(12, true)) return 'damaged';
  const headerLength = view.getUint32(HEAD, true);
  const payloadLength = view.getUint32(HEAD + 4, true);
  if (8 + headerLength + payloadLength !== length) return 'damaged';
  const headerAt = HEAD + 8;
  const header = parsed(whole.subarray(headerAt, headerAt + headerLength));
  if (header === undefined) return 'damaged';
  const payload = Uint8Array.from(whole.subarray(headerAt + headerLength));
  return { number: view.getUint32(8, true), header, payload, offset, bytes: HEAD + length };
}

/** Over all of a record but its magic and the checksum itself. */
const checksum = (record: Uint8Array): number => crc32(record.subarray(HEAD), crc32(record.subarray(4, 12)));

function parsed(json: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(json));
  } catch {
    return undefined;
  }
}
