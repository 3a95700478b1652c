/**
 * Works out what one write of the execution log does: which rows it makes, what each cell shows afterwards and what is
 * told to whoever looks. It changes nothing that others see; `outputs.ts` carries the plan out.
 */
import type { ExecutionEnd } from '@trialroom/shared/kernel/protocol';
import type { Output, OutputEvent } from '@trialroom/shared/notebook/outputs';
import type { Execution } from '@trialroom/shared/notebook/session';
import type { Blobs } from '../../blobs/blobs.ts';
import type { Batch } from './batch.ts';
import { OutputLimits } from './limits.ts';

/** What became durable, to be told to whoever looks. */
export interface OutputChange {
  cell: string;
  execution: string;
  /** The outputs of the cell start anew before `events`. */
  begin: boolean;
  events: OutputEvent[];
}

/** Characters of events after which they are replaced by what they amount to. */
const FOLD_AFTER = 256 * 1024;

/** What a cell shows, and whose words they are. */
export interface Shown {
  execution: string;
  outputs: Output[];
}

/** An execution that may still say something. */
export interface Live {
  cell: string;
  limits: OutputLimits;
  /** Last stored event. */
  seq: number;
  /** Characters stored since the last fold. */
  unfolded: number;
  closed: boolean;
}

/** What one write will do to the store and to what is shown; nothing of it is visible until the write is done. */
export class OutputPlan {
  readonly batch: Batch = { beginnings: [], sayings: [], foldings: [], endings: [] };
  readonly shown = new Map<string, Shown>();
  readonly changes: OutputChange[] = [];
  readonly superseded: string[] = [];
  readonly #before: ReadonlyMap<string, Shown>;
  readonly #live: Map<string, Live>;
  readonly #touched = new Set<string>();

  constructor(before: ReadonlyMap<string, Shown>, live: Map<string, Live>) {
    this.#before = before;
    this.#live = live;
  }

  /** An execution begins: its cell shows nothing, and what it showed before is superseded. */
  begin(
    { execution, at }: { execution: Execution; at: number },
    { notebook, blobs }: { notebook: string; blobs: Blobs },
    ordinal: number,
  ): void {
    const { id, cell } = execution;
    const supersedes = this.#of(cell)?.execution || null;
    if (supersedes) this.superseded.push(supersedes);
    this.batch.beginnings.push({ execution, at, notebook, ordinal, supersedes });
    this.#live.set(id, { cell, limits: new OutputLimits(id, blobs), seq: 0, unfolded: 0, closed: false });
    this.shown.set(cell, { execution: id, outputs: [] });
    this.changes.push({ cell, execution: id, begin: true, events: [] });
  }

  /** An execution said these, in order; what is too big for a page is put elsewhere first. */
  async say(execution: string, events: OutputEvent[]): Promise<void> {
    const live = this.#live.get(execution);
    const shown = live && this.#of(live.cell);
    // Words of an execution that was replaced are shown to nobody.
    if (!live || shown?.execution !== execution) return;
    const { events: bounded, outputs } = await live.limits.take(shown.outputs, events);
    const last = this.batch.sayings.at(-1);
    if (last?.execution === execution) last.events.push(...bounded);
    else this.batch.sayings.push({ execution, seq: ++live.seq, events: [...bounded] });
    live.unfolded += JSON.stringify(bounded).length;
    this.#touched.add(execution);
    this.shown.set(live.cell, { execution, outputs });
    const change = this.changes.at(-1);
    if (change?.execution === execution) change.events.push(...bounded);
    else this.changes.push({ cell: live.cell, execution, begin: false, events: [...bounded] });
  }

  /** An execution has ended. Nothing happens where it never began, or ended before. */
  close({ execution, end, ms, at }: { execution: string; end: ExecutionEnd; ms: number | null; at: number }): void {
    const live = this.#live.get(execution);
    if (!live || live.closed) return;
    live.closed = true;
    this.batch.endings.push({ execution, end, ms, at });
    this.#touched.add(execution);
  }

  /** Replaces long logs, and those of what is over, by what they amount to. */
  fold(): void {
    for (const execution of this.#touched) {
      const live = this.#live.get(execution);
      const shown = live && this.#of(live.cell);
      if (!live || shown?.execution !== execution || live.seq === 0) continue;
      if (!live.closed && live.unfolded < FOLD_AFTER) continue;
      this.batch.foldings.push({ execution, seq: live.seq, outputs: shown.outputs });
      live.unfolded = 0;
    }
  }

  #of(cell: string): Shown | undefined {
    return this.shown.get(cell) ?? this.#before.get(cell);
  }
}
