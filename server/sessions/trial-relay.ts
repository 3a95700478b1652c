/**
 * Carries a kernel's words about trials to the trials' sink, in order, and what people want of them back to the kernel.
 * Points are acknowledged when they are durable and not before. Used by live sessions and headless runs alike.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionEnd, FromKernel, ToKernel } from '@trialroom/shared/kernel/protocol';
import { SaidEvent } from '@trialroom/shared/trial/event';
import { unpackPoints } from '@trialroom/shared/trial/points';
import { z } from 'zod';
import { Refusal } from '../http/refusal.ts';
import type { ResultsSink } from '../results/sink.ts';
import { type TrialOrigin, type TrialSink, Wish } from '../trials/sink.ts';

/** The kernel that speaks, and where its words go. */
export interface TrialRelayOptions {
  sink: TrialSink;
  /** Where evaluations and artifacts go; without it they are dropped. */
  results?: ResultsSink | undefined;
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
  /** A trial was given up to go on later: what runs it may end. Absent: trials of this kernel are not given up. */
  onReleased?: ((trial: string) => void) | undefined;
  /** Something went wrong that nobody asked about. */
  fault(error: unknown, what: string): void;
  /** How long a trial has to obey a stop, in ms. */
  stopGraceMs?: number | undefined;
}

/** How long a trial has to end itself after a stop before its cell is interrupted. */
const STOP_GRACE_MS = 15_000;
const MAX_RETRY_MS = 5000;

const SaidEvents = z.array(SaidEvent);

interface OpenTrial {
  /** The execution that opened it or last logged to it. */
  execution: string;
  unlisten: Promise<() => Promise<void>>;
  timer: NodeJS.Timeout | null;
}

/** Relays the trials of one kernel process. */
export class TrialRelay {
  readonly #options: TrialRelayOptions;
  readonly #open = new Map<string, OpenTrial>();
  #last: Promise<void> = Promise.resolve();
  /** When points may be given to the sink: after all that came before them but other points. */
  #ready: Promise<void> = Promise.resolve();
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
        this.#besides('store points', taken, message, () => this.#points(message, payload));
        return true;
      case 'trial.evaluation':
      case 'trial.artifact':
        this.#inOrder('keep results', taken, () => this.#result(message, payload));
        return true;
      case 'trial.progress':
        this.#inOrder('store progress', taken, async () => sink.progress(message.trial, message.progress));
        return true;
      case 'trial.events':
        this.#inOrder('store events', taken, () => this.#events(message, payload));
        return true;
      case 'gauge':
        this.#sampled(message);
        // Sessions show what the kernel uses, too.
        return false;
      case 'trial.paused':
        this.#inOrder('note a pause', taken, () => this.#paused(message));
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
    this.#ready = this.#last;
  }

  /**
   * Points follow each other without waiting for those before to be durable: many batches are stored together, and a slow
   * database makes them larger, not later. All else waits for them, and they are acknowledged in their order.
   */
  #besides(what: string, taken: () => void, { trial, seq }: { trial: string; seq: number }, task: () => Promise<void>) {
    const stored = this.#ready.then(task);
    // Looked at when its turn has come.
    stored.catch(() => {});
    this.#last = this.#last
      .then(() => stored)
      .then(() => this.#options.send({ type: 'trial.ack', trial, seq }))
      .then(taken, (error) => {
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
      const abandon = (): void => {
        if (this.#options.running() === execution) this.#options.overdue(execution);
      };
      const value = await sink.open(params, { ...known, kernel, execution, abandon });
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
  }

  async #events({ trial, execution, seq }: Extract<FromKernel, { type: 'trial.events' }>, payload: Uint8Array) {
    const open = this.#open.get(trial);
    if (open) open.execution = execution;
    const said = SaidEvents.parse(JSON.parse(new TextDecoder().decode(payload)));
    await this.#kept(() => this.#options.sink.events(trial, execution, seq, said));
    this.#options.send({ type: 'trial.ack', trial, seq });
  }

  async #paused({ trial, paused, released }: Extract<FromKernel, { type: 'trial.paused' }>): Promise<void> {
    const { sink, onReleased } = this.#options;
    await this.#kept(() => sink.paused(trial, paused));
    if (!released || !onReleased || !(await sink.released(trial))) return;
    await this.#forget(trial);
    onReleased(trial);
  }

  async #result(
    message: Extract<FromKernel, { type: 'trial.evaluation' | 'trial.artifact' }>,
    payload: Uint8Array,
  ): Promise<void> {
    const { results, send } = this.#options;
    const { trial, execution, seq } = message;
    try {
      await this.#kept(async () => {
        if (message.type === 'trial.evaluation') await results?.evaluation(trial, execution, seq, payload);
        else await results?.artifact(trial, execution, seq, message, payload);
      });
    } catch (error) {
      // Refused for good: whoever waits for its answer would wait for ever.
      if (error instanceof Refusal) send({ type: 'trial.ack', trial, seq });
      throw error;
    }
    send({ type: 'trial.ack', trial, seq });
  }

  #sampled({ at = Date.now(), samples }: Extract<FromKernel, { type: 'gauge' }>): void {
    if (!samples) return;
    for (const trial of this.#open.keys()) {
      this.#inOrder(
        'store samples of the system',
        () => {},
        async () => this.#options.sink.samples?.(trial, at, samples),
      );
    }
  }

  /** Does what must not be lost again and again until it is done, or the kernel that waits for it is gone. */
  async #kept(task: () => Promise<void>): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await task();
      } catch (error) {
        if (this.#gone || attempt >= 8 || error instanceof Refusal) throw error;
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
    // Where nothing could take it up again it only waits.
    const asked = action === 'release' && !this.#options.onReleased ? 'pause' : action;
    send({ type: 'trial.control', trial, action: asked === 'stop-now' ? 'stop' : asked });
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
