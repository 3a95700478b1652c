/**
 * Values for a loop that takes its time: what comes while it is busy waits, in order. When the cell that waits is
 * interrupted nothing is given to it any more: it would go on where it was stopped.
 */

/** Most values that wait; beyond it the oldest are dropped. */
const MOST_WAITING = 10_000;

/** A queue between whoever changes a value and one loop that reads the changes. */
export class Mailbox<T> implements AsyncIterableIterator<T, undefined> {
  #values: T[] = [];
  #readers: ((result: IteratorResult<T, undefined>) => void)[] = [];
  #over = false;
  readonly #signal: AbortSignal | undefined;
  readonly #onClose: () => void;

  constructor(signal: AbortSignal | undefined, onClose: () => void) {
    this.#signal = signal;
    this.#onClose = onClose;
    signal?.addEventListener('abort', this.#stop, { once: true });
  }

  put(value: T): void {
    if (this.#over) return;
    const reader = this.#readers.shift();
    if (reader) reader({ done: false, value });
    else {
      this.#values.push(value);
      if (this.#values.length > MOST_WAITING) this.#values.shift();
    }
  }

  /** Ends the loop once it has read what waits. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#signal?.removeEventListener('abort', this.#stop);
    for (const reader of this.#readers) reader({ done: true, value: undefined });
    this.#readers = [];
    this.#onClose();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const value = this.#values.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#over) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  /** The loop was left. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.#values = [];
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #stop = (): void => {
    this.#readers = [];
    this.#values = [];
    this.close();
  };
}
