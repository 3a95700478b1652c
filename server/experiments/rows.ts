/** Trials of the table by their ids. */
import type { TableRow } from '@trialroom/shared/api/experiments';
import { toWire } from '@trialroom/shared/trial/points';
import type { Database } from '../database/database.ts';
import { ExperimentEntity, TrialEntity } from '../trials/entities.ts';
import { POPULATE, toTrial } from '../trials/records.ts';
import { kyselyOf } from './tables.ts';

/** Trials by id, in this order, with these metrics. */
export async function rowsOf(
  db: Database,
  ids: readonly string[],
  keys: readonly string[] | null,
): Promise<TableRow[]> {
  if (ids.length === 0) return [];
  const found = await db.em().find(TrialEntity, { id: { $in: [...ids] }, deletedAt: null }, POPULATE);
  const metrics = new Map<string, TableRow['metrics']>();
  if (keys === null || keys.length > 0) {
    let select = kyselyOf(db)
      .selectFrom('trial_metrics')
      .selectAll()
      .where('trial', 'in', [...ids]);
    if (keys) select = select.where('key', 'in', [...keys]);
    for (const { trial, key, last, last_step, low, high, count } of await select.execute()) {
      const own = metrics.get(trial) ?? Object.create(null);
      own[key] = { last: toWire(last), lastStep: toWire(last_step), min: low, max: high, count };
      metrics.set(trial, own);
    }
  }
  const byId = new Map(found.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    return row
      ? [{ trial: toTrial(row), metrics: { ...metrics.get(id) }, baseline: row.experiment.baseline === id }]
      : [];
  });
}

/** What the experiments of these rows are measured against, by experiment id; experiments without are left out. */
export async function baselinesOf(
  db: Database,
  rows: readonly TableRow[],
  keys: readonly string[] | null,
): Promise<Map<string, TableRow>> {
  const ids = [...new Set(rows.map(({ trial }) => trial.experimentId))];
  const experiments = await db
    .em()
    .find(ExperimentEntity, { id: { $in: ids }, baseline: { $ne: null } }, { fields: ['baseline'] });
  const baselines = await rowsOf(
    db,
    experiments.flatMap(({ baseline }) => baseline ?? []),
    keys,
  );
  return new Map(baselines.map((row) => [row.trial.experimentId, row]));
}
