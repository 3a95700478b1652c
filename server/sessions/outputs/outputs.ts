/**
 * The execution log of one notebook: takes what cells say, makes it durable in order, and only then shows it. Nothing is
 * emitted that is not stored, and nothing is dropped when the store fails: it is tried again, and the kernel waits,
 * because its credit is not given back.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionEnd } from '@trialroom/shared/kernel/protocol';
import type { Output, OutputEvent } from '@trialroom/shared/notebook/outputs';
import type { Execution } from '@trialroom/shared/notebook/session';
import type { Blobs } from '../../blobs/blobs.ts';
import type { Log } from '../../log.ts';
import type { Batch } from './batch.ts';
import { type Live, type OutputChange, OutputPlan, type Shown } from './output-plan.ts';
import type { SessionStore, StoredCell } from './store.ts';

/** Where a notebook's log is kept, and who hears of it. */
export interface OutputLogOptions {
  notebook: string;
  store: SessionStore;
  blobs: Blobs;
  log: Log;
  /** Called in order, after the change is stored and `outputs()` holds it. */
  emit(change: OutputChange): void;
}

/** Least time between two writes while outputs flow, in ms: what people see as "live" costs 33 writes a second. */
const PACE_MS = 30;
/** The same once a cell has said more than a page shows. */
const SPILLING_PACE_MS = 250;
type Pending =
  | { type: 'begin'; execution: Execution; at: number }
  | { type: 'say'; execution: string; event: OutputEvent; texts: string[]; taken: (() => void)[] }
  | { type: 'close'; execution: string; end: ExecutionEnd; ms: number | null; at: number };

/** The log of one notebook. */
export class OutputLog {
  readonly #options: OutputLogOptions;
  readonly #shown = new Map<string, Shown>();
  readonly #live = new Map<string, Live>();
  /** Executions that have begun and are not closed. */
  readonly #open = new Set<string>();
  #ordinal = 0;
  #pending: Pending[] = [];
  #flushing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #lastFlush = 0;
  #closing = false;

  constructor(options: OutputLogOptions, stored: readonly StoredCell[]) {
    this.#options = options;
    for (const { cell, execution, outputs, ordinal } of stored) {
      this.#shown.set(cell, { execution, outputs });
      this.#ordinal = Math.max(this.#ordinal, ordinal);
    }
  }

  /** What each cell shows, as far as it is durable. */
  outputs(): Record<string, Output[]> {
    return Object.fromEntries([...this.#shown].map(([cell, { outputs }]) => [cell, outputs]));
  }

  /** Shows outputs that are stored elsewhere (in the file) under a cell that never ran here. */
  adopt(cell: string, outputs: Output[]): void {
    if (!this.#shown.has(cell)) this.#shown.set(cell, { execution: '', outputs });
  }

  /** The cell's outputs start anew with this execution. */
  begin(execution: Execution): void {
    this.#open.add(execution.id);
    this.#pending.push({ type: 'begin', execution, at: Date.now() });
    // Not at once: most cells end within the pace, and then beginning, words and end are one write.
    this.#soon(PACE_MS);
  }

  /** An execution said something. `taken` is called when it is durable, or when nobody will ever see it. */
  say(execution: string, event: OutputEvent, taken: () => void = () => {}): void {
    const last = this.#pending.at(-1);
    if (
      last?.type === 'say' &&
      last.execution === execution &&
      last.event.type === 'stream' &&
      event.type === 'stream' &&
      last.event.name === event.name
    ) {
      last.texts.push(event.text);
      last.taken.push(taken);
    } else {
      const texts = event.type === 'stream' ? [event.text] : [];
      this.#pending.push({ type: 'say', execution, event, texts, taken: [taken] });
    }
    this.#soon();
  }

  /**
   * The execution is over. Resolves when that, and all it said, is durable. Nothing happens when it is closed already, or
   * never began.
   */
  async close(execution: string, end: ExecutionEnd, ms: number | null): Promise<void> {
    if (!this.#open.delete(execution)) return;
    this.#pending.push({ type: 'close', execution, end, ms, at: Date.now() });
    await this.settled();
  }

  /** What these cells said is not to be kept, neither here nor in the store. */
  async forget(cells: readonly string[]): Promise<void> {
    await this.settled();
    const executions = cells.flatMap((cell) => this.#shown.get(cell)?.execution || []);
    for (const cell of cells) this.#shown.delete(cell);
    for (const execution of executions) await this.#forget(execution);
    const { store, log, notebook } = this.#options;
    try {
      await store.forget(executions);
    } catch (error) {
      log.warn({ err: error, notebook }, 'old console entries could not be removed from the store');
    }
  }

  /** Resolves when everything said until now is durable and shown. */
  async settled(): Promise<void> {
    while (this.#pending.length > 0 || this.#flushing) {
      if (this.#timer) clearTimeout(this.#timer);
      this.#timer = null;
      await (this.#flushing ?? this.#flush());
    }
  }

  /** Stores what is left, gives up on a store that refuses it, and closes files. */
  async end(): Promise<void> {
    this.#closing = true;
    await this.settled();
    for (const { limits } of this.#live.values()) await limits.close();
    this.#live.clear();
  }

  #soon(least = 0): void {
    if (this.#timer || this.#flushing) return;
    const spilling = [...this.#live.values()].some(({ closed, limits }) => !closed && limits.spilling);
    const wait = this.#lastFlush + (spilling ? SPILLING_PACE_MS : PACE_MS) - performance.now();
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        void this.#flush();
      },
      Math.max(least, wait),
    );
  }

  #flush(): Promise<void> {
    this.#flushing ??= this.#write().finally(() => {
      this.#flushing = null;
      if (this.#pending.length > 0) this.#soon();
    });
    return this.#flushing;
  }

  async #write(): Promise<void> {
    this.#lastFlush = performance.now();
    const pending = withoutOldUpdates(this.#pending);
    this.#pending = [];
    const plan = new OutputPlan(this.#shown, this.#live);
    for (const item of pending) {
      if (item.type === 'begin') plan.begin(item, this.#options, ++this.#ordinal);
      else if (item.type === 'close') plan.close(item);
      else await plan.say(item.execution, said(item));
    }
    plan.fold();
    await this.#store(plan.batch);
    for (const [cell, shown] of plan.shown) this.#shown.set(cell, shown);
    for (const change of plan.changes) this.#options.emit(change);
    for (const item of pending) if (item.type === 'say') for (const taken of item.taken) taken();
    for (const old of plan.superseded) await this.#forget(old);
  }

  async #store(batch: Batch): Promise<void> {
    const { store, log, notebook } = this.#options;
    if (Object.values(batch).every((part) => part.length === 0)) return;
    for (let attempt = 0; ; attempt++) {
      try {
        return await store.write(batch);
      } catch (error) {
        log.error({ err: error, notebook, attempt }, 'outputs could not be stored; trying again');
        if (this.#closing && attempt >= 2) {
          log.error({ notebook }, 'outputs were lost: the store refused them until the server ended');
          return;
        }
        await delay(Math.min(5000, 200 * 2 ** attempt));
      }
    }
  }

  async #forget(execution: string): Promise<void> {
    const live = this.#live.get(execution);
    this.#live.delete(execution);
    const { blobs, log } = this.#options;
    try {
      await live?.limits.close();
      await blobs.dropSpills([execution]);
    } catch (error) {
      log.warn({ err: error, execution }, 'the files of replaced outputs could not be removed');
    }
  }
}

const said = ({ event, texts }: Extract<Pending, { type: 'say' }>): OutputEvent[] =>
  event.type === 'stream' ? [{ ...event, text: texts.join('') }] : [event];

/** A chart that is drawn anew a hundred times between two writes is stored once, as it is last. */
function withoutOldUpdates(pending: readonly Pending[]): Pending[] {
  const newest = new Map<string, Extract<Pending, { type: 'say' }>>();
  const kept: Pending[] = [];
  for (const item of pending.toReversed()) {
    if (item.type !== 'say' || item.event.type !== 'update') {
      kept.push(item);
      continue;
    }
    const key = `${item.execution} ${item.event.id}`;
    const newer = newest.get(key);
    if (newer) newer.taken.push(...item.taken);
    else {
      newest.set(key, item);
      kept.push(item);
    }
  }
  return kept.reverse();
}
