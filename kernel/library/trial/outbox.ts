/**
 * The way of one trial's points and progress out of this process. Points go in batches, each at most 50 ms old:
 * a timer sends them while the event loop turns, and {@link Outbox.add} itself looks at the clock, so that a loop
 * which never yields is seen live too. Which batches are durable is kept count of, and the end of a trial waits for
 * all. The batches themselves are not kept: the line to the parent either delivers in order or ends this process.
 */
import type { FromKernel, Progress } from '@trialroom/shared/kernel/protocol';
import type { KernelHost } from '../../process/host.ts';
import { PointBuffer } from './columns.ts';

/** Longest time that a point waits here, in ms. */
export const FLUSH_AFTER = 50;

/** A batch is sent early when it holds this many points, and a few of each key: naming the keys costs too. */
export const FLUSH_POINTS = 8192;
const FLUSH_POINTS_EACH = 4;

/** What shares the count of points: events, an evaluation, a piece of a file. */
type Numbered = Extract<FromKernel, { type: 'trial.events' | 'trial.evaluation' | 'trial.artifact' }>;
type Unnumbered<M> = M extends unknown ? Omit<M, 'trial' | 'execution' | 'seq'> : never;

export class Outbox {
  readonly #host: KernelHost;
  readonly #trial: string;
  readonly #points = new PointBuffer();
  #progress: Progress | undefined;
  #execution: string | undefined;
  readonly #users = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #sentAt = 0;
  #seq: number;
  #acked: number;
  #waiting: { seq: number; resolve: () => void }[] = [];

  /** @param after the number that the count goes on from: of a trial that ran before, messages up to it are taken */
  constructor(host: KernelHost, trial: string, after = 0) {
    this.#seq = after;
    this.#acked = after;
    this.#host = host;
    this.#trial = trial;
    this.#execution = host.execution();
    if (this.#execution) this.#users.add(this.#execution);
  }

  /** Whether this execution opened the trial or logged to it. */
  usedBy(execution: string): boolean {
    return this.#users.has(execution);
  }

  /** Number of batches sent that are not yet known to be durable. */
  get unacknowledged(): number {
    return this.#seq - this.#acked;
  }

  /**
   * Adds one value for each key at this step, all with the present wall time.
   * @returns the first key whose value is no number: then nothing was added
   */
  add(values: Readonly<Record<string, number>>, step: number): string | undefined {
    const execution = this.#host.execution() ?? this.#execution;
    if (execution !== this.#execution) {
      // A batch names the execution that logged it, so that the end of that execution can end the trial.
      this.flush();
      this.#execution = execution;
      if (execution) this.#users.add(execution);
    }
    const now = Date.now();
    const refused = this.#points.add(values, step, now);
    if (refused === undefined) this.#due(now);
    return refused;
  }

  /** Notes the newest progress; only the last one of each 50 ms is sent. */
  progress(progress: Progress): void {
    this.#progress = progress;
    this.#due(Date.now());
  }

  /** Sends all that waits, now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sentAt = Date.now();
    if (this.#points.size > 0) {
      const { keys, payload } = this.#points.take();
      this.#seq++;
      this.#host.send(
        { type: 'trial.points', trial: this.#trial, execution: this.#execution ?? '', seq: this.#seq, keys },
        payload,
      );
    }
    if (this.#progress) {
      this.#host.send({ type: 'trial.progress', trial: this.#trial, progress: this.#progress });
      this.#progress = undefined;
    }
  }

  /** Sends a numbered message, after the points that wait. */
  say(message: Unnumbered<Numbered>, payload: Uint8Array): void {
    const execution = this.#host.execution() ?? this.#execution ?? '';
    if (execution !== '') this.#users.add(execution);
    this.flush();
    this.#seq++;
    this.#host.send({ ...message, trial: this.#trial, execution, seq: this.#seq } as Numbered, payload);
  }

  /** Takes note that all batches up to `seq` are durable. */
  acknowledge(seq: number): void {
    this.#acked = Math.max(this.#acked, Math.min(seq, this.#seq));
    this.#waiting = this.#waiting.filter((waiter) => {
      if (waiter.seq > this.#acked) return true;
      waiter.resolve();
      return false;
    });
  }

  /** Resolves when every batch sent so far is durable. */
  durable(): Promise<void> {
    const seq = this.#seq;
    if (seq <= this.#acked) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ seq, resolve }));
  }

  #due(now: number): void {
    const most = Math.max(FLUSH_POINTS, FLUSH_POINTS_EACH * this.#points.keys);
    if (now - this.#sentAt >= FLUSH_AFTER || this.#points.size >= most) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_AFTER - (now - this.#sentAt));
  }
}
