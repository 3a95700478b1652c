/**
 * ZMTP's frames: a byte of flags, a length in one byte or in eight, and a body. Bytes in, frames out, whatever the
 * borders of the chunks; what frames mean is read elsewhere.
 */
import { ByteQueue } from '@trialroom/shared/kernel/byte-queue';
import { ZmtpError } from './protocol-error.ts';

/** One frame as it came. */
export interface ZmtpFrame {
  /** Another part of the same message follows. */
  more: boolean;
  /** It is for the protocol itself, not a part of a message. */
  command: boolean;
  body: Uint8Array;
}

const MORE = 1;
const LONG = 2;
const COMMAND = 4;
const SHORTEST_LONG = 256;
const LONG_HEADER = 9;

/** Parts up to this size, in bytes, are copied together, so that a message is one write. */
const COPIED = 16 * 1024;

/** Encodes the parts of one message as few pieces: small ones are joined, large ones go out as they are. */
export function encodeMessage(parts: readonly Uint8Array[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let start = 0;
  while (start < parts.length) {
    let end = start;
    let size = 0;
    for (; end < parts.length; end++) {
      const length = parts[end]?.length ?? 0;
      size += headerLength(length);
      if (length > COPIED) break;
      size += length;
    }
    // Up to and with the header of a large part, which then follows by itself.
    const large = parts[end];
    const piece = Buffer.allocUnsafe(size);
    let at = 0;
    for (let index = start; index < end; index++) {
      const part = parts[index];
      if (!part) continue;
      at = writeHeader(piece, at, part.length, index + 1 < parts.length ? MORE : 0);
      piece.set(part, at);
      at += part.length;
    }
    if (large) writeHeader(piece, at, large.length, end + 1 < parts.length ? MORE : 0);
    pieces.push(piece);
    if (large) pieces.push(large);
    start = end + 1;
  }
  return pieces;
}

/** Encodes a command frame. */
export function encodeCommand(body: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(headerLength(body.length) + body.length);
  frame.set(body, writeHeader(frame, 0, body.length, COMMAND));
  return frame;
}

const headerLength = (length: number): number => (length < SHORTEST_LONG ? 2 : LONG_HEADER);

/** Returns where the body begins. */
function writeHeader(into: Buffer, at: number, length: number, flags: number): number {
  if (length < SHORTEST_LONG) {
    into[at] = flags;
    into[at + 1] = length;
    return at + 2;
  }
  into[at] = flags | LONG;
  into.writeUInt32BE(Math.floor(length / 2 ** 32), at + 1);
  into.writeUInt32BE(length % 2 ** 32, at + 5);
  return at + LONG_HEADER;
}

/** Cuts a stream of bytes into frames. */
export class FrameCutter {
  readonly #bytes = new ByteQueue();
  /** Bytes that the frame at the front needs; 0 while its header has not come. */
  #needed = 0;
  #body = 0;
  #flags = 0;

  /** Takes in bytes; what they complete is fetched with {@link next}. */
  push(chunk: Uint8Array): void {
    this.#bytes.push(chunk);
  }

  /** Takes exactly so many bytes off the front, or nothing while there are fewer. */
  take(count: number): Uint8Array | undefined {
    return this.#bytes.take(count);
  }

  /** The bytes at the front, at most so many, left where they are. */
  peek(count: number): Uint8Array {
    return this.#bytes.peek(count);
  }

  /**
   * The next frame, or nothing until more bytes come. `largest`: most bytes that a body may announce.
   * @throws ZmtpError for flags that do not exist and for a body larger than that
   */
  next(largest: number): ZmtpFrame | undefined {
    if (this.#needed === 0 && !this.#header(largest)) return undefined;
    const bytes = this.#bytes.take(this.#needed);
    if (!bytes) return undefined;
    this.#needed = 0;
    return {
      more: (this.#flags & MORE) !== 0,
      command: (this.#flags & COMMAND) !== 0,
      body: bytes.subarray(bytes.length - this.#body),
    };
  }

  #header(largest: number): boolean {
    const head = this.peek(LONG_HEADER);
    const [flags, short] = head;
    if (flags === undefined) return false;
    if (flags > 7) throw new ZmtpError(`a frame has the flags 0x${flags.toString(16)}, which do not exist`);
    if ((flags & COMMAND) !== 0 && (flags & MORE) !== 0) throw new ZmtpError('a command announces a further part');
    if ((flags & LONG) === 0) {
      if (short === undefined) return false;
      this.#body = short;
    } else {
      if (head.length < LONG_HEADER) return false;
      const view = new DataView(head.buffer, head.byteOffset, LONG_HEADER);
      this.#body = view.getUint32(1) * 2 ** 32 + view.getUint32(5);
    }
    if (this.#body > largest) {
      throw new ZmtpError(`a frame announces ${this.#body} bytes; ${largest} are the most that are taken`);
    }
    this.#flags = flags;
    this.#needed = this.#body + ((flags & LONG) === 0 ? 2 : LONG_HEADER);
    return true;
  }
}
