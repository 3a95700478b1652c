/**
 * The interfaces of `node:readline` on a stream: they take in whatever comes, but only some wait for a line. Node tells
 * nobody which; they are known by what each of them calls when it is made and when it begins to wait.
 */
import type { EventEmitter } from 'node:events';
import process from 'node:process';
import type { Readable } from 'node:stream';

interface Reader extends EventEmitter {
  input?: unknown;
}

/** Who reads lines from one stream. */
export class LineReaders {
  #stream: Readable;
  #wanted: () => void;
  #watching = false;
  #open = new Set<Reader>();
  /** Those that have shown their prompt since the last line. */
  #prompting = new Set<Reader>();

  /** `wanted` is called when one may have begun to wait. */
  constructor(stream: Readable, wanted: () => void) {
    this.#stream = stream;
    this.#wanted = wanted;
  }

  /** How many there are. */
  get count(): number {
    return this.#open.size;
  }

  /** True where one waits for a line. */
  get waiting(): boolean {
    return this.#prompting.size > 0 || [...this.#open].some((reader) => reader.listenerCount('line') > 0);
  }

  /** A line has come. */
  served(): void {
    this.#prompting.clear();
  }

  /** There is another stream now. */
  forget(): void {
    this.#open.clear();
    this.#prompting.clear();
  }

  /** From now on they are noticed. Loads `node:readline`, which a kernel does without as long as nobody reads lines. */
  watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    const shared: unknown = Object.getPrototypeOf(process.getBuiltinModule('node:readline').Interface.prototype);
    if (typeof shared !== 'object' || shared === null) return;
    this.#before(shared, 'setPrompt', (reader) => this.#opened(reader));
    this.#before(shared, 'prompt', (reader) => {
      this.#opened(reader);
      this.#prompting.add(reader);
      this.#wanted();
    });
  }

  #opened(reader: Reader): void {
    if (this.#open.has(reader)) return;
    this.#open.add(reader);
    reader.on('newListener', () => this.#wanted());
    reader.once('close', () => {
      this.#open.delete(reader);
      this.#prompting.delete(reader);
    });
  }

  #before(holder: object, method: string, work: (reader: Reader) => void): void {
    const original: unknown = Reflect.get(holder, method);
    if (typeof original !== 'function') return;
    const stream = this.#stream;
    const replaced = function (this: Reader, ...given: unknown[]): unknown {
      if (this.input === stream) work(this);
      return Reflect.apply(original, this, given);
    };
    Object.defineProperty(holder, method, { value: replaced, configurable: true, writable: true, enumerable: false });
  }
}
