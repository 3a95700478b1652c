/**
 * One live session: performs the effects that the reducer decides, against a real kernel, the execution log and the
 * people who look. It decides nothing about order itself, and runs only source that the server's document holds.
 */
import type { FromKernel } from '@trialroom/shared/kernel/protocol';
import type { NotebookSnapshot } from '@trialroom/shared/live/events';
import { cellsOf, sourceOf, typeOf } from '@trialroom/shared/notebook/document';
import type { CellError, OutputEvent } from '@trialroom/shared/notebook/outputs';
import {
  type CellState,
  type Execution,
  emptySession,
  freshCell,
  type SessionEffect,
  type SessionOperation,
  type SessionState,
} from '@trialroom/shared/notebook/session';
import { applyToSession } from '@trialroom/shared/notebook/session-reducer';
import { monotonicFactory } from 'ulid';
import type { OpenDocument } from '../documents/documents.ts';
import { Refusal } from '../http/refusal.ts';
import { KernelSeat } from './kernel-seat.ts';
import type { OutputChange } from './output-plan.ts';
import { OutputLog } from './outputs.ts';
import type { SessionPorts } from './ports.ts';
import { hashOf, remembered, shareable } from './session-view.ts';
import type { StoredCell } from './store.ts';

const newId = monotonicFactory();
const TOUCH_MS = 5000;

export class Session {
  readonly notebook: string;
  readonly #ports: SessionPorts;
  readonly #outputs: OutputLog;
  #state: SessionState;
  #seq: number;
  readonly #seat: KernelSeat;
  #document: Promise<OpenDocument> | null = null;
  #doc: OpenDocument | null = null;
  /** What belongs together in time: the end of a run, the end of a kernel. */
  #last: Promise<void> = Promise.resolve();
  #overdue: NodeJS.Timeout | null = null;
  #touched = 0;

  constructor(notebook: string, ports: SessionPorts, stored: readonly StoredCell[]) {
    this.notebook = notebook;
    this.#ports = ports;
    this.#seq = 0;
    const { store, blobs, log } = ports;
    const emit = (change: OutputChange): void => this.#said(change);
    this.#outputs = new OutputLog({ notebook, store, blobs, log, emit }, stored);
    const cells = Object.fromEntries(stored.map((cell) => [cell.cell, remembered(cell)]));
    this.#state = { ...emptySession(), cells };
    this.#seat = new KernelSeat({
      notebook,
      ports,
      backend: () => this.#state.backend?.name ?? null,
      running: () => this.#state.running?.id ?? null,
      ready: () => this.#dispatch({ type: 'kernel-ready' }),
      heard: (message, taken) => this.#heard(message, taken),
      died: (reason) => this.#died(reason),
      overdue: (execution) => {
        if (this.#state.running?.id === execution) this.#dispatch({ type: 'interrupt' });
      },
    });
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Shows what the file holds under a cell that never ran here. */
  adopt(cell: string, { outputs, count }: { outputs: OutputShown; count: number | null }): void {
    if (this.#state.cells[cell]) return;
    this.#outputs.adopt(cell, outputs);
    if (count === null && outputs.length === 0) return;
    const cells = { ...this.#state.cells, [cell]: { ...freshCell(), validity: 'stale' as const, count } };
    this.#state = { ...this.#state, cells };
  }

  /** What a newcomer must know; every event that follows is newer. */
  snapshot(): NotebookSnapshot {
    return {
      topic: 'notebook',
      session: shareable(this.#state),
      outputs: this.#outputs.outputs(),
      file: this.#ports.documents.fileState(this.notebook),
      seq: this.#seq,
    };
  }

  /** What the file is to hold under each cell. */
  outputsForFile(): Record<string, { outputs: OutputShown; count: number | null }> {
    const outputs = this.#outputs.outputs();
    const ids = new Set([...Object.keys(outputs), ...Object.keys(this.#state.cells)]);
    return Object.fromEntries(
      [...ids].map((id) => [id, { outputs: outputs[id] ?? [], count: this.#state.cells[id]?.count ?? null }]),
    );
  }

  /**
   * Queues code cells in the given order, with the source they have now; others are passed over.
   * @returns the executions that do what was asked, one a code cell; one that already waits is not doubled
   * @throws Refusal when none of the cells exists
   */
  async run(cells: readonly string[], by: Execution['by']): Promise<string[]> {
    const { doc } = await this.#open();
    const known = cells.flatMap((id) => cellsOf(doc).get(id) ?? []);
    if (known.length === 0) {
      throw new Refusal(404, {
        error: 'no-such-cell',
        message: cells.length === 1 ? `there is no cell ${cells[0]} in this notebook` : 'none of these cells exists',
        fix: 'someone may have deleted it just now; look at the notebook again',
      });
    }
    const executions = cells.flatMap((id) => {
      const cell = cellsOf(doc).get(id);
      if (!cell || typeOf(cell) !== 'code') return [];
      const source = sourceOf(cell).toString();
      return [{ id: newId(), cell: id, source, hash: hashOf(source) }];
    });
    this.#dispatch({ type: 'run', executions, by, at: Date.now() });
    const { queue, running } = this.#state;
    return executions.map(({ id, cell, hash }) => {
      if (running?.id === id) return id;
      return queue.findLast((waiting) => waiting.cell === cell && waiting.hash === hash)?.id ?? id;
    });
  }

  interrupt(): void {
    this.#dispatch({ type: 'interrupt' });
  }

  restart(): void {
    this.#note('The kernel was restarted while this cell ran.');
    this.#dispatch({ type: 'restart' });
  }

  /** The document changed under us. */
  cellChanged(cell: string, change: 'edited' | 'deleted'): void {
    if (change === 'deleted') {
      this.#dispatch({ type: 'deleted', cell });
      return;
    }
    const text = this.#state.cells[cell]?.hash && this.#doc ? cellsOf(this.#doc.doc).get(cell) : undefined;
    if (text) this.#dispatch({ type: 'edited', cell, hash: hashOf(sourceOf(text).toString()) });
  }

  /** Ends the kernel and makes everything durable. */
  async close(): Promise<void> {
    this.#note('The server was stopped while this cell ran.');
    this.#dispatch({ type: 'shutdown' });
    await this.#seat.stopped();
    await this.#last;
    await this.#outputs.end();
    const document = await this.#document?.catch(() => null);
    document?.release();
  }

  async #open(): Promise<OpenDocument> {
    this.#document ??= this.#ports.documents.open(this.notebook);
    try {
      this.#doc = await this.#document;
      return this.#doc;
    } catch (error) {
      this.#document = null;
      throw error;
    }
  }

  #dispatch(operation: SessionOperation): void {
    const before = this.#state;
    const { state, effects } = applyToSession(before, operation);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    if (state === before) return;
    const cells: Record<string, CellState | null> = {};
    for (const id of new Set([...Object.keys(before.cells), ...Object.keys(state.cells)])) {
      if (before.cells[id] !== state.cells[id]) cells[id] = state.cells[id] ?? null;
    }
    const { hub, changed } = this.#ports;
    const { cells: _all, ...rest } = shareable(state);
    hub.emit(`notebook:${this.notebook}`, 'session', { notebook: this.notebook, seq: ++this.#seq, state: rest, cells });
    if (before.kernel !== state.kernel) changed(this.notebook);
  }

  #perform(effect: SessionEffect): void {
    switch (effect.type) {
      case 'start-kernel':
        this.#seat.start();
        break;
      case 'stop-kernel':
        this.#obeyed();
        this.#seat.stop(this.#state.kernelReason ?? 'The server was stopped.');
        break;
      case 'interrupt-kernel': {
        this.#seat.send({ type: 'interrupt' });
        this.#overdue ??= setTimeout(() => {
          this.#overdue = null;
          this.#note('The cell did not stop when interrupted, so its kernel was ended.');
          this.#dispatch({ type: 'interrupt-overdue' });
        }, this.#ports.interruptGraceMs);
        break;
      }
      case 'begin-outputs':
        this.#outputs.begin(effect.execution);
        break;
      case 'execute':
        this.#seat.execute(effect.execution);
        break;
      case 'close-execution':
        if (this.#state.running === null) this.#obeyed();
        void this.#outputs.close(effect.execution, effect.end, effect.ms);
        // When the kernel is gone too, its trials end with it.
        if (this.#state.kernel === 'idle') this.#seat.executionEnded(effect.execution, effect.end);
        this.#touch(true);
        break;
    }
  }

  #heard(message: FromKernel, taken: () => void): void {
    switch (message.type) {
      case 'stream':
        this.#seat.print(message.execution, message.name, message.text);
        this.#outputs.say(message.execution, { type: 'stream', name: message.name, text: message.text }, taken);
        return;
      case 'display':
      case 'update':
      case 'result':
      case 'error':
      case 'clear': {
        const { execution, ...event } = message;
        this.#outputs.say(execution, event satisfies OutputEvent, taken);
        return;
      }
      case 'done':
        this.#inOrder(async () => {
          await this.#outputs.close(message.execution, message.end, message.ms);
          this.#dispatch({ type: 'done', execution: message.execution, end: message.end, ms: message.ms });
        });
        break;
      case 'started':
        this.#dispatch({ type: 'started', execution: message.execution, at: message.at });
        break;
      case 'backend':
        this.#dispatch({ type: 'backend', report: message.report });
        break;
      case 'gauge': {
        const { memory, cpu } = message;
        const limit = (this.#ports.kernelMemoryMb ?? 0) * 1024 * 1024;
        this.#ports.hub.emit(`notebook:${this.notebook}`, 'gauge', { notebook: this.notebook, memory, limit, cpu });
        break;
      }
    }
    taken();
  }

  #died(reason: string): void {
    this.#inOrder(async () => {
      this.#note(reason, 'KernelDied');
      await this.#outputs.settled();
      this.#ports.log.warn({ notebook: this.notebook, reason }, 'kernel ended');
      this.#dispatch({ type: 'kernel-died', reason });
      await this.#seat.lost(reason);
    });
  }

  /** Says under the cell that runs why it will not end by itself. */
  #note(message: string, name: CellError['name'] = 'Aborted'): void {
    const { running } = this.#state;
    if (running) this.#outputs.say(running.id, { type: 'error', error: { name, message, frames: [] } });
  }

  #obeyed(): void {
    if (this.#overdue) clearTimeout(this.#overdue);
    this.#overdue = null;
  }

  #inOrder(task: () => Promise<void>): void {
    this.#last = this.#last.then(task).catch((error) => {
      this.#ports.log.error({ err: error, notebook: this.notebook }, 'session fault');
    });
  }

  #said({ cell, execution, begin, events }: OutputChange): void {
    const { notebook } = this;
    const event = { notebook, seq: ++this.#seq, cell, execution, begin, events };
    this.#ports.hub.emit(`notebook:${notebook}`, 'output', event);
    this.#touch(begin);
  }

  /** Asks for the file to be written: at once when a run begins or ends, now and then in between. */
  #touch(now: boolean): void {
    if (!now && performance.now() - this.#touched < TOUCH_MS) return;
    this.#touched = performance.now();
    this.#ports.documents.touch(this.notebook);
  }
}

type OutputShown = ReturnType<OutputLog['outputs']>[string];
