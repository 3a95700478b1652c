/** Experiments in lists: how many trials of each status, the best of them, who worked on it, and when last. */
import type { Experiment, Labels } from '@trialroom/shared/api/experiments';
import type { Trial } from '@trialroom/shared/trial/trial';
import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import { Refusal } from '../http/refusal.ts';
import { ExperimentEntity, TrialEntity } from '../trials/entities.ts';
import { storableText } from '../trials/storable.ts';
import { kyselyOf } from './tables.ts';

/** What is written on an experiment. */
export type ExperimentChange = Labels & { baseline?: string | null | undefined };

/** All experiments, or the one of this id; the last active first. */
export async function listExperiments(db: Database, which: { id?: string; archived?: boolean }): Promise<Experiment[]> {
  const kysely = kyselyOf(db);
  const where = {
    ...(which.id === undefined ? {} : { id: which.id }),
    ...(which.archived === undefined ? {} : { archivedAt: which.archived ? { $ne: null } : null }),
  };
  const found = await db.em().find(ExperimentEntity, where);
  if (found.length === 0) return [];
  const ids = found.map(({ id }) => id);
  const present = sql`t.deleted_at is null and t.archived_at is null and t.experiment_id = any(${ids}::text[])`;
  const counts = await sql<{ experiment: string; status: Trial['status']; n: number; active: number }>`
    select t.experiment_id as experiment, t.status, count(*)::int as n,
      max(greatest(t.created_at, t.started_at, t.ended_at)) as active
    from trials t where ${present} group by 1, 2`.execute(kysely);
  const people = await sql<{ experiment: string; id: string; name: string; colour: string }>`
    select distinct on (t.experiment_id, t."by" ->> 'id') t.experiment_id as experiment,
      t."by" ->> 'id' as id, t."by" ->> 'name' as name, t."by" ->> 'colour' as colour
    from trials t where ${present} and t."by" ->> 'id' is not null
    order by t.experiment_id, t."by" ->> 'id', t.created_at desc`.execute(kysely);
  const best = await sql<{
    experiment: string;
    trial: string;
    name: string;
    key: string;
    direction: 'minimise' | 'maximise';
    value: number;
  }>`
    with objectives as (
      select t.experiment_id, t.objective ->> 'key' as key, t.objective ->> 'direction' as direction,
        row_number() over (partition by t.experiment_id order by count(*) desc, t.objective ->> 'key') as place
      from trials t where ${present} and t.objective ->> 'key' is not null group by 1, 2, 3
    ), valued as (
      select t.experiment_id as experiment, t.id as trial, t.name, t.created_at, o.key, o.direction,
        case when o.direction = 'minimise' then m.low else m.high end as value
      from objectives o join trials t on t.experiment_id = o.experiment_id
        join trial_metrics m on m.trial = t.id and m.key = o.key
      where o.place = 1 and ${present}
    )
    select distinct on (experiment) experiment, trial, name, key, direction, value from valued where value is not null
    order by experiment, case when direction = 'minimise' then value else -value end, created_at`.execute(kysely);
  const experiments = found.map((row): Experiment => {
    const own = counts.rows.filter(({ experiment }) => experiment === row.id);
    const winner = best.rows.find(({ experiment }) => experiment === row.id);
    return {
      ...{ id: row.id, name: row.name, tags: row.tags, starred: row.starred, note: row.note },
      baseline: row.baseline ?? null,
      createdAt: row.createdAt,
      archivedAt: row.archivedAt ?? null,
      counts: Object.fromEntries(own.map(({ status, n }) => [status, n])),
      best: winner
        ? { trial: winner.trial, name: winner.name, key: winner.key, value: winner.value, direction: winner.direction }
        : null,
      activeAt: Math.max(row.createdAt, ...own.map(({ active }) => active)),
      people: people.rows
        .filter(({ experiment }) => experiment === row.id)
        .map(({ id, name, colour }) => ({ id, name, colour })),
    };
  });
  return experiments.sort((a, b) => b.activeAt - a.activeAt);
}

/** @throws Refusal (404; 409 when the name is taken; 422 when the baseline is of another experiment) */
export async function changeExperiment(db: Database, id: string, change: ExperimentChange): Promise<void> {
  await db.em().transactional(async (em) => {
    const row = await em.findOne(ExperimentEntity, id);
    if (!row) throw unknownExperiment(id);
    const { tags, starred, note, name, archived, baseline } = change;
    if (name !== undefined && storableText(name) !== row.name) {
      if (await em.findOne(ExperimentEntity, { name: storableText(name) })) {
        throw new Refusal(409, {
          error: 'experiment-name-taken',
          message: `There is an experiment called "${name}" already.`,
          where: 'body.name',
          fix: 'Choose another name.',
        });
      }
      row.name = storableText(name);
    }
    if (baseline !== undefined && baseline !== null) {
      if (!(await em.findOne(TrialEntity, { id: baseline, experiment: id, deletedAt: null }))) {
        throw new Refusal(422, {
          error: 'baseline-elsewhere',
          message: 'The baseline of an experiment is one of its own trials.',
          where: 'body.baseline',
          fix: 'Choose a trial of this experiment.',
        });
      }
    }
    if (baseline !== undefined) row.baseline = baseline;
    if (tags !== undefined) row.tags = [...new Set(tags.map(storableText))];
    if (starred !== undefined) row.starred = starred;
    if (note !== undefined) row.note = storableText(note);
    if (archived !== undefined) row.archivedAt = archived ? (row.archivedAt ?? Date.now()) : null;
  });
}

export const unknownExperiment = (id: string): Refusal =>
  new Refusal(404, {
    error: 'experiment-unknown',
    message: `There is no experiment "${id}".`,
    fix: 'Open it from the list of experiments.',
  });
