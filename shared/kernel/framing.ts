/**
 * Frames are the only thing that crosses the line between a server and a kernel:
 * `u32 header length, u32 payload length, JSON header, raw bytes`, both lengths little-endian.
 * The header says what the frame means; the payload carries numbers that JSON would mangle or slow down.
 * This file knows bytes, not meanings: see `protocol.ts` for the messages.
 */

import { ByteQueue } from './byte-queue.ts';

/** One decoded frame: the parsed (still untrusted) header and its payload bytes. */
export interface Frame {
  header: unknown;
  payload: Uint8Array;
  /** Length of the whole frame on the wire: what `credit` counts. */
  bytes: number;
}

/** Largest frame a reader accepts, in bytes (header and payload together). */
export const FRAME_LIMIT = 256 * 1024 * 1024;

const EMPTY = new Uint8Array(0);
// Made once, before a cell can put something else in the place of their classes.
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Encodes one frame. `header` must be JSON-serialisable. */
export function encodeFrame(header: unknown, payload: Uint8Array = EMPTY): Uint8Array {
  const json = encoder.encode(JSON.stringify(header));
  const frame = new Uint8Array(8 + json.length + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, json.length, true);
  view.setUint32(4, payload.length, true);
  frame.set(json, 8);
  frame.set(payload, 8 + json.length);
  return frame;
}

/**
 * Cuts a byte stream into frames, whatever the chunk borders.
 * @example
 * const reader = new FrameReader();
 * socket.on('data', (chunk) => { for (const frame of reader.push(chunk)) handle(frame); });
 */
export class FrameReader {
  readonly #bytes = new ByteQueue();

  /**
   * Takes a chunk and returns the frames it completes.
   * @throws RangeError when a frame announces more than {@link FRAME_LIMIT} bytes
   * @throws SyntaxError when a header is not JSON
   */
  push(chunk: Uint8Array): Frame[] {
    this.#bytes.push(chunk);
    const frames: Frame[] = [];
    while (this.#bytes.length >= 8) {
      const head = this.#bytes.peek(8);
      const view = new DataView(head.buffer, head.byteOffset, 8);
      const headerLength = view.getUint32(0, true);
      const payloadLength = view.getUint32(4, true);
      const total = 8 + headerLength + payloadLength;
      if (total > FRAME_LIMIT) throw new RangeError(`frame of ${total} bytes is over the limit of ${FRAME_LIMIT}`);
      const bytes = this.#bytes.take(total);
      if (!bytes) break;
      const header: unknown = JSON.parse(decoder.decode(bytes.subarray(8, 8 + headerLength)));
      // A copy, so that the payload starts on an 8-byte border and can be viewed as Float64Array. Not `slice`, which
      // copies nothing when the chunk is a Buffer, as those of sockets are.
      const payload = new Uint8Array(payloadLength);
      payload.set(bytes.subarray(8 + headerLength));
      frames.push({ header, payload, bytes: total });
    }
    return frames;
  }
}
