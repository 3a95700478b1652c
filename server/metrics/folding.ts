/**
 * When trials are folded: one at a time, beside their ingest, when enough is unfolded, when nothing has come for a while,
 * and when no more will come. Failing is harmless: the parts are there, and are folded another time.
 */
import type { Database } from '../database/database.ts';
import { FoldedElsewhere, foldParts } from './fold.ts';
import type { MetricsState } from './state.ts';

/** Most points and parts of a trial that are left unfolded, and how long the rest waits for more, in ms. */
export const FOLD = { points: 65_536, parts: 1024, idleMs: 10_000 };

/** The embedded database has nobody who tidies up after deletions; after this many folds it is asked to. */
const FOLDS_PER_VACUUM = 32;

export interface Folding {
  /** More of a trial is unfolded; `stale` is called when the state turns out not to be what is stored. */
  grown(state: MetricsState, stale: () => void): void;
  /** No more will come of it. */
  finish(state: MetricsState): void;
  /** Resolves when no fold is under way or waits for its turn. */
  settled(): Promise<void>;
  /** Begins nothing any more; resolves when nothing is under way. What is not folded is folded by whoever reads it next. */
  close(): Promise<void>;
}

export function createFolding({
  db,
  onFault,
  limits = FOLD,
}: {
  db: Database;
  onFault: (error: unknown) => void;
  limits?: typeof FOLD;
}): Folding {
  const queued = new Set<MetricsState>();
  const idle = new Map<MetricsState, NodeJS.Timeout>();
  let turn = Promise.resolve();
  let folds = 0;
  let closed = false;

  const fold = (state: MetricsState, stale: () => void): void => {
    clearTimeout(idle.get(state));
    idle.delete(state);
    if (closed || queued.has(state)) return;
    queued.add(state);
    turn = turn.then(async () => {
      try {
        await foldParts(db, state);
        folds++;
        if (db.kind === 'embedded' && folds % FOLDS_PER_VACUUM === 0) {
          for (const table of ['point_parts', 'metric_pieces', 'metric_shelves', 'metric_heads']) {
            await db.em().execute(`vacuum ${table}`);
          }
        }
      } catch (error) {
        if (error instanceof FoldedElsewhere) stale();
        else onFault(error);
      } finally {
        queued.delete(state);
      }
    });
  };

  const settled = async (): Promise<void> => {
    let last: Promise<void> | undefined;
    while (last !== turn) {
      last = turn;
      await last;
    }
  };

  return {
    grown: (state, stale) => {
      if (closed) return;
      if (state.tailPoints >= limits.points || state.tail.length >= limits.parts) return fold(state, stale);
      const timer = idle.get(state);
      if (timer) timer.refresh();
      else idle.set(state, setTimeout(() => fold(state, stale), limits.idleMs).unref());
    },
    finish: (state) => fold(state, () => {}),
    settled,
    close: () => {
      closed = true;
      for (const timer of idle.values()) clearTimeout(timer);
      idle.clear();
      return settled();
    },
  };
}
