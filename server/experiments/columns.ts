/** What a column of the table holds, in SQL: to sort by, and as a number where it has one. */
import type { Column } from '@trialroom/shared/api/experiments';
import { sql } from 'kysely';
import { jsonAt, numberIn, ranUntil, type Scope, type Sql, TEXTS, TIMES, textIn } from './scope.ts';

/** The column as float8, null where it has none; null for columns that never hold numbers. */
export function numberOf(column: Column, scope: Scope, now: number): Sql | null {
  if (column.of === 'metric') return scope.metric(column.key, column.reading);
  if (column.of !== 'trial') return numberIn(jsonAt(column.of, column.key));
  switch (column.name) {
    case 'objective':
      return scope.objective();
    case 'ran':
      return ranUntil(now);
    case 'created':
    case 'started':
    case 'ended':
      return TIMES[column.name];
    default:
      return null;
  }
}

/** The column as text, null where it has none; null for columns that never hold texts. */
export function textOf(column: Column): Sql | null {
  if (column.of === 'metric') return null;
  if (column.of !== 'trial') return textIn(jsonAt(column.of, column.key));
  switch (column.name) {
    case 'status':
      return sql`t.status`;
    case 'tags':
      return sql`nullif(t.tags::text, '[]')`;
    case 'name':
    case 'experiment':
    case 'by':
    case 'notebook':
    case 'backend':
    case 'note':
      return TEXTS[column.name];
    default:
      return null;
  }
}

/** Words that group by something else than a parameter; `params.status` is the parameter of that name. */
const GROUPS: Readonly<Record<string, Sql>> = {
  experiment: TEXTS.experiment,
  status: sql`t.status`,
  by: TEXTS.by,
  notebook: TEXTS.notebook,
};

/** What trials are grouped by, as JSON; a value that is null and one that is missing are the same. */
export function groupOf(key: string): Sql {
  const word = GROUPS[key];
  return word
    ? sql`to_jsonb(${word}::text)`
    : sql`nullif(${jsonAt('params', key.replace(/^params\./, ''))}, 'null'::jsonb)`;
}

/** The number where it can be averaged: NaN, ±Infinity and what would overflow a sum of squares are left out. */
export const averageable = (number: Sql): Sql => sql`case when abs(${number}) <= 1e150 then ${number} end`;
