/**
 * Carries a kernel's words about trials to the trials' sink, in order, and what people want of them back to the kernel.
 * Points are acknowledged when they are durable and not before. Used by live sessions and headless runs alike.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionEnd, FromKernel, ToKernel } from '@trialroom/shared/kernel/protocol';
import { unpackPoints } from '@trialroom/shared/trial/points';
import { type TrialOrigin, type TrialSink, Wish } from '../trials/sink.ts';

export interface TrialRelayOptions {
  sink: TrialSink;
  /** Id of the kernel process. */
  kernel: string;
  send(message: ToKernel): void;
  /** What is known about an execution of this kernel; undefined when nothing is. */
  origin(execution: string): Omit<TrialOrigin, 'kernel' | 'execution'> | undefined;
  /** Calls `heard` with what comes on the trial's control channel; what it resolves to ends that. */
  onWish(trial: string, heard: (wish: unknown) => void): Promise<() => Promise<void>>;
  /** The execution that runs now. */
  running(): string | null;
  /** A trial did not obey a stop within {@link STOP_GRACE_MS}, or is to stop at once: its execution is to be interrupted. */
  overdue(execution: string): void;
  /** Something went wrong that nobody asked about. */
  fault(error: unknown, what: string): void;
  /** How long a trial has to obey a stop, in ms. */
  stopGraceMs?: number | undefined;
}

/** How long a trial has to end itself after a stop before its cell is interrupted. */
export const STOP_GRACE_MS = 15_000;
const MAX_RETRY_MS = 5000;

interface OpenTrial {
  /** The execution that opened it or last logged to it. */
  execution: string;
  unlisten: Promise<() => Promise<void>>;
  timer: NodeJS.Timeout | null;
}

export class TrialRelay {
  readonly #options: TrialRelayOptions;
  readonly #open = new Map<string, OpenTrial>();
  #last: Promise<void> = Promise.resolve();
  #gone = false;

  constructor(options: TrialRelayOptions) {
    this.#options = options;
  }

  /** Takes a message if it is about trials; says whether it did. `taken` is called when it is dealt with for good. */
  handle(message: FromKernel, payload: Uint8Array, taken: () => void): boolean {
    const { sink } = this.#options;
    switch (message.type) {
      case 'call':
        if (message.method !== 'trial.open') return false;
        this.#inOrder('open a trial', taken, () => this.#opened(message));
        return true;
      case 'trial.points':
        this.#inOrder('store points', taken, () => this.#points(message, payload));
        return true;
      case 'trial.progress':
        this.#inOrder('store progress', taken, async () => sink.progress(message.trial, message.progress));
        return true;
      case 'trial.paused':
        this.#inOrder('note a pause', taken, () => this.#kept(() => sink.paused(message.trial, message.paused)));
        return true;
      case 'trial.summary':
        this.#inOrder('store a summary', taken, () => this.#kept(() => sink.summary(message.trial, message.summary)));
        return true;
      case 'trial.finish':
        this.#inOrder('finish a trial', taken, async () => {
          await this.#kept(() => sink.finish(message.trial, message.end));
          await this.#forget(message.trial);
        });
        return true;
      default:
        return false;
    }
  }

  /** Text that an execution printed, for the log of its trial. */
  print(execution: string, stream: 'stdout' | 'stderr', text: string): void {
    if (this.#open.size > 0) this.#options.sink.print(execution, stream, text);
  }

  /** An execution is over; what failed or was stopped ends the trials it used. Resolves when they have ended. */
  executionEnded(execution: string, end: ExecutionEnd, reason?: string): Promise<void> {
    if (end === 'ok') return this.#last;
    this.#inOrder(
      'end the trials of an execution',
      () => {},
      async () => {
        await this.#kept(() => this.#options.sink.executionEnded(execution, end, reason));
        for (const [trial, open] of this.#open) if (open.execution === execution) await this.#forget(trial);
      },
    );
    return this.#last;
  }

  /** The process is gone. Resolves when its trials have ended. */
  kernelGone(end: 'failed' | 'stopped' | 'completed', reason: string): Promise<void> {
    this.#inOrder(
      'end the trials of a kernel',
      () => {},
      async () => {
        this.#gone = true;
        for (const trial of [...this.#open.keys()]) await this.#forget(trial);
        await this.#options.sink.kernelGone(this.#options.kernel, end, reason);
      },
    );
    return this.#last;
  }

  #inOrder(what: string, taken: () => void, task: () => Promise<void>): void {
    this.#last = this.#last.then(task).then(taken, (error) => {
      taken();
      this.#options.fault(error, what);
    });
  }

  async #opened(message: Extract<FromKernel, { method: 'trial.open' }>): Promise<void> {
    const { sink, kernel, origin, send, onWish } = this.#options;
    const { request, execution, params } = message;
    try {
      const known = origin(execution);
      if (!known) throw new Error('a trial can be opened by a cell only');
      const value = await sink.open(params, { ...known, kernel, execution });
      const unlisten = onWish(value.trial, (wish) => this.#wished(value.trial, wish));
      unlisten.catch((error) => this.#options.fault(error, 'listen for what people want of a trial'));
      this.#open.set(value.trial, { execution, unlisten, timer: null });
      send({ type: 'reply', request, ok: true, value });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      send({ type: 'reply', request, ok: false, error: reason });
      throw error;
    }
  }

  async #points(message: Extract<FromKernel, { type: 'trial.points' }>, payload: Uint8Array): Promise<void> {
    const { trial, execution, seq, keys } = message;
    const columns = unpackPoints(keys, payload);
    const open = this.#open.get(trial);
    if (open) open.execution = execution;
    await this.#kept(() => this.#options.sink.points(trial, execution, seq, columns));
    this.#options.send({ type: 'trial.ack', trial, seq });
  }

  /** Does what must not be lost again and again until it is done, or the kernel that waits for it is gone. */
  async #kept(task: () => Promise<void>): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await task();
      } catch (error) {
        if (this.#gone || attempt >= 8) throw error;
        if (attempt === 0) this.#options.fault(error, 'keep what a trial said; trying again');
        await delay(Math.min(MAX_RETRY_MS, 100 * 2 ** attempt));
      }
    }
  }

  #wished(trial: string, wish: unknown): void {
    const open = this.#open.get(trial);
    if (!open) return;
    const { action } = Wish.parse(wish);
    const { send, running, overdue, stopGraceMs = STOP_GRACE_MS } = this.#options;
    const runs = (): boolean => this.#open.has(trial) && running() === open.execution;
    // Not asked as well: code that waits would wake up and go on until the interrupt strikes.
    if (action === 'stop-now' && runs()) {
      overdue(open.execution);
      return;
    }
    send({ type: 'trial.control', trial, action: action === 'stop-now' ? 'stop' : action });
    if (action !== 'stop') return;
    open.timer ??= setTimeout(() => {
      if (runs()) overdue(open.execution);
    }, stopGraceMs);
  }

  async #forget(trial: string): Promise<void> {
    const open = this.#open.get(trial);
    if (!open) return;
    this.#open.delete(trial);
    if (open.timer) clearTimeout(open.timer);
    const unlisten = await open.unlisten.catch(() => null);
    await unlisten?.();
  }
}
