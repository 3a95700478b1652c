/**
 * Values of trials in SQL: `t` is the trial, and each metric that is asked for joins once. What is asked of its experiment
 * is looked up, so that who asks for nothing of it pays nothing. Keys and values are bound parameters, always.
 */
import { isLossLike } from '@trialroom/shared/trial/filter/matches';
import type { Reading } from '@trialroom/shared/trial/filter/types';
import { type RawBuilder, sql } from 'kysely';
import { storableText } from '../trials/storable.ts';

export type Sql = RawBuilder<unknown>;

/** Collects the joins that expressions need. */
export class Scope {
  readonly #metrics = new Map<string, Sql>();
  #objective = false;

  /** A reading of a metric, as float8; null where the trial has none. */
  metric(key: string, reading: Reading): Sql {
    const stored = storableText(key);
    let alias = this.#metrics.get(stored);
    if (!alias) {
      alias = sql.raw(`m${this.#metrics.size}`);
      this.#metrics.set(stored, alias);
    }
    if (reading === 'last') return sql`${alias}.last`;
    if (reading === 'count') return sql`${alias}.count::float8`;
    if (reading === 'min') return sql`${alias}.low`;
    if (reading === 'max') return sql`${alias}.high`;
    const lower = isLossLike(key) ? sql`true` : sql`false`;
    return sql`case when case when t.objective ->> 'key' = ${stored} then t.objective ->> 'direction' = 'minimise' else ${lower} end then ${alias}.low else ${alias}.high end`;
  }

  /** The newest value of the trial's own objective. */
  objective(): Sql {
    this.#objective = true;
    return sql`o.last`;
  }

  /** From trials on, with all that was asked for. */
  from(): Sql {
    const joins = [...this.#metrics].map(
      ([key, alias]) => sql`left join trial_metrics ${alias} on ${alias}.trial = t.id and ${alias}.key = ${key}`,
    );
    if (this.#objective) joins.push(sql`left join trial_metrics o on o.trial = t.id and o.key = t.objective ->> 'key'`);
    return joins.length > 0 ? sql`from trials t ${sql.join(joins, sql` `)}` : sql`from trials t`;
  }
}

/** The JSON value of this key, or where the key's dots lead; null where there is none. */
export function jsonAt(group: 'params' | 'summary', key: string): Sql {
  const record = group === 'params' ? sql`t.params` : sql`t.summary`;
  const stored = storableText(key);
  return sql`coalesce(${record} -> ${stored}::text, ${record} #> ${stored.split('.')}::text[])`;
}

/** A JSON value as a number, null when it is none. */
export const numberIn = (json: Sql): Sql =>
  sql`case when jsonb_typeof(${json}) = 'number' then (${json} #>> '{}')::float8 end`;

/** A JSON value as text, null when it is none. */
export const textIn = (json: Sql): Sql => sql`case when jsonb_typeof(${json}) = 'string' then ${json} #>> '{}' end`;

/** What a trial's experiment has in this column. */
export const ofExperiment = (column: 'name' | 'baseline'): Sql =>
  sql`(select e.${sql.ref(column)} from experiments e where e.id = t.experiment_id)`;

/** Columns that hold a text. */
export const TEXTS = {
  name: sql`t.name`,
  experiment: ofExperiment('name'),
  by: sql`t."by" ->> 'name'`,
  note: sql`nullif(t.note, '')`,
  notebook: sql`t.notebook_path`,
  backend: sql`t.backend`,
  reason: sql`t.reason`,
  id: sql`t.id`,
} as const;

/** Columns that hold a time, in ms. */
export const TIMES = { created: sql`t.created_at`, started: sql`t.started_at`, ended: sql`t.ended_at` } as const;

/** How long a trial ran, in ms; until `now` while it runs. */
export const ranUntil = (now: number): Sql => sql`(coalesce(t.ended_at, ${now}::float8) - t.started_at)`;
