/**
 * Makes points durable, many batches of many trials in one transaction at a time. A batch is announced only after it is
 * stored, and each transaction is announced whole, so that a snapshot read at any moment ends exactly between two
 * announcements. A repeated batch is answered, never stored or announced again.
 */
import type { Database } from '../database/database.ts';
import { type Batch, type PartBatch, storeBatches } from './points.ts';

/** Batches of one trial that became durable together. */
export interface Committed {
  trial: string;
  /** Counts the trial's transactions from 1, without a gap. */
  part: number;
  batches: Batch[];
}

export interface IngestOptions {
  db: Database;
  /** Called after each transaction, once for each trial in it. */
  onCommitted(committed: Committed): void;
  /** Least time between transactions, in ms. */
  pace?: number;
}

export interface Ingest {
  /** Says that batches of this trial will come here. */
  expect(trial: string): void;
  /**
   * Resolves when the batch is durable.
   * @throws Error when the trial is not expected here, or the database refuses the batch
   */
  add(batch: Batch): Promise<void>;
  /** No more batches of these trials will come. */
  forget(trials: readonly string[]): void;
  /** Resolves when all that was added is durable or refused. */
  flush(): Promise<void>;
}

/** What is known of a trial's batches. */
interface Track {
  waiting: Map<number, Promise<void>>;
  /** All seqs up to `solid` are stored, and those in `beyond`. */
  solid: number;
  beyond: Set<number>;
  /** Transactions so far. */
  part: number;
}

interface Queued {
  batch: Batch;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** How often a transaction is tried again when the database cannot be reached, and how long to wait in between. */
const RETRY_MS = [50, 200, 1000, 3000];

const PACE_MS = 40;

export function createIngest({ db, onCommitted, pace = PACE_MS }: IngestOptions): Ingest {
  const tracks = new Map<string, Track>();
  let queue: Queued[] = [];
  let working: Promise<void> | undefined;
  let lastAt = Number.NEGATIVE_INFINITY;
  let hurry: (() => void) | undefined;
  let flushing = false;

  const work = async (): Promise<void> => {
    while (queue.length > 0) {
      const wait = lastAt + pace - performance.now();
      if (wait > 0 && !flushing) await pause(wait);
      const taken = queue;
      queue = [];
      lastAt = performance.now();
      await commit(taken);
    }
    working = undefined;
  };

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const commit = async (taken: Queued[]): Promise<void> => {
    const parts = [...Map.groupBy(taken, ({ batch }) => batch.trial)].map(([trial, own]) => ({
      trial,
      part: (tracks.get(trial)?.part ?? 0) + 1,
      batches: own.map(({ batch }) => batch),
    }));
    try {
      await store(parts.flatMap(({ part, batches }) => batches.map((batch) => ({ ...batch, part }))));
    } catch (error) {
      if (taken.length === 1 || !isRefusedData(error)) {
        for (const { reject } of taken) reject(error);
        return;
      }
      // One of them is bad: let the others pass.
      for (const each of taken) await commit([each]);
      return;
    }
    for (const committed of parts) announce(committed);
    for (const { resolve } of taken) resolve();
  };

  const store = async (batches: PartBatch[]): Promise<void> => {
    for (const wait of RETRY_MS) {
      try {
        return await storeBatches(db, batches);
      } catch (error) {
        if (isRefusedData(error)) throw error;
        await pause(wait);
      }
    }
    await storeBatches(db, batches);
  };

  const announce = (committed: Committed): void => {
    const track = tracks.get(committed.trial);
    if (!track) return;
    track.part = committed.part;
    for (const { seq } of committed.batches) settle(track, seq);
    onCommitted(committed);
  };

  return {
    expect: (trial) => {
      if (!tracks.has(trial)) tracks.set(trial, { waiting: new Map(), solid: 0, beyond: new Set(), part: 0 });
    },
    add: (batch) => {
      const track = tracks.get(batch.trial);
      if (!track)
        return Promise.reject(new Error(`trial ${batch.trial} was not opened here, so its points are refused`));
      if (batch.seq <= track.solid || track.beyond.has(batch.seq)) return Promise.resolve();
      const waiting = track.waiting.get(batch.seq);
      if (waiting) return waiting;
      const added = new Promise<void>((resolve, reject) => queue.push({ batch, resolve, reject })).finally(() =>
        track.waiting.delete(batch.seq),
      );
      track.waiting.set(batch.seq, added);
      working ??= work();
      return added;
    },
    forget: (trials) => {
      for (const trial of trials) tracks.delete(trial);
    },
    flush: async () => {
      flushing = true;
      hurry?.();
      await working;
      flushing = false;
    },
  };
}

function settle(track: Track, seq: number): void {
  track.beyond.add(seq);
  // Kernels share the count with other messages, so numbers may be missing; only what follows directly is folded.
  while (track.beyond.delete(track.solid + 1)) track.solid++;
}

/** SQLSTATE classes 22 and 23: this data will be refused however often it is tried. */
function isRefusedData(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return code.startsWith('22') || code.startsWith('23');
  return error.cause !== undefined && isRefusedData(error.cause);
}
