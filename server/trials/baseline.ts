/** The trial that others of an experiment are measured against. */
import type { Database } from '../database/database.ts';
import { ExperimentEntity } from './entities.ts';

/** Its id; null when none was chosen, or there is no such experiment. */
export async function baselineOf(db: Database, experiment: string): Promise<string | null> {
  return (await db.em().findOne(ExperimentEntity, { id: experiment }))?.baseline ?? null;
}
