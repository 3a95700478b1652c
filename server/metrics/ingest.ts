/**
 * Makes points durable, many batches of many trials in one transaction at a time. A batch is announced only after it is
 * stored, and each transaction is announced whole, so that a snapshot read at any moment ends exactly between two
 * announcements. A repeated batch is answered, never stored or announced again. What piles up is folded beside (`fold.ts`).
 */
import type { Database } from '../database/database.ts';
import { admitted } from './admission.ts';
import { checkedBatch } from './batch.ts';
import { createFolding } from './folding.ts';
import { type Batch, CODE } from './points.ts';
import type { MetricsState } from './state.ts';
import { type NewPart, readStates, storeParts } from './store.ts';

/** Batches of one trial that became durable together. */
export interface Committed {
  trial: string;
  /** Counts the trial's transactions from 1, without a gap. */
  part: NewPart;
  /** What is known of the trial's metrics now. */
  state: MetricsState;
  /** The metric whose points are always told, if the trial has one. */
  objective: string | null;
}

export interface IngestOptions {
  db: Database;
  /** Called after each transaction, once for each trial in it. */
  onCommitted(committed: Committed): void;
  /** Points of a trial were left out for good; said once for each reason. */
  onLeftOut?(trial: string, why: string): void;
  /** Something failed that nobody waits for. */
  onFault(error: unknown): void;
  /** Least time between transactions, in ms. */
  pace?: number;
  /** How much of a trial is left unfolded; see `folding.ts`. */
  fold?: { points: number; parts: number; idleMs: number };
}

export interface Ingest {
  /** Says that batches of this trial will come here, and which metric of it matters most. */
  expect(trial: string, objective?: string | null): void;
  /**
   * As {@link Ingest.expect}, for a trial whose code has numbered more than points: all up to `solid` is known to be stored,
   * here or elsewhere.
   */
  resume(trial: string, solid: number): Promise<void>;
  /**
   * Resolves when the batch is durable.
   * @throws Error when the trial is not expected here, the batch is malformed, or the database refuses it
   */
  add(batch: Batch): Promise<void>;
  /** The state of a trial that is expected here, as of its last announcement; `stale`: it is not what is stored, read it anew. */
  state(trial: string, stale?: boolean): Promise<MetricsState> | undefined;
  /** No more batches of these trials will come. */
  forget(trials: readonly string[]): void;
  /** Resolves when all that was added is durable or refused. */
  flush(): Promise<void>;
  /** As {@link Ingest.flush}, and no fold is under way any more. */
  settled(): Promise<void>;
  /** As {@link Ingest.settled}; nothing is folded after it. */
  close(): Promise<void>;
}

/** What is known of a trial's batches. */
interface Track {
  objective: string | null;
  waiting: Map<string, Promise<void>>;
  state: Promise<MetricsState> | undefined;
  /** The state is to be read anew before the next transaction: never during one, which would be missing in it. */
  stale: boolean;
  /** Reasons already given for points left out. */
  said: Set<string>;
}

interface Queued {
  batch: Batch;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** How often a transaction is tried again when the database cannot be reached, and how long to wait in between. */
const RETRY_MS = [50, 200, 1000, 3000];

const PACE_MS = 40;

export function createIngest(options: IngestOptions): Ingest {
  const { db, onCommitted, onLeftOut, onFault, pace = PACE_MS } = options;
  const tracks = new Map<string, Track>();
  const folding = createFolding({ db, onFault, ...(options.fold ? { limits: options.fold } : {}) });
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
      for (const { batch } of taken) if (tracks.get(batch.trial)?.stale) reload(batch.trial);
      lastAt = performance.now();
      await commit(taken);
    }
    working = undefined;
    for (const [trial, { stale }] of tracks) if (stale) reload(trial);
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
    try {
      const parts = await tried(() => nextParts(taken));
      let failed = await tried(() =>
        storeParts(
          db,
          [...parts.values()].map(({ part }) => part),
        ),
      );
      for (const { trial } of failed) parts.delete(trial);
      for (const each of parts.values()) announce(each);
      for (const { batch, resolve } of taken) if (!failed.some(({ trial }) => trial === batch.trial)) resolve();
      if (failed.length === 0) return;
      // Another process wrote to these trials: look at what there is, and try again on top of it.
      for (const { trial } of failed) reload(trial);
      const again = taken.filter(({ batch }) => failed.some(({ trial }) => trial === batch.trial));
      failed = [];
      await commit(again);
    } catch (error) {
      if (taken.length === 1 || !isRefusedData(error)) {
        for (const { reject } of taken) reject(error);
        return;
      }
      // One of them is bad: let the others pass.
      for (const each of taken) await commit([each]);
    }
  };

  /** What is to be stored of each trial: nothing of batches that are there already. */
  const nextParts = async (taken: readonly Queued[]): Promise<Map<string, Committed>> => {
    const parts = new Map<string, Committed>();
    for (const [trial, own] of Map.groupBy(taken, ({ batch }) => batch.trial)) {
      const track = tracks.get(trial);
      const state = track ? await stateOf(trial, track) : await loaded(trial);
      const batches = own.map(({ batch }) => batch).filter(({ source, seq }) => !state.seqs.has(source, seq));
      if (batches.length === 0) continue;
      const { part, leftOut } = admitted(state, batches);
      for (const why of leftOut) {
        if (track?.said.has(why.kind)) continue;
        track?.said.add(why.kind);
        onLeftOut?.(trial, why.message);
      }
      parts.set(trial, { trial, part: { trial, ...part }, state, objective: track?.objective ?? null });
    }
    return parts;
  };

  const loaded = async (trial: string): Promise<MetricsState> =>
    (await readStates(db, [trial])).get(trial) ?? Promise.reject(new Error(`no state of trial ${trial}`));

  const stateOf = (trial: string, track: Track): Promise<MetricsState> => {
    if (track.state) return track.state;
    const state = loaded(trial);
    track.state = state;
    state.catch(() => {
      if (track.state === state) track.state = undefined;
    });
    return state;
  };

  const reload = (trial: string): void => {
    const track = tracks.get(trial);
    if (track) Object.assign(track, { state: undefined, stale: false });
  };

  const outdated = (trial: string): void => {
    const track = tracks.get(trial);
    if (!track) return;
    track.stale = true;
    if (!working) reload(trial);
  };

  const tried = async <T>(task: () => Promise<T>): Promise<T> => {
    for (const wait of RETRY_MS) {
      try {
        return await task();
      } catch (error) {
        if (isRefusedData(error)) throw error;
        await pause(wait);
      }
    }
    return task();
  };

  const announce = (committed: Committed): void => {
    const { trial, part, state } = committed;
    state.append(part);
    onCommitted(committed);
    if (tracks.has(trial)) folding.grown(state, () => outdated(trial));
  };

  const flush = async (): Promise<void> => {
    flushing = true;
    hurry?.();
    await working;
    flushing = false;
  };

  const expect = (trial: string, objective: string | null = null): Track => {
    const track = tracks.get(trial) ?? {
      objective,
      waiting: new Map(),
      state: undefined,
      stale: false,
      said: new Set(),
    };
    track.objective = objective ?? track.objective;
    tracks.set(trial, track);
    return track;
  };

  return {
    expect: (trial, objective) => void expect(trial, objective),
    resume: async (trial, solid) => {
      if (tracks.has(trial)) return;
      const state = await stateOf(trial, expect(trial));
      state.seqs.addThrough(CODE, solid);
    },
    add: async (batch) => {
      const track = tracks.get(batch.trial);
      if (!track) throw new Error(`trial ${batch.trial} was not opened here, so its points are refused`);
      const id = `${batch.seq} ${batch.source}`;
      const waiting = track.waiting.get(id);
      if (waiting) return waiting;
      const checked = checkedBatch(batch);
      const added = new Promise<void>((resolve, reject) => queue.push({ batch: checked, resolve, reject })).finally(
        () => track.waiting.delete(id),
      );
      track.waiting.set(id, added);
      working ??= work();
      return added;
    },
    state: (trial, stale = false) => {
      if (stale) outdated(trial);
      const track = tracks.get(trial);
      return track && stateOf(trial, track);
    },
    forget: (trials) => {
      for (const trial of trials) {
        const state = tracks.get(trial)?.state;
        tracks.delete(trial);
        state?.then(folding.finish).catch(onFault);
      }
    },
    flush,
    settled: async () => {
      await flush();
      await folding.settled();
    },
    close: async () => {
      await flush();
      await folding.close();
    },
  };
}

/** SQLSTATE classes 22 and 23: this data will be refused however often it is tried. */
export function isRefusedData(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return code.startsWith('22') || code.startsWith('23');
  return error.cause !== undefined && isRefusedData(error.cause);
}
