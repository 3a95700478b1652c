/**
 * Keeps the metrics of trials in figures, from what is durable: soon after points came, and once more when a trial is over.
 * Only the process that hosts a trial hears of its points, so that one process at a time writes a trial's rows.
 */
import type { Series } from '@trialroom/shared/live/events';
import type { MetricTotals } from '@trialroom/shared/trial/filter/matches';
import { fromWire } from '@trialroom/shared/trial/points';
import { isOver } from '@trialroom/shared/trial/trial';
import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import type { Trials } from '../trials/trials.ts';
import { kyselyOf, storeTotals } from './tables.ts';

/** Least time between two readings of one trial, in ms; and how many times as long as a reading took the next one waits. */
const PACE_MS = 1000;
const REST = 10;
/** Metrics read at once: other readers of the database come in between. */
const KEYS_AT_ONCE = 200;

export interface Totals {
  /** Waits for what was begun, then reads no more. */
  close(): Promise<void>;
  /** Reads a trial's metrics now. */
  refresh(trial: string): Promise<void>;
  /** Reads trials whose metrics were never read: those of before this table, and of a server that died at once. */
  catchUp(): Promise<void>;
}

export interface TotalsOptions {
  db: Database;
  trials: Pick<Trials, 'metrics' | 'onPoints' | 'onChange'>;
  onError: (error: unknown) => void;
}

export function createTotals({ db, trials, onError }: TotalsOptions): Totals {
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const working = new Map<string, Promise<void>>();
  const again = new Set<string>();
  let closed = false;

  const read = async (trial: string): Promise<void> => {
    // The extremes of a series survive any width, and its last point too: the narrowest window says all.
    const keys = (await trials.metrics.keys(trial)).map(({ key }) => key);
    for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) {
      const series = await trials.metrics.series({ trial, keys: keys.slice(from, from + KEYS_AT_ONCE) }, { width: 1 });
      await storeTotals(
        db,
        series.map((one) => ({ trial, key: one.points.key, totals: totalsOf(one) })),
      );
    }
  };

  const refresh = (trial: string): Promise<void> => {
    clearTimeout(timers.get(trial));
    timers.delete(trial);
    const running = working.get(trial);
    if (running) {
      again.add(trial);
      return running;
    }
    const began = performance.now();
    const work = read(trial)
      .catch((error) => (isGone(error) ? undefined : onError(error)))
      .finally(() => {
        working.delete(trial);
        if (again.delete(trial)) later(trial, (performance.now() - began) * REST);
      });
    working.set(trial, work);
    return work;
  };

  const later = (trial: string, ms: number): void => {
    if (closed || timers.has(trial)) return;
    timers.set(
      trial,
      setTimeout(() => void refresh(trial), Math.max(PACE_MS, ms)),
    );
  };

  const ends = [
    trials.onPoints((trial) => {
      if (working.has(trial)) again.add(trial);
      else later(trial, 0);
    }),
    trials.onChange(({ id, status }) => {
      if (isOver(status) && !closed) void refresh(id);
    }),
  ];

  return {
    refresh,
    catchUp: async () => {
      const { rows } = await sql<{ id: string }>`
        select id from trials t where deleted_at is null
          and not exists (select 1 from trial_metrics m where m.trial = t.id) order by created_at desc`.execute(
        kyselyOf(db),
      );
      for (const { id } of rows) {
        if (closed) return;
        await refresh(id);
      }
    },
    close: async () => {
      closed = true;
      for (const end of ends) end();
      const due = [...timers.keys()];
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all([...due, ...again].map(refresh));
      await Promise.all(working.values());
    },
  };
}

/** The figures of a series that holds its extremes and its last point. */
export function totalsOf({ points, total }: Series): MetricTotals {
  const values = points.values.map(fromWire);
  const finite = values.filter(Number.isFinite);
  return {
    last: values.at(-1) ?? Number.NaN,
    lastStep: fromWire(points.steps.at(-1) ?? 'NaN'),
    min: finite.length > 0 ? finite.reduce((a, b) => Math.min(a, b)) : null,
    max: finite.length > 0 ? finite.reduce((a, b) => Math.max(a, b)) : null,
    count: total,
  };
}

const isGone = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'status' in error && error.status === 404;
