/**
 * Everything the main thread says to the parent goes through here, in one order. The first few lines go out at once;
 * after them text is joined, and a frame is sent when 32 KB have gathered or 30 ms have passed, also inside a loop that
 * never yields (the supervisor makes it flush). Printing blocks while the parent lags behind, because memory is the
 * alternative; it never drops a line.
 */
import { Buffer } from 'node:buffer';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { StringDecoder } from 'node:string_decoder';
import { clearTimeout, setTimeout } from 'node:timers';
import { encodeFrame } from '@trialroom/shared/kernel/framing';
import type { ExecutionEnd, FromKernel } from '@trialroom/shared/kernel/protocol';
import { SHARED, type ToSupervisor } from './channel.ts';
import { unharmed } from './guard/intrinsics.ts';
import { enter, leave } from './guard/whole.ts';
import { type DoneRow, frameSize, framesOf } from './rows.ts';
import { withoutExecution } from './scope.ts';

export { withoutExecution } from './scope.ts';

type StreamName = 'stdout' | 'stderr';

interface Segment {
  execution: string;
  name: StreamName;
  text: string;
}

const BATCH_CHARACTERS = 32 * 1024;
const BATCH_MS = 30;
/** Frames that a window of BATCH_MS may send before text is joined. */
const AT_ONCE = 4;
/** Longest message that waits for the next, in characters: a longer one is sent as bytes, which change hands uncopied. */
const JOINED = 64 * 1024;
/** Longest text of one frame. */
const CHUNK = 1024 * 1024;

// As they are now: cells may put other things in their places.
const clock = performance.now.bind(performance);
const { load: loadShared, wait: waitShared } = Atomics;
const { nextTick } = process;

/** The way out of the main thread. */
export class Output {
  #segments: Segment[] = [];
  #characters = 0;
  #window = 0;
  #sentInWindow = 0;
  #flushing = false;
  /** A message that goes along with the next one. */
  #held: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #post: (message: ToSupervisor, transfer?: ArrayBuffer[]) => void;
  #shared: Int32Array<SharedArrayBuffer>;
  #limit: number;

  constructor(
    post: (message: ToSupervisor, transfer?: ArrayBuffer[]) => void,
    shared: Int32Array<SharedArrayBuffer>,
    limit: number,
  ) {
    this.#post = post;
    this.#shared = shared;
    this.#limit = limit;
  }

  /** Adds printed text. Blocks while the parent has not taken in what was sent before. */
  print(execution: string, name: StreamName, text: string): void {
    enter();
    let full = false;
    try {
      full = this.#take(execution, name, text);
    } finally {
      leave();
    }
    if (full) this.wait();
  }

  /** @returns true where it was sent */
  #take(execution: string, name: StreamName, text: string): boolean {
    // No method that a cell may have taken away: this comes too often to look first.
    const segments = this.#segments;
    const last = segments[segments.length - 1];
    if (last && last.execution === execution && last.name === name) last.text += text;
    else segments[segments.length] = { execution, name, text };
    this.#characters += text.length;
    const now = clock();
    if (now - this.#window >= BATCH_MS) {
      this.#window = now;
      this.#sentInWindow = 0;
    }
    if (this.#characters >= BATCH_CHARACTERS || this.#sentInWindow < AT_ONCE) {
      this.#sentInWindow++;
      this.flush();
      return true;
    }
    if (this.#timer === undefined) {
      this.#timer = withoutExecution(() => setTimeout(() => this.flush(), BATCH_MS));
      unharmed(() => this.#post({ op: 'pending' }));
    }
    return false;
  }

  /** Sends what was printed. Never blocks. Harmless where it interrupts itself. */
  flush(): void {
    unharmed(() => this.#sendAll());
  }

  #sendAll(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      if (this.#timer !== undefined) clearTimeout(this.#timer);
      this.#timer = undefined;
      for (;;) {
        // Shift first: whoever stops this thread here must not make a line appear twice.
        const segment = this.#segments.shift();
        if (!segment) break;
        const { execution, name, text } = segment;
        for (let start = 0; start < text.length; start += CHUNK) {
          this.#frame({ type: 'stream', execution, name, text: text.slice(start, start + CHUNK) });
        }
      }
      this.#characters = 0;
    } finally {
      this.#flushing = false;
    }
  }

  /** Undoes what being stopped in the middle of printing may have left. */
  recover(): void {
    this.#flushing = false;
  }

  /** Sends a message after all that was printed before it. Does not block: see {@link Output.wait}. */
  send(message: FromKernel, payload?: Uint8Array): void {
    unharmed(() => {
      const frame = encodeFrame(message, payload);
      this.flush();
      this.#deliver(frame);
    });
  }

  /** As {@link send}, but the message leaves with the next one: to be called where that follows at once. */
  hold(message: FromKernel): void {
    unharmed(() => {
      const text = JSON.stringify(message);
      this.flush();
      this.#release();
      if (text.length > JOINED) this.#deliver(framesOf([text]));
      else this.#held = text;
    });
  }

  /** Sends the end of an execution. */
  done(execution: string, end: ExecutionEnd, ms: number): void {
    this.flush();
    const last = JSON.stringify({ type: 'done', execution, end, ms } satisfies FromKernel);
    const held = this.#held;
    this.#held = undefined;
    const row: DoneRow = held === undefined ? ['done', execution, end, last] : ['done', execution, end, held, last];
    Atomics.add(this.#shared, SHARED.outstanding, frameSize(last) + (held === undefined ? 0 : frameSize(held)));
    this.#post(row);
  }

  /** Blocks until the parent has taken in enough. An interrupt breaks the wait. */
  wait(): void {
    for (;;) {
      const outstanding = loadShared(this.#shared, SHARED.outstanding);
      if (outstanding <= this.#limit) return;
      waitShared(this.#shared, SHARED.outstanding, outstanding, 1000);
    }
  }

  /** A `write` for a standard stream; `origin` says to which execution the text belongs. */
  writer(name: StreamName, origin: () => string): NodeJS.WriteStream['write'] {
    const decoder = new StringDecoder('utf8');
    return (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
      const text = typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk));
      this.print(origin(), name, text);
      const done = typeof encoding === 'function' ? encoding : callback;
      if (typeof done === 'function') nextTick(() => done());
      return true;
    };
  }

  #frame(message: FromKernel): void {
    this.#deliver(encodeFrame(message));
  }

  #release(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#deliver(framesOf([held]));
  }

  #deliver(frame: Uint8Array): void {
    this.#release();
    Atomics.add(this.#shared, SHARED.outstanding, frame.length);
    this.#post({ op: 'frame', frame }, buffersOf(frame));
  }
}

const buffersOf = ({ buffer }: Uint8Array): ArrayBuffer[] => (buffer instanceof ArrayBuffer ? [buffer] : []);
