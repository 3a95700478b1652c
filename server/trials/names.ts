/** What trials and experiments are called, for capabilities that hang something on them. Deleted ones have no name. */
import type { Database } from '../database/database.ts';
import { Refusal } from '../http/refusal.ts';
import { ExperimentEntity, TrialEntity } from './entities.ts';
import { unknownTrial } from './records.ts';

export interface TrialNames {
  /** @throws Refusal (404) */
  trial(id: string): Promise<string>;
  /** @throws Refusal (404) */
  experiment(id: string): Promise<string>;
}

export const trialNames = (db: Pick<Database, 'em'>): TrialNames => ({
  async trial(id) {
    const row = await db.em().findOne(TrialEntity, { id, deletedAt: null }, { fields: ['name'] });
    if (!row) throw unknownTrial(id);
    return row.name;
  },
  async experiment(id) {
    const row = await db.em().findOne(ExperimentEntity, { id }, { fields: ['name'] });
    if (row) return row.name;
    throw new Refusal(404, {
      error: 'experiment-unknown',
      message: `There is no experiment "${id}".`,
      fix: 'Open it from the list of experiments.',
    });
  },
});
