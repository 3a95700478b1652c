/** When trials were made and when they began, of many at once: what readers of their points need to know of them. */
import type { Trial } from '@trialroom/shared/trial/trial';
import type { Database } from '../database/database.ts';
import { TrialEntity } from './entities.ts';

/** In ms since the epoch. */
export type TrialTimes = Pick<Trial, 'createdAt' | 'startedAt'>;

/** Times by id; trials that were deleted, or never were, are left out. */
export async function timesOf(db: Database, ids: readonly string[]): Promise<Map<string, TrialTimes>> {
  const rows = await db
    .em()
    .find(TrialEntity, { id: { $in: [...ids] }, deletedAt: null }, { fields: ['id', 'createdAt', 'startedAt'] });
  return new Map(rows.map(({ id, createdAt, startedAt }) => [id, { createdAt, startedAt: startedAt ?? null }]));
}
