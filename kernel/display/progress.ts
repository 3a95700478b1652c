/**
 * A progress bar that costs next to nothing to move: a step is an addition, the clock is read at every eighth at most
 * while steps are short, and what is sent is the state of ten moments a second, however many steps lie between. The last
 * state is always sent before the execution ends.
 */
import { clearTimeout, setTimeout } from 'node:timers';
import { MIME } from '@trialroom/shared/notebook/mime';
import type { ProgressData } from '@trialroom/shared/notebook/progress';
import { host } from '../process/host.ts';
import { DISPLAY } from './bundle.ts';
import { clearBeforeOutput } from './clear.ts';
import { newDisplayId } from './ids.ts';
import { grouped } from './words.ts';

/** Options of {@link progress}'s `of`. */
export interface ProgressOptions {
  /** How many there are; by default the `length` or `size` of what is gone through. */
  total?: number;
  note?: string;
}

const SEND_MS = 100;
/** Steps between two looks at the clock, while all of them together take less than {@link SHORT_MS}. */
const STRIDE = 8;
const SHORT_MS = 1;
/** The pace is that of the last so many ms. */
const PACE_MS = 3000;

const open = new Map<string, Set<Progress>>();
let listening = false;

/** A progress bar; made by {@link progress}. */
export class Progress {
  readonly id = newDisplayId();
  #done = 0;
  #total: number | undefined;
  #note: string | undefined;
  #state: NonNullable<ProgressData['state']> = 'running';
  #startedAt = performance.now();
  /** Steps until the clock is read again. */
  #stride = 0;
  #lookedAt = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  #shown = false;
  #timer: NodeJS.Timeout | undefined;
  /** Where the pace is measured from, and where it will be next. */
  #from = { at: this.#startedAt, done: 0 };
  #next = this.#from;

  constructor(total: number | undefined, note: string | undefined) {
    if (total !== undefined && !(total > 0)) throw new RangeError(`progress(${total}): give a total above 0, or none`);
    this.#total = total === Number.POSITIVE_INFINITY ? undefined : total;
    this.#note = note;
    this.#send();
  }

  /** Goes `count` steps on. */
  step(count = 1): void {
    this.#done += count;
    if (--this.#stride < 0) this.#look();
  }

  /** Goes to `done` steps, and says what is being done. */
  set(done: number, note?: string): void {
    if (!(done >= 0)) throw new RangeError(`progress.set(${done}): give a number from 0 on`);
    this.#done = done;
    if (note !== undefined && note !== this.#note) {
      this.#note = note;
      this.#stride = 0;
    }
    if (--this.#stride < 0) this.#look();
  }

  /** Ends it where it stands. */
  done(note?: string): void {
    this.#end('done', note);
  }

  /** Says that the work was left off where it stands. Does nothing once it is done. */
  stop(): void {
    if (this.#state === 'running') this.#end('stopped');
  }

  /** Sends what has not been sent yet. */
  flush(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#send();
  }

  /** For the end of the cell: what is not finished when a cell fails will not be. */
  cellEnded(went: boolean): void {
    if (this.#state !== 'running') return;
    if (!went) this.stop();
    else if (this.#total !== undefined && this.#done >= this.#total) this.#end('done');
    else this.flush();
  }

  /** The bar is in its place already; as a last expression it adds nothing. */
  [DISPLAY](): Record<string, unknown> {
    return this.#shown ? {} : this.#bundle();
  }

  #look(): void {
    const now = performance.now();
    this.#stride = now - this.#lookedAt < SHORT_MS ? STRIDE - 1 : 0;
    this.#lookedAt = now;
    const wait = this.#sentAt + SEND_MS - now;
    if (wait <= 0) this.flush();
    else if (this.#timer === undefined && host()) {
      this.#timer = setTimeout(() => this.flush(), wait);
      this.#timer.unref();
    }
  }

  #end(state: 'done' | 'stopped', note?: string): void {
    this.#state = state;
    if (note !== undefined) this.#note = note;
    this.flush();
    for (const bars of open.values()) bars.delete(this);
  }

  #send(): void {
    const kernel = host();
    const now = performance.now();
    this.#lookedAt = now;
    this.#sentAt = now;
    if (now - this.#next.at > PACE_MS / 2) {
      this.#from = this.#next;
      this.#next = { at: now, done: this.#done };
    }
    if (!kernel) {
      // Without a page there is one line, at the end.
      if (this.#state !== 'running') process.stderr.write(`${this.#text(this.data())}\n`);
      return;
    }
    if (this.#shown) kernel.update(this.id, this.#bundle());
    else {
      clearBeforeOutput();
      kernel.display(this.#bundle(), {}, this.id);
    }
    this.#shown = true;
    const execution = kernel.execution();
    if (execution !== undefined && this.#state === 'running') remember(execution, this);
  }

  /** How far it is, as data. */
  data(): ProgressData {
    const now = performance.now();
    const elapsed = now - this.#startedAt;
    const done = this.#done >= 0 && this.#done < Number.POSITIVE_INFINITY ? this.#done : 0;
    const span = this.#state === 'running' ? now - this.#from.at : elapsed;
    const steps = this.#state === 'running' ? done - this.#from.done : done;
    return {
      done,
      ...(this.#total === undefined ? {} : { total: Math.max(this.#total, done) }),
      ...(this.#note === undefined ? {} : { note: this.#note }),
      state: this.#state,
      elapsed: Math.round(elapsed),
      ...(span > 0 && steps > 0 ? { rate: Number(((steps / span) * 1000).toPrecision(4)) } : {}),
    };
  }

  #bundle(): Record<string, unknown> {
    const data = this.data();
    const share = data.total === undefined ? '' : ` max="${data.total}" value="${data.done}"`;
    const text = this.#text(data);
    return {
      [MIME.progress]: data,
      'text/html': `<progress${share}></progress> ${text.replace(/[&<>]/g, (each) => `&#${each.charCodeAt(0)};`)}`,
      'text/plain': text,
    };
  }

  #text({ done, total, note, state, elapsed = 0, rate }: ProgressData): string {
    const parts = [
      total === undefined
        ? grouped(done)
        : `${Math.floor((done / total) * 100)} %  ${grouped(done)} of ${grouped(total)}`,
    ];
    if (rate) parts.push(`${grouped(Number(rate.toPrecision(3)))}/s`);
    parts.push(`${(elapsed / 1000).toFixed(1)} s`);
    if (state === 'running' && rate && total !== undefined) parts.push(`${Math.ceil((total - done) / rate)} s left`);
    if (state === 'stopped') parts.push('stopped');
    return `${note ? `${note}: ` : ''}${parts.join(', ')}`;
  }
}

function remember(execution: string, bar: Progress): void {
  if (!listening) {
    listening = true;
    host()?.onEnd((ended, end) => {
      for (const each of open.get(ended) ?? []) each.cellEnded(end === 'ok');
      open.delete(ended);
    });
  }
  const bars = open.get(execution);
  if (bars) bars.add(bar);
  else open.set(execution, new Set([bar]));
}

/** Goes through items and shows how far it is; leaving off early ends the bar where it stands. */
function of<T>(items: Iterable<T>, options?: ProgressOptions): Iterable<T> & AsyncIterable<Awaited<T>>;
function of<T>(items: AsyncIterable<T>, options?: ProgressOptions): AsyncIterable<T>;
function of(
  items: Iterable<unknown> | AsyncIterable<unknown>,
  options: ProgressOptions = {},
): Partial<Iterable<unknown>> & AsyncIterable<unknown> {
  const total = options.total ?? sizeOf(items);
  // A total of nothing has no bar to fill: it is open, and done at once.
  const bar = (): Progress => new Progress(total === 0 ? undefined : total, options.note);
  const slow = {
    async *[Symbol.asyncIterator](): AsyncGenerator<unknown> {
      const shown = bar();
      try {
        for await (const item of items) {
          yield item;
          shown.step();
        }
        shown.done();
      } finally {
        shown.stop();
      }
    },
  };
  if (!(Symbol.iterator in items)) return slow;
  return {
    ...slow,
    *[Symbol.iterator](): Generator<unknown> {
      const shown = bar();
      try {
        for (const item of items) {
          yield item;
          shown.step();
        }
        shown.done();
      } finally {
        shown.stop();
      }
    },
  };
}

function sizeOf(items: object): number | undefined {
  const size: unknown = 'length' in items ? items.length : 'size' in items ? items.size : undefined;
  return typeof size === 'number' && size >= 0 ? size : undefined;
}

/**
 * Shows a progress bar in the output of the running cell.
 * @param total how many steps there are; leave it out when nobody knows
 * @param note what is being done
 * @throws RangeError for a total that is not above 0
 * @example
 * const p = progress(1000, 'reading');
 * for (const file of files) { read(file); p.step(); }
 * @example for (const row of progress.of(rows)) work(row);
 */
export const progress: {
  (total?: number, note?: string): Progress;
  of: typeof of;
} = Object.assign((total?: number, note?: string): Progress => new Progress(total, note), { of });
