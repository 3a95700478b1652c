/**
 * The place of the kernel in a session: one process or none. It starts and ends processes one after the other, and lets
 * nothing that an earlier process says reach the session any more.
 */

import type { ExecutionEnd, FromKernel, ToKernel } from '@trialroom/shared/kernel/protocol';
import type { Execution } from '@trialroom/shared/notebook/session';
import { controlChannel, type TrialOrigin } from '../../trials/sink.ts';
import type { SessionPorts } from '../ports.ts';
import { TrialRelay } from '../trial-relay.ts';
import type { LinkHandlers } from './handover.ts';
import { type KernelLink, startKernel } from './link.ts';
import { KERNEL_NICENESS } from './share.ts';

/** The session around the seat: what it asks for, and what it hears. */
export interface SeatOptions {
  notebook: string;
  ports: SessionPorts;
  backend(): string | null;
  running(): string | null;
  ready(): void;
  heard(message: FromKernel, taken: () => void): void;
  /** The process ended by itself, or could not be started. */
  died(reason: string): void;
  /** A trial that was asked to stop went on. */
  overdue(execution: string): void;
}

/** Holds the kernel of one session. */
export class KernelSeat {
  readonly #options: SeatOptions;
  #link: KernelLink | null = null;
  #relay: TrialRelay | null = null;
  /** Whether a process is wanted, even if it is not there yet. */
  #wanted = false;
  #stopping: Promise<unknown> = Promise.resolve();
  readonly #origins = new Map<string, Omit<TrialOrigin, 'kernel' | 'execution' | 'backend'>>();

  constructor(options: SeatOptions) {
    this.#options = options;
  }

  /** Sends a message to the kernel, if there is one. */
  send(message: ToKernel, payload?: Uint8Array): void {
    this.#link?.send(message, payload);
  }

  /** The cell of an execution that this kernel was given. */
  cellOf(execution: string): string | undefined {
    return this.#origins.get(execution)?.cell;
  }

  /** Lets the kernel run this. `limitMs`: most time that it may take. */
  execute({ id, cell, count, source, by, resumes }: Execution, limitMs?: number): void {
    const { notebook, ports } = this.#options;
    const goesOn = resumes === undefined ? {} : { resumes };
    this.#origins.set(id, { cell, notebook: ports.detached ? null : notebook, by, ...goesOn });
    const limit = limitMs === undefined ? {} : { limitMs };
    const share = ports.threads(notebook);
    const threads = share === undefined ? {} : { threads: share };
    this.send({ type: 'execute', execution: id, cell, count, source, ...limit, ...threads });
  }

  /** For the log of the trial that printed it. */
  print(execution: string, name: 'stdout' | 'stderr', text: string): void {
    this.#relay?.print(execution, name, text);
  }

  /** An execution ended while the kernel lives on. */
  executionEnded(execution: string, end: ExecutionEnd): void {
    void this.#relay?.executionEnded(execution, end);
  }

  /** Wants a process; `ready` or `died` says what became of that. */
  start(): void {
    this.#wanted = true;
    const { notebook, ports, died } = this.#options;
    // The old process is gone before the new one comes: two of them may not fit into memory, or onto the graphics card.
    void this.#stopping.then(async () => {
      try {
        const [cwd, wanted] = await Promise.all([ports.folderOf(notebook), ports.backendOf(notebook)]);
        if (this.#wanted && !this.#link) this.#startIn(cwd, wanted);
      } catch (error) {
        if (this.#wanted) died(error instanceof Error ? error.message : String(error));
      }
    });
  }

  /** Ends the process for a reason that people chose; its trials end as stopped. */
  stop(reason: string): void {
    const link = this.#link;
    const relay = this.#leave();
    if (link) this.#stopping = Promise.all([this.#stopping, link.stop(), relay?.kernelGone('stopped', reason)]);
  }

  /** Resolves when every process that was stopped is gone and its trials have ended. */
  async stopped(): Promise<void> {
    await this.#stopping;
  }

  /** The process is known to be gone; its trials end as failed. */
  async lost(reason: string): Promise<void> {
    await this.#leave()?.kernelGone('failed', reason);
  }

  #leave(): TrialRelay | null {
    const relay = this.#relay;
    this.#wanted = false;
    this.#link = null;
    this.#relay = null;
    this.#origins.clear();
    return relay;
  }

  #startIn(cwd: string, wanted: string | undefined): void {
    const { notebook, ports, backend, running, ready, heard, died, overdue } = this.#options;
    const { trials, results, hub, log, kernelMemoryMb: memoryMb, stopGraceMs } = ports;
    const handlers: LinkHandlers = {
      onReady: () => {
        if (this.#link === link) ready();
      },
      onMessage: (message, payload, taken) => {
        if (this.#link !== link) taken();
        else if (!relay.handle(message, payload, taken)) heard(message, taken);
      },
      onEnd: (reason) => {
        if (this.#link === link) died(reason);
      },
    };
    // A warm kernel belongs to a notebook that asks for nothing special.
    const warm = wanted === undefined ? ports.pool.take(cwd, handlers) : null;
    const link: KernelLink =
      warm ?? startKernel({ cwd, memoryMb, backend: wanted, niceness: KERNEL_NICENESS, ...handlers });
    const relay = new TrialRelay({
      sink: trials,
      results,
      kernel: link.id,
      send: (message) => link.send(message),
      origin: (execution) => {
        const known = this.#origins.get(execution);
        if (!known) return undefined;
        // The first trial that it opens is the one that goes on; others are new.
        const { resumes: _, ...later } = known;
        this.#origins.set(execution, later);
        return { ...known, backend: backend() };
      },
      onWish: (trial, heard) => hub.subscribe(controlChannel(trial), heard),
      running: () => (this.#link === link ? running() : null),
      overdue: (execution) => {
        if (this.#link === link) overdue(execution);
      },
      // The kernel holds what other cells made, and lives on: only the code of the trial ends.
      ...(ports.detached
        ? {}
        : { onReleased: (trial) => link.send({ type: 'trial.control', trial, action: 'released' }) }),
      fault: (error, what) => log.error({ err: error, notebook }, `could not ${what}`),
      stopGraceMs,
    });
    this.#link = link;
    this.#relay = relay;
    log.info({ notebook, kernel: link.id, warm: warm !== null }, 'kernel starting');
  }
}
