/**
 * Runs a whole notebook in a kernel of its own, from top to bottom, with parameters and without a server, a database or
 * anyone looking. It changes no file: what came of it is returned, as a notebook.
 */

import { wantedBackend } from '@trialroom/shared/kernel/backends';
import type { ExecutionEnd, FromKernel } from '@trialroom/shared/kernel/protocol';
import { outputOf } from '@trialroom/shared/kernel/said';
import { inBrief } from '@trialroom/shared/notebook/brief';
import { toFileOutput } from '@trialroom/shared/notebook/file-outputs';
import type { FileCell, NotebookFile } from '@trialroom/shared/notebook/format';
import type { CellError, Output, OutputEvent } from '@trialroom/shared/notebook/outputs';
import { uncaughtText } from '@trialroom/shared/notebook/uncaught';
import { ulid } from 'ulid';
import type { Blobs } from '../../blobs/blobs.ts';
import { Refusal } from '../../http/refusal.ts';
import type { Log } from '../../log.ts';
import type { ResultsSink } from '../../results/sink.ts';
import type { TrialOrigin, TrialSink } from '../../trials/sink.ts';
import { type KernelLink, startKernel } from '../kernels/link.ts';
import { KERNEL_NICENESS, type Shares } from '../kernels/share.ts';
import { OutputLimits } from '../outputs/limits.ts';
import { TrialRelay } from '../trial-relay.ts';
import { injectParameters, isTagged } from './injected.ts';

/** What to run, where, and who hears of it. */
export interface HeadlessOptions {
  notebook: NotebookFile;
  /** Absent: it runs as it is, with what an earlier run may have been given. */
  params?: Readonly<Record<string, unknown>>;
  /** Folder that the cells run in. */
  cwd: string;
  /** Most memory of the kernel, in MB. */
  memoryMb?: number | undefined;
  /** Name of the tensor engine; absent: the one that the notebook asks for, or the best one there is. */
  backend?: string | undefined;
  trials: TrialSink;
  /** Where evaluations and artifacts go; without it they are dropped. */
  results?: ResultsSink | undefined;
  /** Where its trials come from. */
  origin: Pick<TrialOrigin, 'notebook' | 'by' | 'launched'>;
  /** Calls `heard` with what people want of the trial; what it resolves to ends that. Absent: nobody can. */
  onWish?: (trial: string, heard: (wish: unknown) => void) => Promise<() => Promise<void>>;
  /** Where values and streams too big for a page go. Absent: streams are cut in the middle and values kept whole. */
  blobs?: Blobs;
  /** A trial was given up, to go on later from its checkpoint: the run ends. Absent: trials are not given up. */
  onReleased?: () => void;
  log?: Log;
  /** Ends the run: the cell is interrupted, and the kernel is ended if that does not help. */
  signal?: AbortSignal;
  /** A cell begins; `index` of `total` code cells that will run, from 0. */
  onCell?: (cell: FileCell, index: number, total: number) => void;
  /** The notebook so far, after each cell: what ran holds its outputs. The next cell waits for it. */
  onStep?: (notebook: NotebookFile) => Promise<void>;
  /** A cell said something, as it said it. */
  onOutput?: (cell: string, event: OutputEvent) => void;
  /** It shares the cores with the other kernels of these, and gives way to the server. Absent: they are all its own. */
  shares?: Shares;
  /** Longest time of one cell, in ms; a cell over it fails. Absent: none. */
  cellLimitMs?: number;
  /** Longest time that the kernel may take to start, in ms. Absent: none. */
  startLimitMs?: number;
  /** How long an interrupted cell has to stop, in ms. */
  interruptGraceMs?: number;
}

/** What came of a headless run. */
export interface HeadlessResult {
  /** The notebook as it ran: injected parameters, outputs, execution counts. */
  notebook: NotebookFile;
  end: 'completed' | 'failed' | 'stopped';
  /** The cell that failed or was stopped. */
  failed: { cell: string; index: number; error: CellError } | null;
}

/** Runs the notebook. Rejects only when it could not be begun (a parameter's name, a kernel that does not start). */
export function runNotebook(options: HeadlessOptions): Promise<HeadlessResult> {
  return new HeadlessRun(options).run();
}

interface Running {
  execution: string;
  cell: string;
  outputs: Output[];
  error: CellError | null;
  limits: OutputLimits;
  /** Outputs are bounded one after the other. */
  last: Promise<void>;
  ended: PromiseWithResolvers<ExecutionEnd>;
}

class HeadlessRun {
  readonly #options: HeadlessOptions;
  readonly #notebook: NotebookFile;
  readonly #ready = Promise.withResolvers<void>();
  readonly #link: KernelLink;
  readonly #relay: TrialRelay;
  readonly #cells = new Map<string, Running>();
  #backend: string | null = null;
  #running: Running | null = null;
  /** Why the kernel is gone, when it is. */
  #gone: string | null = null;
  #overdue: NodeJS.Timeout | null = null;
  /** Someone wanted it to end before its end. */
  #interrupted = false;

  constructor(options: HeadlessOptions) {
    this.#options = options;
    const { notebook, params, trials: sink, onWish } = options;
    this.#notebook = params ? injectParameters(notebook, params) : notebook;
    this.#link = startKernel({
      cwd: options.cwd,
      memoryMb: options.memoryMb,
      backend: options.backend ?? wantedBackend(options.notebook.metadata),
      // Beside a server, and not in a command of its own.
      ...(options.shares ? { niceness: KERNEL_NICENESS } : {}),
      onReady: () => this.#ready.resolve(),
      onMessage: (message, payload, taken) => {
        if (!this.#relay.handle(message, payload, taken)) this.#heard(message, taken);
      },
      onEnd: (reason) => {
        this.#gone = reason;
        this.#ready.resolve();
        this.#running?.ended.resolve('aborted');
      },
    });
    this.#relay = new TrialRelay({
      sink,
      results: options.results,
      kernel: this.#link.id,
      send: (message) => this.#link.send(message),
      origin: (execution) => {
        const cell = this.#cells.get(execution)?.cell;
        return cell === undefined ? undefined : { ...options.origin, cell, backend: this.#backend };
      },
      onWish: onWish ?? (async () => async () => {}),
      running: () => this.#running?.execution ?? null,
      overdue: () => this.#interrupt(),
      ...(options.onReleased
        ? {
            onReleased: () => {
              options.onReleased?.();
              // It waits, and has nothing left to say.
              this.#interrupted = true;
              void this.#link.stop();
            },
          }
        : {}),
      fault: (error, what) => options.log?.error({ err: error }, `could not ${what}`),
    });
  }

  async run(): Promise<HeadlessResult> {
    const { signal, onCell, onStep } = this.#options;
    const abort = (): void => this.#interrupt();
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    try {
      await this.#start();
      const cells = [...this.#notebook.cells];
      const todo = cells.flatMap((cell, at) => (cell.cell_type === 'code' && cell.source.trim() !== '' ? [at] : []));
      // What an earlier run left in the file is not what this one said.
      cells.forEach((cell, at) => {
        if (cell.cell_type === 'code') cells[at] = { ...cell, outputs: [], execution_count: null };
      });
      const notebook = { ...this.#notebook, cells };
      for (const [index, at] of todo.entries()) {
        const cell = cells[at];
        if (cell?.cell_type !== 'code') continue;
        onCell?.(cell, index, todo.length);
        const { end, error, outputs } = await this.#cell(cell, index + 1);
        cells[at] = { ...cell, outputs: outputs.map(toFileOutput), execution_count: index + 1 };
        await onStep?.({ ...notebook, cells: [...cells] });
        if (end === 'ok' || (end === 'error' && isTagged(cell, 'raises-exception'))) continue;
        return await this.#end(notebook, this.#interrupted ? 'stopped' : 'failed', { cell: cell.id, index: at, error });
      }
      return await this.#end(notebook, 'completed', null);
    } finally {
      signal?.removeEventListener('abort', abort);
      if (this.#overdue) clearTimeout(this.#overdue);
      this.#options.shares?.ends(this.#link.id);
      await this.#link.stop();
      await Promise.all([...this.#cells.values()].map(({ limits }) => limits.close()));
    }
  }

  async #start(): Promise<void> {
    const { startLimitMs } = this.#options;
    if (startLimitMs === undefined) return this.#ready.promise;
    const late = Promise.withResolvers<true>();
    const timer = setTimeout(() => late.resolve(true), startLimitMs);
    const isLate = await Promise.race([this.#ready.promise, late.promise]);
    clearTimeout(timer);
    if (!isLate) return;
    throw new Refusal(503, {
      error: 'kernel-late',
      message: `the kernel did not start within ${startLimitMs / 1000} s`,
      fix: 'give it more time, or look at what the machine is busy with',
    });
  }

  async #cell(
    { id, source }: FileCell,
    count: number,
  ): Promise<{ end: ExecutionEnd; error: CellError; outputs: Output[] }> {
    const execution = ulid();
    const { blobs, signal, cellLimitMs, shares } = this.#options;
    const running: Running = {
      execution,
      cell: id,
      outputs: [],
      error: null,
      limits: new OutputLimits(execution, blobs ?? null),
      last: Promise.resolve(),
      ended: Promise.withResolvers(),
    };
    this.#cells.set(execution, running);
    this.#running = running;
    if (this.#gone !== null || signal?.aborted) running.ended.resolve('aborted');
    else {
      const limit = cellLimitMs === undefined ? {} : { limitMs: cellLimitMs };
      const threads = shares?.begins(this.#link.id, (cores) => this.#link.send({ type: 'share', threads: cores }));
      const share = threads === undefined ? {} : { threads };
      this.#link.send({ type: 'execute', execution, cell: id, count, source, ...limit, ...share });
    }
    const end = await running.ended.promise;
    this.#running = null;
    if (this.#gone !== null) {
      this.#say(running, { type: 'error', error: { name: 'KernelDied', message: this.#gone, frames: [] } }, () => {});
    }
    await running.last;
    const error = running.error ?? { name: 'Aborted', message: 'The run was stopped.', frames: [] };
    // A kernel that died ends its trials as failed; that is not the same as an interrupted cell.
    if (this.#gone === null) await this.#relay.executionEnded(execution, end, said(error));
    return { end, error, outputs: running.outputs };
  }

  async #end(
    notebook: NotebookFile,
    end: HeadlessResult['end'],
    failed: HeadlessResult['failed'],
  ): Promise<HeadlessResult> {
    await this.#relay.kernelGone(end, failed ? said(failed.error) : 'The notebook ended.');
    return { notebook, end, failed };
  }

  #heard(message: FromKernel, taken: () => void): void {
    const output = outputOf(message);
    if (output) {
      if (message.type === 'stream') this.#relay.print(message.execution, message.name, message.text);
      else if (message.type === 'uncaught')
        this.#relay.print(message.execution, 'stderr', uncaughtText(message.error, message.cell));
      this.#say(this.#cells.get(output.execution), output.event, taken);
      return;
    }
    switch (message.type) {
      case 'call':
        this.#link.send({ type: 'reply', request: message.request, ok: false, error: NOBODY });
        break;
      case 'backend':
        this.#backend = message.report.name;
        break;
      case 'done':
        if (this.#running?.execution === message.execution) this.#running.ended.resolve(message.end);
        break;
    }
    taken();
  }

  #say(running: Running | undefined, event: OutputEvent, taken: () => void): void {
    if (!running) {
      taken();
      return;
    }
    const brief = 'error' in event ? { ...event, error: inBrief(event.error) } : event;
    if (brief.type === 'error') running.error = brief.error;
    this.#options.onOutput?.(running.cell, brief);
    running.last = running.last
      .then(async () => {
        running.outputs = (await running.limits.take(running.outputs, [event])).outputs;
      })
      .finally(taken);
  }

  #interrupt(): void {
    this.#interrupted = true;
    this.#link.send({ type: 'interrupt' });
    this.#overdue ??= setTimeout(() => void this.#link.stop(), this.#options.interruptGraceMs ?? 5000);
    // Before the first cell there is nothing to interrupt; `#cell` looks at the signal itself.
    if (!this.#running) this.#ready.resolve();
  }
}

/** Said to a cell that asks for text. */
const NOBODY =
  'nobody is there to answer: the notebook runs by itself. Give the value as a parameter, or run the cell in the editor.';

const said = ({ name, message }: CellError): string => `${name}: ${message}`;
