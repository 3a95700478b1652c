/** What trials have that a column, a filter or a group may name, counted. */
import type { Catalogue } from '@trialroom/shared/api/experiments';
import type { FilterContext } from '@trialroom/shared/trial/filter/matches';
import type { Filter } from '@trialroom/shared/trial/filter/types';
import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import { shown } from './query.ts';
import { Scope, type Sql, TEXTS } from './scope.ts';
import { kyselyOf } from './tables.ts';

/** Most names of one sort in a catalogue. */
const MOST_NAMES = 500;

/** What the trials that fit have; see {@link Catalogue}. */
export async function catalogueOf(db: Database, filter: Filter, context: FilterContext): Promise<Catalogue> {
  const kysely = kyselyOf(db);
  type Counted = { name: string; count: number };
  const ask = async <Row extends Counted>(from: Sql): Promise<Row[]> => {
    const scope = new Scope();
    const condition = shown(filter, scope, context);
    const { rows } = await sql<Row>`
      with base as (select t.*, ${TEXTS.experiment} as experiment_name ${scope.from()} where ${condition})
      ${from} order by count desc, name limit ${MOST_NAMES}`.execute(kysely);
    return rows;
  };
  // Values in objects are named by their path, one level deep: `optim.lr`.
  const leaves = (record: Sql): Sql => sql`
    select case when i.key is null then j.key else j.key || '.' || i.key end as name, count(*)::int as count,
      count(distinct coalesce(i.value, j.value))::int as distinct
    from base cross join lateral jsonb_each(case when jsonb_typeof(${record}) = 'object' then ${record} else '{}' end) j
      left join lateral jsonb_each(case when jsonb_typeof(j.value) = 'object' then j.value else '{}' end) i on true
    group by 1`;
  const by = (name: Sql): Sql =>
    sql`select ${name} as name, count(*)::int as count from base where ${name} is not null group by 1`;
  return {
    metrics: await ask(
      sql`select m.key as name, count(*)::int as count from base join trial_metrics m on m.trial = base.id group by 1`,
    ),
    params: await ask<Counted & { distinct: number }>(leaves(sql`base.params`)),
    summary: await ask(leaves(sql`base.summary`)),
    tags: await ask(
      sql`select g.tag as name, count(*)::int as count from base cross join lateral jsonb_array_elements_text(base.tags) g(tag) group by 1`,
    ),
    people: await ask(by(sql`base."by" ->> 'name'`)),
    experiments: await ask(by(sql`base.experiment_name`)),
    statuses: await ask(by(sql`base.status`)),
  };
}
