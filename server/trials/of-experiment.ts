/** The trials of one experiment, numbered as they were made. */
import type { Trial } from '@trialroom/shared/trial/trial';
import type { Database } from '../database/database.ts';
import { Refusal } from '../http/refusal.ts';
import { ExperimentEntity, TrialEntity } from './entities.ts';
import { POPULATE, toTrial } from './records.ts';

export interface ExperimentTrials {
  experiment: { id: string; name: string };
  /** Oldest first. `number` counts from 1 and includes those that were deleted since, so that it never changes. */
  trials: { number: number; trial: Trial }[];
  /** All there are; more than given when there are very many. */
  total: number;
}

/** @throws Refusal (404) when there is no such experiment */
export async function findExperiment(db: Database, id: string): Promise<ExperimentTrials['experiment']> {
  const experiment = await db.em().findOne(ExperimentEntity, { id });
  if (experiment) return { id, name: experiment.name };
  throw new Refusal(404, {
    error: 'experiment-unknown',
    message: `there is no experiment ${id}`,
    where: id,
    fix: 'Choose one from the list of experiments.',
  });
}

/**
 * At most `most` trials of an experiment: the newest.
 * @throws Refusal (404) when there is no such experiment
 */
export async function trialsOfExperiment(db: Database, id: string, most: number): Promise<ExperimentTrials> {
  const experiment = await findExperiment(db, id);
  const em = db.em();
  const made = await em.count(TrialEntity, { experiment: id });
  const rows = await em.find(
    TrialEntity,
    { experiment: id },
    { ...POPULATE, orderBy: { createdAt: 'desc', id: 'desc' }, limit: most },
  );
  const deleted = await em.count(TrialEntity, { experiment: id, deletedAt: { $ne: null } });
  return {
    experiment,
    trials: rows
      .map((row, index) => ({ row, number: made - index }))
      .filter(({ row }) => row.deletedAt == null)
      .map(({ row, number }) => ({ number, trial: toTrial(row) }))
      .reverse(),
    total: made - deleted,
  };
}
