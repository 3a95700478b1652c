import type { NotebookSnapshot } from '@trialroom/shared/live/events';
import { cellsOf } from '@trialroom/shared/notebook/document';
import {
  consoleCell,
  type Execution,
  type ExecutionRequest,
  freshCell,
  isConsoleCell,
  isOneWish,
  type SessionState,
} from '@trialroom/shared/notebook/session';
import type * as Y from 'yjs';
import { refuseForeign } from '../documents/changeable.ts';
import { Refusal } from '../http/refusal.ts';
import { trashed } from '../notebooks/notebooks.ts';
import { Engine, type Step } from './engine.ts';
import type { SourceRequest } from './news.ts';
import { NotebookText, newId } from './notebook-text.ts';
import { FileValues } from './outputs/file-values.ts';
import { OutputLimits } from './outputs/limits.ts';
import type { OutputLog } from './outputs/outputs.ts';
import type { StoredCell } from './outputs/store.ts';
import type { SessionPorts } from './ports.ts';
import type { Question } from './questions.ts';
import { Reactions } from './reactions.ts';
import { hashOf, shareable } from './session-view.ts';

/** Ids of cells that other programs may name: what the store and the file can hold. */
const CELL_ID = /^[\w.-]{1,64}$/;

/** A notebook joined to a kernel, or to none yet: takes wishes of people, and knows what its cells show. */
export class Session {
  readonly #notebook: string;
  readonly #ports: SessionPorts;
  readonly #text: NotebookText;
  readonly #engine: Engine;
  readonly #reactions = new Reactions();
  /** Outputs of cells that never ran here, as the file holds them. */
  readonly #fromFile = new Map<string, OutputShown>();

  constructor(notebook: string, ports: SessionPorts, stored: readonly StoredCell[]) {
    this.#notebook = notebook;
    this.#ports = ports;
    this.#text = new NotebookText(notebook, ports.documents);
    this.#engine = new Engine({
      notebook,
      ports,
      stored,
      touch: (now) => this.#text.touch(now),
      stepped: (step) => this.#stepped(step),
    });
  }

  /** The session as everyone is told of it, sources included. */
  get state(): SessionState {
    return this.#engine.state;
  }

  /** When something last happened here, in ms since the epoch. */
  get lastActivity(): number {
    return this.#engine.lastActivity;
  }

  /** The widgets there are. */
  get widgets(): NotebookSnapshot['widgets'] {
    return this.#engine.inputs.widgets;
  }

  /** Shows what the file holds under a cell that never ran here; there it stays as it is, whatever its size. */
  async adopt(cell: string, { outputs, count }: { outputs: OutputShown; count: number | null }): Promise<void> {
    if (this.state.cells[cell]) return;
    this.#fromFile.set(cell, outputs);
    this.#engine.outputs.adopt(cell, await new OutputLimits(cell, this.#ports.blobs).boundShown(outputs));
    if (count === null && outputs.length === 0) return;
    this.#engine.know({ [cell]: { ...freshCell(), validity: 'stale', count } });
  }

  /** What a newcomer must know; every event that follows is newer. */
  snapshot(): NotebookSnapshot {
    return {
      topic: 'notebook',
      session: shareable(this.state),
      outputs: this.#engine.outputs.outputs(),
      widgets: this.#engine.inputs.widgets,
      prompts: this.#engine.inputs.prompts,
      diagnostics: {},
      file: this.#ports.documents.fileState(this.#notebook),
      seq: this.#engine.audience.seq,
    };
  }

  /** What the file is to hold under each cell. */
  async outputsForFile(): Promise<Record<string, { outputs: OutputShown; count: number | null; running: boolean }>> {
    const outputs = this.#engine.outputs.outputs();
    const { cells } = this.state;
    const values = new FileValues(this.#ports.blobs);
    const held: Record<string, { outputs: OutputShown; count: number | null; running: boolean }> = {};
    for (const id of new Set([...Object.keys(outputs), ...Object.keys(cells)])) {
      if (isConsoleCell(id)) continue;
      const own = this.#fromFile.get(id);
      const running = (cells[id]?.status ?? 'ready') !== 'ready';
      held[id] = {
        outputs: own ?? (await values.restore(outputs[id] ?? [])),
        count: cells[id]?.count ?? null,
        running,
      };
    }
    return held;
  }

  /**
   * Queues code cells in the given order, with the source they have now; others are passed over.
   * @returns the executions that do what was asked, one a code cell; one that already waits is not doubled
   * @throws Refusal when none of the cells exists
   */
  async run(cells: readonly string[], by: Execution['by']): Promise<string[]> {
    const doc = await this.#text.open();
    this.#refuseRun(doc);
    const known = cells.flatMap((id) => cellsOf(doc).get(id) ?? []);
    if (known.length === 0) {
      throw new Refusal(404, {
        error: 'no-such-cell',
        message: cells.length === 1 ? `there is no cell ${cells[0]} in this notebook` : 'none of these cells exists',
        fix: 'someone may have deleted it just now; look at the notebook again',
      });
    }
    return this.#queue(this.#text.executions(cells), by);
  }

  /** Queues what depends on an execution that ended well, where the notebook asks for that. */
  #react(ended: Execution): void {
    const { doc } = this.#text;
    const cells = doc && !isConsoleCell(ended.cell) ? this.#reactions.follow(ended, this.state, doc) : [];
    if (cells.length > 0) this.#queue(this.#text.executions(cells), ended.by, ended.request);
  }

  /**
   * Queues code that is not a cell's text.
   * @returns the execution that does what was asked
   * @throws Refusal when the cell's name cannot be one
   */
  async runSource({ source, cell, by, resumes }: SourceRequest): Promise<string> {
    if (cell !== null && !CELL_ID.test(cell)) {
      throw new Refusal(400, {
        error: 'bad-cell-id',
        message: `“${cell.slice(0, 80)}” cannot be the id of a cell`,
        fix: 'use at most 64 letters, digits, “-”, “_” and “.”',
      });
    }
    // Whether the cell's text is what runs is seen in the document; a broken one is no reason not to run.
    const doc = this.#ports.detached ? null : await this.#text.open().catch(() => null);
    if (doc) this.#refuseRun(doc);
    const id = newId();
    const goesOn = resumes === undefined ? {} : { resumes };
    const execution = { id, cell: cell ?? consoleCell(id), source, hash: hashOf(source), ...goesOn };
    return this.#queue([execution], by)[0] ?? id;
  }

  /** @throws Refusal (409) when this notebook is not run at all, by anyone */
  #refuseRun(doc: Y.Doc): void {
    refuseForeign(doc);
    if (this.#ports.documents.fileState(this.#notebook).state === 'trashed') throw trashed(this.#notebook);
  }

  /** The kernel's answer; undefined when there is none. */
  async ask(question: Question): Promise<unknown> {
    const { kernel } = this.state;
    return kernel === 'idle' || kernel === 'busy' ? this.#engine.questions.ask(question) : undefined;
  }

  /** @throws Refusal when there is no such widget, nobody listens to it, or the value does not fit */
  setWidget(id: string, value: unknown, by: { id: string; name: string }, content?: Uint8Array): void {
    this.#engine.active();
    this.#engine.inputs.set(id, value, by, content);
  }

  /** @throws Refusal when nobody waits for this answer */
  answerInput(request: number, value: string): void {
    this.#engine.active();
    this.#engine.inputs.answer(request, value);
  }

  /** @throws Refusal when nobody waits for an answer to this */
  refuseInput(request: number, why: string): void {
    this.#engine.active();
    this.#engine.inputs.refuse(request, why);
  }

  #queue(executions: ExecutionRequest[], by: Execution['by'], request?: string): string[] {
    this.#reactions.asked(executions, request);
    this.#engine.dispatch({
      type: 'run',
      executions,
      by,
      at: Date.now(),
      ...(request === undefined ? {} : { request }),
    });
    const { queue, running } = this.state;
    return executions.map((asked) => {
      if (running?.id === asked.id) return asked.id;
      return queue.findLast((waiting) => isOneWish(waiting, asked))?.id ?? asked.id;
    });
  }

  /** Tells the kernel how many cores it may take from now on. */
  share(threads: number): void {
    this.#engine.share(threads);
  }

  /** Stops what runs and drops what waits; variables stay. */
  interrupt(): void {
    this.#engine.dispatch({ type: 'interrupt' });
  }

  /** Takes runs that wait out of the queue. */
  withdraw(executions: readonly string[]): void {
    this.#engine.dispatch({ type: 'withdraw', executions: [...executions] });
  }

  /** Lets a run wait just before another; null: behind all. */
  reorder(execution: string, before: string | null): void {
    this.#engine.dispatch({ type: 'reorder', execution, before });
  }

  /** Gives the notebook another kernel; variables are lost. */
  restart(): void {
    this.#engine.note('The kernel was restarted while this cell ran.');
    this.#engine.dispatch({ type: 'restart' });
  }

  /** Ends the kernel; the next run starts another. Resolves when the process is gone. */
  async shutdown(reason?: string): Promise<void> {
    this.#engine.note(reason ?? 'The kernel was shut down while this cell ran.');
    this.#engine.dispatch({ type: 'shutdown', ...(reason === undefined ? {} : { reason }) });
    await this.#engine.stopped();
  }

  /** The document changed under us. */
  cellChanged(cell: string, change: 'edited' | 'deleted'): void {
    if (change === 'deleted') {
      this.#engine.inputs.cleared([cell]);
      this.#engine.dispatch({ type: 'deleted', cell });
    } else this.#compare(cell);
  }

  /** Tells the reducer what the cell's text is now, where that matters. */
  #compare(cell: string): void {
    const hash = this.state.cells[cell]?.hash ? this.#text.hashOf(cell) : undefined;
    if (hash !== undefined) this.#engine.dispatch({ type: 'edited', cell, hash });
  }

  /** Resolves when all that cells said until now is durable and shown. */
  stored(): Promise<void> {
    return this.#engine.outputs.settled();
  }

  /** Ends the kernel and makes everything durable. */
  async close(): Promise<void> {
    this.#engine.note('The server was stopped while this cell ran.');
    this.#engine.dispatch({ type: 'shutdown' });
    await this.#engine.stopped();
    await this.#engine.settled();
    if (this.#ports.detached) await this.#engine.outputs.forget(Object.keys(this.state.cells));
    await this.#engine.outputs.end();
    await this.#text.release();
  }

  #stepped({ operation, before, effects }: Step): void {
    for (const effect of effects) if (effect.type === 'begin-outputs') this.#fromFile.delete(effect.execution.cell);
    // What waited may have been edited meanwhile, and what a program sent need not be the cell's text at all.
    for (const effect of effects) if (effect.type === 'execute') this.#compare(effect.execution.cell);
    if (operation.type === 'done' && operation.end === 'ok' && before.running) this.#react(before.running);
    if (effects.some(({ type }) => type === 'close-execution')) this.#reactions.settle(this.state);
  }
}

type OutputShown = ReturnType<OutputLog['outputs']>[string];
