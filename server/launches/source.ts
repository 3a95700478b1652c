/** The notebook that a trial was launched with. */
import type { Database } from '../database/database.ts';
import { LaunchEntity } from './entities.ts';

/** Its text, as nbformat JSON without outputs; null when the trial was not launched. */
export async function launchedSource(db: Database, trial: string): Promise<string | null> {
  const launch = await db.em().findOne(LaunchEntity, { trial });
  return launch?.source ?? null;
}
