/**
 * Jupyter messages as ZeroMQ's multipart ones: identities, a delimiter, a signature, four JSON parts, buffers. Both the
 * kernel and the clients of its tests speak through this.
 */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import {
  JupyterFormatError,
  type JupyterParts,
  readHeader,
  readJson,
  readParentHeader,
} from '@trialroom/shared/jupyter/messages';
import { Seen } from './seen.ts';

/** Stands between the identities and the signature. */
export const DELIMITER: Buffer = Buffer.from('<IDS|MSG>');

/** A message with the way back to whoever sent it. */
export interface Routed {
  identities: Uint8Array[];
  message: JupyterParts;
}

const OPENING = 0x7b;
const CLOSING = 0x7d;

/** Signatures remembered at least, against messages that are played again. */
const REMEMBERED = 65_536;

/** Signs and reads the messages of one connection. */
export class Wire {
  #key: KeyObject | undefined;
  #digest: string;
  #seen = new Seen(REMEMBERED);
  #parent: JupyterParts['parent_header'] | undefined;
  #text = '';

  constructor(key: string, digest = 'sha256') {
    this.#key = key === '' ? undefined : createSecretKey(Buffer.from(key));
    this.#digest = digest;
  }

  /** The parts to send. On the iopub channel the identities are one topic. */
  encode({ identities, message }: Routed): Uint8Array[] {
    const { header, parent_header: parent, metadata, content, buffers } = message;
    const texts = [JSON.stringify(header), this.#parentText(parent), JSON.stringify(metadata), JSON.stringify(content)];
    // One piece of memory for all four, since most messages are small and many.
    const joined = texts.join('');
    const bytes = Buffer.from(joined);
    const plain = bytes.length === joined.length;
    let end = 0;
    const parts = texts.map((text) => {
      const start = end;
      end += plain ? text.length : Buffer.byteLength(text);
      return bytes.subarray(start, end);
    });
    return [...identities, DELIMITER, Buffer.from(this.#sign([bytes]), 'latin1'), ...parts, ...buffers];
  }

  /** All that a request leads to has the same parent. */
  #parentText(parent: JupyterParts['parent_header']): string {
    if (this.#parent !== parent) {
      this.#parent = parent;
      this.#text = JSON.stringify(parent);
    }
    return this.#text;
  }

  /**
   * Reads a message.
   * @throws JupyterFormatError for one that is malformed, signed with another key, or came before
   */
  decode(frames: readonly Uint8Array[]): Routed {
    const at = frames.findIndex((frame) => frame.length === DELIMITER.length && DELIMITER.equals(frame));
    if (at < 0) throw new JupyterFormatError('a message has no delimiter');
    const [signature, ...rest] = frames.slice(at + 1);
    const parts = rest.slice(0, 4);
    const [header, parent, metadata, content] = parts;
    if (!signature || !header || !parent || !metadata || !content) {
      throw new JupyterFormatError(`a message has ${rest.length} of its 4 parts`);
    }
    this.#check(signature, parts);
    return {
      identities: frames.slice(0, at),
      message: {
        header: readHeader(parse(header, 'header')),
        parent_header: readParentHeader(parse(parent, 'parent header')),
        metadata: readJson(parse(metadata, 'metadata'), 'metadata'),
        content: readJson(parse(content, 'content'), 'content'),
        buffers: rest.slice(4),
      },
    };
  }

  #sign(parts: readonly Uint8Array[]): string {
    if (!this.#key) return '';
    const hmac = createHmac(this.#digest, this.#key);
    for (const part of parts) hmac.update(part);
    return hmac.digest('hex');
  }

  #check(signature: Uint8Array, parts: readonly Uint8Array[]): void {
    if (!this.#key) return;
    const right = this.#sign(parts);
    const expected = Buffer.from(right);
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
      throw new JupyterFormatError('a message is signed with another key, or not at all');
    }
    if (!this.#seen.add(right)) throw new JupyterFormatError('a message came twice');
  }
}

function parse(bytes: Uint8Array, what: string): unknown {
  // As most metadata and parent headers are.
  if (bytes.length === 2 && bytes[0] === OPENING && bytes[1] === CLOSING) return {};
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    throw new JupyterFormatError(`the ${what} of a message is not JSON`);
  }
}
