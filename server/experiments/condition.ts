/**
 * A filter as an SQL condition that is never null. It means what `matches` of `shared/trial/filter` means; the two are
 * tested against each other.
 */
import { readExpression } from '@trialroom/shared/trial/filter/expression';
import { CAPITALS, fold, SMALL } from '@trialroom/shared/trial/filter/fold';
import type { FilterContext } from '@trialroom/shared/trial/filter/matches';
import type { Field, Filter, Operator, Quality, Value } from '@trialroom/shared/trial/filter/types';
import { sql } from 'kysely';
import { storableText } from '../trials/storable.ts';
import { jsonAt, numberIn, ofExperiment, ranUntil, type Scope, type Sql, TEXTS, TIMES, textIn } from './scope.ts';

/** What the trials of `scope` must fulfil. */
export function conditionOf(filter: Filter, scope: Scope, context: FilterContext): Sql {
  const inner = (part: Filter): Sql => conditionOf(part, scope, context);
  switch (filter.type) {
    case 'and':
      return filter.parts.length === 0 ? sql`true` : sql`(${sql.join(filter.parts.map(inner), sql` and `)})`;
    case 'or':
      return filter.parts.length === 0 ? sql`false` : sql`(${sql.join(filter.parts.map(inner), sql` or `)})`;
    case 'not':
      return sql`(not ${inner(filter.part)})`;
    case 'is':
      return sure(qualityOf(filter.quality, context));
    case 'word':
      return sure(saying(filter.text));
    case 'within':
      return sure(anyText(filter.field, (text) => holding(text, filter.text)));
    case 'fits': {
      const expression = readExpression(storableText(filter.expression));
      return sure(anyText(filter.field, (text) => sql`(${text}) collate "C" ~ ${expression}::text`));
    }
    case 'in':
      return sql`(${sql.join(
        filter.values.map((value) => sure(comparison(filter.field, '=', value, scope, context))),
        sql` or `,
      )})`;
    case 'compare':
      return sure(comparison(filter.field, filter.operator, filter.value, scope, context));
  }
}

const sure = (condition: Sql): Sql => sql`coalesce(${condition}, false)`;

const OPERATOR: Readonly<Record<Operator, Sql>> = {
  '=': sql`=`,
  '!=': sql`<>`,
  '<': sql`<`,
  '<=': sql`<=`,
  '>': sql`>`,
  '>=': sql`>=`,
};

function comparison(field: Field, operator: Operator, value: Value, scope: Scope, { now }: FilterContext): Sql {
  if (value.type === 'none')
    return operator === '=' ? missing(field, scope, now) : sql`not ${missing(field, scope, now)}`;
  switch (field.of) {
    case 'metric':
      return ordered(scope.metric(field.key, field.reading), operator, numberOf(value));
    case 'objective':
      return ordered(scope.objective(), operator, numberOf(value));
    case 'ran':
      return ordered(ranUntil(now), operator, numberOf(value));
    case 'time':
      return ordered(TIMES[field.name], operator, value.type === 'span' ? now - value.ms : numberOf(value));
    case 'status':
      return sql`t.status ${OPERATOR[operator]} ${textOf(value)}::text`;
    case 'text':
      return sql`${TEXTS[field.name]} ${OPERATOR[operator]} ${textOf(value)}::text`;
    case 'tag': {
      const has = sql`t.tags @> to_jsonb(${textOf(value)}::text)`;
      return operator === '=' ? has : sql`jsonb_array_length(t.tags) > 0 and not ${has}`;
    }
    case 'params':
    case 'summary':
      return jsonComparison(jsonAt(field.of, field.key), operator, value);
  }
}

const numberOf = (value: Value): number =>
  value.type === 'number' ? value.value : 'ms' in value ? value.ms : Number.NaN;
const textOf = (value: Value): string => (value.type === 'text' ? storableText(value.value) : '');

/** Numbers in order. PostgreSQL holds NaN for the highest of all; here it has no place. */
function ordered(held: Sql, operator: Operator, asked: number): Sql {
  if (operator === '=' || operator === '!=') return sql`${held} ${OPERATOR[operator]} ${asked}::float8`;
  if (Number.isNaN(asked)) return sql`false`;
  return sql`(${held} ${OPERATOR[operator]} ${asked}::float8 and ${held} <> 'NaN'::float8)`;
}

function jsonComparison(json: Sql, operator: Operator, value: Value): Sql {
  if (operator !== '=' && operator !== '!=') return ordered(numberIn(json), operator, numberOf(value));
  const scalar = sql`jsonb_typeof(${json}) in ('string', 'number', 'boolean')`;
  const same =
    value.type === 'text'
      ? sql`${json} = to_jsonb(${textOf(value)}::text)`
      : value.type === 'truth'
        ? sql`${json} = to_jsonb(${value.value}::boolean)`
        : sql`coalesce(${numberIn(json)} = ${numberOf(value)}::float8, false)`;
  return operator === '=' ? same : sql`(${scalar} and not ${same})`;
}

function missing(field: Field, scope: Scope, now: number): Sql {
  switch (field.of) {
    case 'metric':
      return sql`(${scope.metric(field.key, field.reading)} is null)`;
    case 'objective':
      return sql`(${scope.objective()} is null)`;
    case 'ran':
      return sql`(${ranUntil(now)} is null)`;
    case 'time':
      return sql`(${TIMES[field.name]} is null)`;
    case 'status':
      return sql`false`;
    case 'text':
      return sql`(${TEXTS[field.name]} is null)`;
    case 'tag':
      return sql`(jsonb_array_length(t.tags) = 0)`;
    case 'params':
    case 'summary':
      return sql`(coalesce(jsonb_typeof(${jsonAt(field.of, field.key)}), 'null') in ('null', 'object', 'array'))`;
  }
}

function anyText(field: Field, condition: (text: Sql) => Sql): Sql {
  if (field.of === 'text') return condition(TEXTS[field.name]);
  if (field.of === 'params' || field.of === 'summary') return condition(textIn(jsonAt(field.of, field.key)));
  if (field.of !== 'tag') return sql`false`;
  return sql`exists (select 1 from jsonb_array_elements_text(t.tags) g(tag) where ${condition(sql`g.tag`)})`;
}

/** True where the text holds the part, in upper or lower case; see `fold`. */
function holding(text: Sql, part: string): Sql {
  const folded = fold(storableText(part));
  const ascii = sql`lower((${text}) collate "C")`;
  // No letter beyond ASCII folds into it, so that only what asks for such letters needs the table.
  const whole = /^[\0-\x7f]*$/.test(folded) ? ascii : sql`translate(${ascii}, ${CAPITALS}, ${SMALL})`;
  return sql`strpos(${whole}, ${folded}::text) > 0`;
}

function saying(word: string): Sql {
  const within = (text: Sql): Sql => holding(sql`coalesce(${text}, '')`, word);
  const parts = [TEXTS.name, TEXTS.experiment, sql`t.note`, TEXTS.reason].map(within);
  const tags = sql`exists (select 1 from jsonb_array_elements_text(t.tags) g(tag) where ${within(sql`g.tag`)})`;
  return sql`(${sql.join([...parts, tags, saidIn(sql`t.params`, word), saidIn(sql`t.summary`, word)], sql` or `)})`;
}

/** True where a key or a text anywhere in the JSON value holds the word. */
function saidIn(json: Sql, word: string): Sql {
  const within = (text: Sql): Sql => holding(text, word);
  const found = sql`exists (
    select 1 from jsonb_path_query(${json}, 'strict $.**') j(value)
    where case jsonb_typeof(j.value)
      when 'string' then ${within(sql`j.value #>> '{}'`)}
      when 'object' then exists (select 1 from jsonb_object_keys(j.value) k(key) where ${within(sql`k.key`)})
      else false end)`;
  // What JSON writes as it is must stand in the written value too: most rows need not be taken apart.
  return /["\\\p{Cc}]/u.test(word) ? found : sql`(${within(sql`${json}::text`)} and ${found})`;
}

function qualityOf(quality: Quality, { me }: FilterContext): Sql {
  switch (quality) {
    case 'starred':
      return sql`t.starred`;
    case 'archived':
      return sql`t.archived_at is not null`;
    case 'baseline':
      return sql`${ofExperiment('baseline')} = t.id`;
    case 'mine':
      return me === null ? sql`false` : sql`t."by" ->> 'id' = ${me}::text`;
    case 'live':
      return sql`t.status in ('queued', 'running', 'paused')`;
    case 'over':
      return sql`t.status not in ('queued', 'running', 'paused')`;
  }
}
