/** What a trial that ran before goes on from. */
import { posix } from 'node:path';
import type { TrialOpened } from '@trialroom/shared/kernel/protocol';
import type { Database } from '../database/database.ts';
import { TrialEventEntity } from './entities.ts';

/**
 * Each run of a trial numbers its messages from here on: more than a run sends, so that a late message of the run before
 * is known for one. 107 runs fit into the numbers that the database holds.
 */
export const NUMBERS_A_RUN = 20_000_000;

/** Checkpoints that are looked through for the newest of each folder. */
const MOST_CHECKPOINTS = 2000;

/** What the trial goes on from in the run that has just been noted as `started`; undefined when that is its first. */
export async function resumeOf(db: Database, trial: string): Promise<TrialOpened['resume']> {
  const runs = await db.em().count(TrialEventEntity, { trial, kind: 'started' });
  if (runs <= 1) return undefined;
  const events = await db
    .em()
    .find(TrialEventEntity, { trial, kind: 'checkpoint' }, { orderBy: { seq: 'desc' }, limit: MOST_CHECKPOINTS });
  const newest = new Map<string, { path: string; step: number }>();
  for (const { data, step } of events) {
    const { path } = data;
    if (typeof path !== 'string') continue;
    const folder = posix.dirname(path);
    if (!newest.has(folder)) newest.set(folder, { path, step: step ?? 0 });
  }
  return { checkpoints: [...newest.values()], after: (runs - 1) * NUMBERS_A_RUN };
}
