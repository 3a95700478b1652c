/**
 * The way of one trial's points and progress out of this process. Points go in batches, each at most 50 ms old:
 * a timer sends them while the event loop turns, and {@link Outbox.add} itself looks at the clock, so that a loop
 * which never yields is seen live too. Which batches are durable is kept count of, and the end of a trial waits for
 * all. The batches themselves are not kept: the line to the parent either delivers in order or ends this process.
 */
import type { Progress } from '@trialroom/shared/kernel/protocol';
import { packPoints } from '@trialroom/shared/trial/points';
import type { KernelHost } from '../../process/host.ts';
import { PointBuffer } from './columns.ts';

/** Longest time that a point waits here, in ms. */
export const FLUSH_AFTER = 50;

/** A batch is sent early when it holds this many points. */
export const FLUSH_POINTS = 8192;

export class Outbox {
  readonly #host: KernelHost;
  readonly #trial: string;
  readonly #points = new PointBuffer();
  #progress: Progress | undefined;
  #execution: string | undefined;
  readonly #users = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #sentAt = 0;
  #seq = 0;
  #acked = 0;
  #waiting: { seq: number; resolve: () => void }[] = [];

  constructor(host: KernelHost, trial: string) {
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

  /** Adds one value for each key at this step, all with the present wall time. */
  add(values: Readonly<Record<string, number>>, step: number): void {
    const execution = this.#host.execution() ?? this.#execution;
    if (execution !== this.#execution) {
      // A batch names the execution that logged it, so that the end of that execution can end the trial.
      this.flush();
      this.#execution = execution;
      if (execution) this.#users.add(execution);
    }
    const now = Date.now();
    for (const key in values) this.#points.add(key, step, now, values[key] ?? Number.NaN);
    this.#due(now);
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
      const { keys, payload } = packPoints(this.#points.take());
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
    if (now - this.#sentAt >= FLUSH_AFTER || this.#points.size >= FLUSH_POINTS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_AFTER - (now - this.#sentAt));
  }
}
