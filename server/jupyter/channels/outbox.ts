/**
 * What waits to be sent to one client. A slow one gets less of what would not be shown anyway (the middle of a long
 * stream, displays that were drawn anew meanwhile) and is let go when even that grows too much: memory stays bounded.
 */
import type { JupyterMessage } from '@trialroom/shared/jupyter/messages';
import { STREAM_SHOWN } from '@trialroom/shared/notebook/outputs';

/** Where messages go: a socket that tells how much it holds. */
export interface Wire {
  readonly bufferedAmount: number;
  /** @param sent called when the bytes have left */
  send(message: JupyterMessage, sent: () => void): void;
  /** The client is too far behind. */
  drop(): void;
}

/** Bytes that the socket may hold before messages wait here. */
const FULL = 1024 * 1024;
/** Most that may wait, in characters, roughly. */
const MOST_WAITING = 32 * 1024 * 1024;

/** The queue before one client's socket. */
export class Outbox {
  readonly #wire: Wire;
  #waiting: { message: JupyterMessage; size: number }[] = [];
  #size = 0;
  #dropped = false;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** Characters that wait. */
  get waiting(): number {
    return this.#size;
  }

  /** Sends a message, or lets it wait for those before it. */
  send(message: JupyterMessage): void {
    if (this.#dropped) return;
    if (this.#waiting.length === 0 && this.#wire.bufferedAmount < FULL) {
      this.#wire.send(message, () => this.#drain());
      return;
    }
    if (!this.#merge(message)) this.#push(message);
    if (this.#size <= MOST_WAITING) return;
    this.#dropped = true;
    this.#waiting = [];
    this.#wire.drop();
  }

  #push(message: JupyterMessage): void {
    const size = sizeOf(message);
    this.#waiting.push({ message, size });
    this.#size += size;
  }

  /** Puts what is said with what waits, where the two show the same as one. */
  #merge(message: JupyterMessage): boolean {
    const { msg_type: type } = message.header;
    if (type === 'stream') {
      const last = this.#waiting.at(-1);
      if (!last || !sameStream(last.message, message)) return false;
      const text = joined(String(last.message.content.text), String(message.content.text));
      this.#replace(this.#waiting.length - 1, { ...last.message, content: { ...last.message.content, text } });
      return true;
    }
    if (type !== 'update_display_data') return false;
    const id = displayId(message);
    const at = this.#waiting.findLastIndex(({ message: old }) => displayId(old) === id);
    const old = this.#waiting[at]?.message;
    if (!old || old.header.msg_type !== type) return false;
    this.#replace(at, message);
    return true;
  }

  #replace(at: number, message: JupyterMessage): void {
    const size = sizeOf(message);
    this.#size += size - (this.#waiting[at]?.size ?? 0);
    this.#waiting[at] = { message, size };
  }

  #drain(): void {
    let next = 0;
    while (next < this.#waiting.length && this.#wire.bufferedAmount < FULL) {
      const item = this.#waiting[next++];
      if (!item) break;
      this.#size -= item.size;
      this.#wire.send(item.message, () => this.#drain());
    }
    if (next > 0) this.#waiting = this.#waiting.slice(next);
  }
}

const sameStream = (a: JupyterMessage, b: JupyterMessage): boolean =>
  a.header.msg_type === 'stream' && a.content.name === b.content.name && parentOf(a) === parentOf(b);

const parentOf = ({ parent_header: parent }: JupyterMessage): unknown => ('msg_id' in parent ? parent.msg_id : null);

function displayId({ content: { transient } }: JupyterMessage): unknown {
  return typeof transient === 'object' && transient !== null && 'display_id' in transient
    ? transient.display_id
    : undefined;
}

/** Two texts as one; of a long one the middle goes, and a line says so. */
function joined(before: string, after: string): string {
  const text = before + after;
  if (text.length <= 2 * STREAM_SHOWN) return text;
  const head = text.slice(0, STREAM_SHOWN / 2);
  return `${head}\n… this client was too slow for some of the output …\n${text.slice(-STREAM_SHOWN / 2)}`;
}

/** Roughly what a message takes up: texts and buffers count, the rest is small. */
function sizeOf({ content, buffers }: JupyterMessage): number {
  return 500 + weigh(content) + buffers.reduce((sum, { length }) => sum + length, 0);
}

function weigh(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 8;
  return Object.values(value).reduce<number>((sum, item) => sum + weigh(item), 16);
}
