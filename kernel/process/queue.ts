/**
 * The executions of a kernel, one after another: compiles each when its turn has come, hands it to the main thread, and
 * ends it when it is interrupted or over its time. It decides what runs; how a thread is stopped is `interrupt.ts`'s.
 */
import type { ExecutionEnd, FromKernel, ToKernel } from '@trialroom/shared/kernel/protocol';
import { CellCompiler, CellSyntaxError } from '../cell/compile.ts';
import { SHARED, type ToMain } from './channel.ts';
import type { Interrupter } from './interrupt/interrupt.ts';
import { runRow } from './rows.ts';
import { Tidy } from './tidy.ts';

/** The parent's wish to run a cell. */
export type Execute = ToKernel & { type: 'execute' };

/** What the queue needs of its thread. */
export interface QueuePorts {
  /** Says something to the parent. */
  say(message: FromKernel): void;
  toMain(message: ToMain): void;
  interrupter: Interrupter;
  shared: Int32Array<SharedArrayBuffer>;
}

/** After so many ms of rest the processor has forgotten what the main thread does. */
const REST_MS = 2;
/** Longest delay of a timer of Node's, in ms: 24 days. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** How long the code of a stopped execution gets that listens to its signal, in ms. */
const POLITE_MS = 250;

/** The line in which executions stand. */
export class Queue {
  readonly #ports: QueuePorts;
  readonly #compiler = new CellCompiler();
  readonly #tidy: Tidy;
  #waiting: Execute[] = [];
  #running: string | undefined;
  /** How many executions have been run. */
  #serial = 0;
  /** Ends what runs once it has had its time. */
  #limit: NodeJS.Timeout | undefined;
  /** Since when nothing has been asked of the main thread, by `performance.now()`. */
  #restedFrom = 0;
  /** Dropped executions that end once the stopped one has. */
  readonly #ending: Execute[] = [];

  constructor(ports: QueuePorts) {
    this.#ports = ports;
    this.#tidy = new Tidy(() => ports.toMain({ op: 'rest' }));
  }

  /** The execution that runs now. */
  get running(): string | undefined {
    return this.#running;
  }

  /** An execution may be coming: a main thread that rested for a while makes itself ready for it. */
  rouse(): void {
    if (this.#running !== undefined || this.#serial === 0) return;
    const now = performance.now();
    if (now - this.#restedFrom < REST_MS) return;
    this.#restedFrom = now;
    this.#ports.toMain({ op: 'rouse' });
  }

  /** Takes an execution in; false where it is there already. */
  add(execute: Execute): boolean {
    const { execution } = execute;
    if (this.#running === execution || this.#waiting.some((waiting) => waiting.execution === execution)) return false;
    this.#waiting.push(execute);
    this.#next();
    return true;
  }

  /** Stops what runs and drops what waits. */
  async interrupt(): Promise<void> {
    const dropped = this.#waiting;
    this.#waiting = [];
    const stopped = this.#running;
    await this.#stopRunning();
    if (stopped !== undefined && this.#running === stopped) {
      this.#ending.push(...dropped);
      this.#end(stopped);
    } else {
      this.#drop(dropped);
      this.#next();
    }
  }

  /** The main thread has ended an execution. */
  ended(execution: string, end: ExecutionEnd): void {
    if (this.#running === execution) {
      this.#running = undefined;
      this.#restedFrom = performance.now();
      if (end === 'ok') this.#compiler.completed();
    }
    clearTimeout(this.#limit);
    Atomics.store(this.#ports.shared, SHARED.stopping, 0);
    this.#drop(this.#ending.splice(0));
    this.#tidy.ended();
    this.#next();
  }

  /** The main thread will not say how an execution ended. */
  broken(execution: string): void {
    if (!this.#ports.interrupter.busy && this.#running === execution) this.#end(execution);
  }

  #next(): void {
    while (this.#running === undefined && !this.#ports.interrupter.busy) {
      const execute = this.#waiting.shift();
      if (!execute) return;
      this.#begin(execute);
    }
  }

  #begin({ execution, cell, count, source, limitMs }: Execute): void {
    const { say, toMain } = this.#ports;
    try {
      const compiled = this.#compiler.compile(cell, count, source);
      this.#running = execution;
      this.#tidy.began();
      // First of all: what is told of it can be told while it runs.
      toMain({ op: 'run', row: runRow(execution, ++this.#serial, compiled) });
      say({ type: 'names', execution, defines: compiled.defines, uses: compiled.uses });
      say({ type: 'started', execution, at: Date.now() });
      if (limitMs !== undefined && limitMs <= LONGEST_TIMER) {
        this.#limit = setTimeout(() => void this.#stopAtLimit(execution, limitMs), limitMs);
      }
    } catch (error) {
      say({ type: 'started', execution, at: Date.now() });
      const shown =
        error instanceof CellSyntaxError
          ? error.error
          : { name: 'Error', message: `The cell could not be compiled: ${String(error)}`, frames: [] };
      say({ type: 'error', execution, error: shown });
      say({ type: 'done', execution, end: 'error', ms: 0 });
    }
  }

  async #stopAtLimit(execution: string, limitMs: number): Promise<void> {
    if (this.#running !== execution) return;
    await this.#stopRunning();
    if (this.#running === execution) this.#end(execution, limitMs);
    else this.#next();
  }

  /** Stops whatever the main thread does. */
  async #stopRunning(): Promise<void> {
    const { shared, interrupter } = this.#ports;
    if (this.#running !== undefined) Atomics.store(shared, SHARED.stopping, this.#serial);
    await interrupter.stop(this.#running !== undefined);
  }

  /** Ends an execution whose code has been stopped. */
  #end(execution: string, limitMs?: number): void {
    const { toMain, interrupter } = this.#ports;
    const tell = (): void => toMain({ op: 'abort', execution, limitMs });
    tell();
    const insist = async (): Promise<void> => {
      if (this.#running !== execution) return;
      await interrupter.stop();
      // It may have ended meanwhile, and the next one waits for the end of the stop.
      if (this.#running !== execution) return this.#next();
      tell();
      setTimeout(() => void insist(), POLITE_MS);
    };
    setTimeout(() => void insist(), POLITE_MS);
  }

  #drop(executions: Execute[]): void {
    for (const { execution } of executions) this.#ports.say({ type: 'done', execution, end: 'aborted', ms: 0 });
  }
}
