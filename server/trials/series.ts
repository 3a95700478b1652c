/**
 * Points of trials as whole columns in memory, so that snapshots and glances do not read a growing trial again and again.
 * Bounded: the trials not asked for longest are dropped first, and read again when asked for. Never the only copy.
 */
import type { Database } from '../database/database.ts';
import type { Committed } from './ingest.ts';
import type { Columns } from './merge.ts';
import { readBatches, type StoredColumns } from './points.ts';

/** Columns by key, in the order the keys first appeared, up to and including `part`. */
export interface TrialPoints {
  part: number;
  columns: ReadonlyMap<string, Columns>;
}

interface Entry {
  part: number;
  columns: Map<string, Columns>;
  count: number;
  loading: Promise<void> | undefined;
  /** Nothing stored is missing, as long as every committed batch is appended. */
  complete: boolean;
}

/** Most points held, of all trials together; 24 bytes each. */
const LIMIT = 2_000_000;

export class SeriesCache {
  readonly #db: Database;
  readonly #limit: number;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();

  constructor(db: Database, limit = LIMIT) {
    this.#db = db;
    this.#limit = limit;
  }

  /**
   * All points of a trial. `hosted` says that every batch of it is given to {@link append}, so that what is held need not
   * be checked against the store.
   */
  async read(trial: string, hosted: boolean): Promise<TrialPoints> {
    const entry = this.#entries.get(trial) ?? newEntry();
    this.#entries.delete(trial);
    this.#entries.set(trial, entry);
    while (!(hosted && entry.complete)) {
      entry.loading ??= this.#load(trial, entry);
      await entry.loading;
      if (!hosted) break;
    }
    this.#drop();
    return entry;
  }

  /** Takes batches that were just stored. Does nothing for a trial nobody has asked for. */
  append({ trial, part, batches }: Committed): void {
    const entry = this.#entries.get(trial);
    if (!entry) return;
    if (entry.loading || !entry.complete) {
      entry.complete = false;
      return;
    }
    // A load may have seen it before its commit was announced.
    if (part <= entry.part) return;
    for (const { columns } of batches) for (const column of columns) add(entry, { ...column, part });
    this.#drop();
  }

  /** Points held now. */
  get held(): number {
    return [...this.#entries.values()].reduce((sum, { count }) => sum + count, 0);
  }

  async #load(trial: string, entry: Entry): Promise<void> {
    entry.complete = true;
    try {
      for (const stored of await readBatches(this.#db, trial, entry.part)) add(entry, stored);
    } finally {
      entry.loading = undefined;
    }
  }

  #drop(): void {
    let held = this.held;
    for (const [trial, entry] of this.#entries) {
      if (held <= this.#limit || this.#entries.size === 1) return;
      if (entry.loading) continue;
      this.#entries.delete(trial);
      held -= entry.count;
    }
  }
}

const newEntry = (): Entry => ({ part: 0, columns: new Map(), count: 0, loading: undefined, complete: false });

function add(entry: Entry, batch: StoredColumns): void {
  const added = batch.steps.length;
  if (added === 0) return;
  let columns = entry.columns.get(batch.key);
  if (!columns) {
    columns = { steps: new Float64Array(64), walls: new Float64Array(64), values: new Float64Array(64), length: 0 };
    entry.columns.set(batch.key, columns);
  }
  const length = columns.length + added;
  if (length > columns.steps.length) {
    const capacity = Math.max(length, columns.steps.length * 2);
    columns.steps = grown(columns.steps, capacity);
    columns.walls = grown(columns.walls, capacity);
    columns.values = grown(columns.values, capacity);
  }
  columns.steps.set(batch.steps, columns.length);
  columns.walls.set(batch.walls, columns.length);
  columns.values.set(batch.values, columns.length);
  columns.length = length;
  entry.count += added;
  entry.part = Math.max(entry.part, batch.part);
}

function grown(column: Float64Array, capacity: number): Float64Array {
  const larger = new Float64Array(capacity);
  larger.set(column);
  return larger;
}
