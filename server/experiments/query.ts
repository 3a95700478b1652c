/**
 * Windows of the table of trials. A query reads the trials' tables, since a join cannot be asked of a service; it never
 * writes them. Trials that were deleted are never seen; those put away only where the filter asks for them.
 */
import type { Column, Spread, TableGroup, TableQuery, TableReply } from '@trialroom/shared/api/experiments';
import type { FilterContext } from '@trialroom/shared/trial/filter/matches';
import { type Filter, leavesOf } from '@trialroom/shared/trial/filter/types';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Database } from '../database/database.ts';
import { storableText } from '../trials/storable.ts';
import { averageable, groupOf, numberOf, textOf } from './columns.ts';
import { conditionOf } from './condition.ts';
import { rowsOf } from './rows.ts';
import { Scope, type Sql } from './scope.ts';
import { kyselyOf } from './tables.ts';

/** Most groups in one answer. */
export const MOST_GROUPS = 2000;

const NEWEST: NonNullable<Query['sort']> = { column: { of: 'trial', name: 'created' }, direction: 'descending' };

/** A query whose filter is read. */
export type Query = Omit<z.output<typeof TableQuery>, 'filter'> & { filter: Filter };

/** What fits a filter and is to be seen. */
export function shown(filter: Filter, scope: Scope, context: FilterContext): Sql {
  const asksForArchived = leavesOf(filter).some((leaf) => leaf.type === 'is' && leaf.quality === 'archived');
  const present = asksForArchived ? sql`t.deleted_at is null` : sql`t.deleted_at is null and t.archived_at is null`;
  return sql`${present} and ${conditionOf(filter, scope, context)}`;
}

/** The trials that fit are found once; the window, the counts and the groups are all told of what was found. */
export async function queryTrials(db: Database, query: Query, context: FilterContext): Promise<TableReply> {
  const found = foundOf(query, context);
  const everything = query.filter.type === 'and' && query.filter.parts.length === 0;
  const parts = [
    sql`(select count(*)::int from trials where deleted_at is null and archived_at is null) as "all"`,
    sql`${everything ? sql`null::int` : sql`(select count(*)::int from base)`} as "total"`,
    sql`(select coalesce(json_agg(w.id), '[]') from (${windowIn(found, query)}) w) as "ids"`,
    ...(query.group.length > 0 ? [sql`(select json_agg(g) from (${groupsIn(found, query)}) g) as "groups"`] : []),
  ];
  const { rows } = await sql<{ all: number; total: number | null; ids: string[]; groups?: GroupRow[] | null }>`
    with base as materialized (${found.base}) select ${sql.join(parts)}`.execute(kyselyOf(db));
  const [{ all, total, ids, groups = null } = { all: 0, total: 0, ids: [] }] = rows;
  const keys = metricsIn([...query.columns, ...(query.sort ? [query.sort.column] : [])]);
  return {
    rows: await rowsOf(db, ids, keys),
    ...{ total: total ?? all, all },
    groups: query.group.length > 0 ? (groups ?? []).map((row) => groupIn(row, found.numbers)) : null,
    moreGroups: Math.max(0, (groups?.[0]?.groups ?? 0) - (groups?.length ?? 0)),
  };
}

const metricsIn = (columns: readonly Column[]): string[] => [
  ...new Set(columns.flatMap((column) => (column.of === 'metric' ? [storableText(column.key)] : []))),
];

/** Ids of a window of trials, in order. */
export async function windowOf(
  db: Database,
  query: Pick<Query, 'filter' | 'sort' | 'group' | 'offset' | 'limit'>,
  context: FilterContext,
): Promise<string[]> {
  const found = foundOf({ ...query, columns: [] }, context);
  const { rows } = await sql<{ id: string }>`with base as (${found.base}) ${windowIn(found, query)}`.execute(
    kyselyOf(db),
  );
  return rows.map(({ id }) => id);
}

/** What fits, each with what it is sorted and grouped by and with the numbers that groups tell of. */
interface Found {
  base: Sql;
  /** Columns of `base` that name a group. */
  names: Sql[];
  way: Sql;
  /** Of each column that was asked for, whether groups can tell of it. */
  numbers: boolean[];
}

function foundOf(query: Pick<Query, 'filter' | 'sort' | 'group' | 'columns'>, context: FilterContext): Found {
  const { column, direction } = query.sort ?? NEWEST;
  const scope = new Scope();
  const number = numberOf(column, scope, context.now);
  const text = textOf(column);
  const condition = shown(query.filter, scope, context);
  const grouped = query.group.length > 0;
  const numbers = query.columns.map((one) =>
    !grouped || (one.of === 'trial' && one.name !== 'objective') ? null : numberOf(one, scope, context.now),
  );
  const fields = [
    sql`t.id`,
    sql`t.created_at`,
    sql`${number ? sql`nullif(${number}, 'NaN'::float8)` : sql`null::float8`} as "number"`,
    sql`${text ? sql`lower(${text} collate "C")` : sql`null::text`} as "text"`,
    ...query.group.map((key, index) => sql`${groupOf(key)} as ${sql.ref(`g${index}`)}`),
    ...numbers.flatMap((one, index) =>
      one ? [sql`${averageable(one)} as ${sql.ref(`c${index}`)}`, sql`${one} as ${sql.ref(`r${index}`)}`] : [],
    ),
  ];
  return {
    base: sql`select ${sql.join(fields)} ${scope.from()} where ${condition}`,
    names: query.group.map((_, index) => sql.ref(`g${index}`)),
    way: direction === 'ascending' ? sql`asc` : sql`desc`,
    numbers: numbers.map((one) => one !== null),
  };
}

function windowIn({ names, way }: Found, { limit, offset }: Pick<Query, 'limit' | 'offset'>): Sql {
  const mean =
    names.length > 0
      ? sql`, avg(${averageable(sql`"number"`)}) over (partition by ${sql.join(names)}) as "mean"`
      : sql``;
  const order = [
    ...(names.length > 0 ? [sql`"mean" ${way} nulls last`, ...names.map((name) => sql`${name} asc nulls last`)] : []),
    sql`"number" ${way} nulls last`,
    sql`"text" ${way} nulls last`,
    sql`created_at desc`,
    sql`id desc`,
  ];
  return sql`select id from (select *${mean} from base) ordered
    order by ${sql.join(order)} limit ${limit}::int offset ${offset}::int`;
}

/** `n`: trials in it; `groups`: how many there are; `g…` and `s…` as the query's groups and columns. */
type GroupRow = Record<string, unknown> & { n: number; groups: number; values: unknown[] };

function groupsIn({ names, way, numbers }: Found, { group }: Pick<Query, 'group'>): Sql {
  const spreads = numbers.flatMap((told, index) => {
    if (!told) return [];
    const at = sql.ref(`c${index}`);
    return [
      sql`json_build_array(count(${at}), avg(${at}), stddev_samp(${at}), min(${at}), max(${at}), count(${sql.ref(`r${index}`)}) - count(${at})) as ${sql.ref(`s${index}`)}`,
    ];
  });
  const values = sql`json_build_array(${sql.join(group.map((_, index) => names[index] ?? sql`null`))}) as "values"`;
  return sql`
    select ${sql.join([values, sql`count(*)::int as n`, sql`(count(*) over ())::int as groups`, ...spreads])}
    from base group by ${sql.join(names)}
    order by avg(${averageable(sql`"number"`)}) ${way} nulls last,
      ${sql.join(names.map((name) => sql`${name} asc nulls last`))}
    limit ${MOST_GROUPS}`;
}

const groupIn = (row: GroupRow, numbers: readonly boolean[]): TableGroup => ({
  values: row.values,
  count: row.n,
  spreads: numbers.map((told, index) => (told ? spreadOf(row[`s${index}`]) : null)),
});

function spreadOf(said: unknown): Spread {
  const [n = 0, mean = null, std = null, min = null, max = null, odd = 0] = said as (number | null)[];
  return { n: n ?? 0, mean, std, min, max, odd: odd ?? 0 };
}
