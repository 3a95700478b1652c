/** Trials with metrics, stored without kernels. */
import type { FilterRow } from '@trialroom/shared/trial/filter/matches';
import type { Database } from '../database/database.ts';
import { ExperimentEntity, TrialEntity, TrialEventEntity } from '../trials/entities.ts';
import { TrialMetricEntity } from './entities.ts';
import { storeTotals } from './tables.ts';

/** Replaces all trials of the database by these; each gets an id and an experiment of its own name. Returns them as stored. */
export async function storeRows(db: Database, rows: readonly FilterRow[]): Promise<FilterRow[]> {
  const em = db.em();
  await em.nativeDelete(TrialMetricEntity, {});
  await em.nativeDelete(TrialEventEntity, {});
  await em.nativeDelete(TrialEntity, {});
  await em.nativeDelete(ExperimentEntity, {});
  const kept = rows.map((row, index): FilterRow => {
    const id = `t${String(index).padStart(5, '0')}`;
    // A baseline is of one experiment: here each of those has its own.
    const experimentId = row.baseline ? `own-${index}` : `e-${row.trial.experiment}`;
    const experiment = row.baseline ? `${row.trial.experiment} (${index})` : row.trial.experiment;
    return { ...row, trial: { ...row.trial, id, experimentId, experiment } };
  });
  const experiments = new Map(kept.map(({ trial, baseline }) => [trial.experimentId, { trial, baseline }]));
  for (const [id, { trial, baseline }] of experiments) {
    em.create(ExperimentEntity, {
      id,
      name: trial.experiment,
      tags: [],
      baseline: baseline ? trial.id : null,
      createdAt: trial.createdAt,
    });
  }
  await em.flush();
  for (const { trial } of kept) {
    const { experiment: _, experimentId, notebook, ...fields } = trial;
    em.create(TrialEntity, {
      ...fields,
      experiment: experimentId,
      notebook: notebook?.id ?? null,
      notebookPath: notebook?.path ?? null,
    });
  }
  await em.flush();
  await storeTotals(
    db,
    kept.flatMap(({ trial, metrics }) =>
      Object.entries(metrics).map(([key, totals]) => ({ trial: trial.id, key, totals })),
    ),
  );
  return kept;
}
