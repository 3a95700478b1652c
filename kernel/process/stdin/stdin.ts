/**
 * `process.stdin`: whoever reads it asks people for a line, as `input()` does. Nobody is asked for a line that no code
 * waits for. It is never over: after its end, or an error, it can be read again. Where nobody can answer, reading it is
 * an error.
 */
import { Buffer } from 'node:buffer';
import process, { nextTick } from 'node:process';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers';
import { EndOfInput, type KernelHost } from '../host.ts';
import { currentScope, runInScope, type Scope, withoutExecution } from '../scope.ts';
import { LineReaders } from './line-readers.ts';

/** What is asked on behalf of the standard input. */
export const LINE = { prompt: '', password: false, stdin: true } as const;

/** Nobody can answer who was asked by a read of `process.stdin`. It ends the cell where nothing listens for errors. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

/** The stream, and what the ends of executions do to it. */
export class AskedStdin {
  /** What `process.stdin` is: it stands for one stream after another. */
  readonly stream: Readable;
  #host: Pick<KernelHost, 'ask'>;
  #current: Readable;
  #readers: LineReaders;
  /** True while the stream has been asked for data and has not got any. */
  #empty = false;
  /** True once somebody has called `read` by hand. */
  #pulled = false;
  /** The look, soon, at whether a line is wanted. */
  #due: object | undefined;
  /** Whose code has done something since the last look that may be a wish for a line. */
  #wanting: Scope | undefined;
  /** Executions that are over. */
  readonly #over = new WeakSet<Scope>();
  /** True once code has done anything with it. */
  #touched = false;
  /** The question that is open. */
  #question: object | undefined;
  /** The execution that got the last line. */
  #served = '';

  constructor(host: Pick<KernelHost, 'ask'>) {
    this.#host = host;
    this.#current = this.#fresh();
    const stream: Readable = new Proxy(this.#current, {
      get: (_, key) => {
        this.#touched = true;
        this.#readers.watch();
        const current = this.#current;
        const value: unknown = Reflect.get(current, key);
        return typeof value === 'function' && key !== 'constructor' ? value.bind(current) : value;
      },
      set: (_, key, value) => Reflect.set(this.#current, key, value),
      has: (_, key) => Reflect.has(this.#current, key),
    });
    this.stream = stream;
    this.#readers = new LineReaders(stream, () => this.#soon());
  }

  /** Puts it in the place of the process's own, which leads to nobody. */
  install(): void {
    let settled = false;
    // Whoever brings the names of modules up to date reads it too.
    nextTick(() => {
      settled = true;
    });
    const get = (): Readable => {
      if (settled) this.#readers.watch();
      return this.stream;
    };
    Object.defineProperty(process, 'stdin', { get, configurable: true, enumerable: true });
  }

  /** An execution ends: code of one that was stopped reads no more. */
  ended(scope: Scope): void {
    this.#over.add(scope);
    if (scope.stopped && this.#touched) this.#renew();
  }

  #renew(): void {
    this.#question = undefined;
    // A look that a stopped cell has asked for finds nothing, and must not stand in for the next cell's.
    this.#due = undefined;
    this.#empty = this.#pulled = false;
    this.#readers.forget();
    this.#current = this.#fresh();
  }

  #fresh(): Readable {
    const stream: Readable = new Readable({
      // Nothing is read ahead: each line is a question.
      highWaterMark: 0,
      read: () => {
        this.#empty = true;
        this.#soon();
      },
    });
    const read = stream.read.bind(stream);
    const destroy = stream.destroy.bind(stream);
    const soon = (): void => this.#soon();
    const itself = (): Readable => this.stream;
    Object.assign(stream, {
      fd: 0,
      ref: itself,
      unref: itself,
      read: (size?: number): unknown => {
        const got: unknown = read(size);
        if (size !== 0 && stream.readableFlowing !== true) this.#pulled = got === null;
        return got;
      },
      // Also called at its end. Whoever comes next finds another.
      destroy: (error?: Error): Readable => {
        if (this.#current === stream) this.#renew();
        return destroy(error);
      },
    });
    return stream.on('newListener', soon).on('resume', soon);
  }

  /** True where some code waits for a line. */
  #isWanted(): boolean {
    const stream = this.#current;
    if (!this.#empty || stream.destroyed) return false;
    if (this.#pulled || stream.listenerCount('readable') > 0) return true;
    if (stream.readableFlowing !== true) return false;
    return this.#readers.waiting || stream.listenerCount('data') > this.#readers.count;
  }

  /** Asks once what runs now is over: it may write what it wants to know, or have had enough. */
  #soon(): void {
    this.#note(currentScope());
    if (!this.#empty || this.#due || this.#question) return;
    const due = {};
    this.#due = due;
    withoutExecution(() => setImmediate(() => this.#look(due)));
  }

  /** What an execution leaves behind may come between the next one's wish and the look: it must not ask in its place. */
  #note(scope: Scope | undefined): void {
    if (scope === undefined) return;
    if (this.#wanting === undefined || this.#over.has(this.#wanting) || !this.#over.has(scope)) this.#wanting = scope;
  }

  #look(due: object): void {
    if (this.#due !== due) return;
    this.#due = undefined;
    const scope = this.#wanting;
    this.#wanting = undefined;
    if (!this.#question && !scope?.stopped && this.#isWanted()) runInScope(scope, () => void this.#ask());
  }

  async #ask(): Promise<void> {
    const stream = this.#current;
    const asker = currentScope();
    const execution = asker?.execution ?? '';
    const question = {};
    this.#question = question;
    try {
      const line = await this.#host.ask(LINE);
      if (this.#question !== question) return;
      this.#question = undefined;
      this.#served = execution;
      this.#empty = this.#pulled = false;
      this.#readers.served();
      stream.push(Buffer.from(`${line}\n`));
    } catch (error) {
      if (this.#question !== question) return;
      this.#question = undefined;
      if (error instanceof EndOfInput) stream.push(null);
      // Who has had lines and listens on when the cell ends has read what it wanted.
      else if (this.#served !== execution) {
        const unanswered = new Unanswered(error instanceof Error ? error.message : String(error));
        nextTick(() => stream.emit('error', unanswered));
      }
      // Somebody else may have come while this was being asked.
      if (this.#wanting && this.#wanting !== asker) runInScope(this.#wanting, () => this.#soon());
    }
  }
}
