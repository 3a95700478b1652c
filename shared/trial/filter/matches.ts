/** Filters applied in memory, to rows that change under the reader's eyes. What they mean stands in `types.ts`. */
import { isOver, type Trial } from '../trial.ts';
import { toRegExp } from './expression.ts';
import { holds } from './fold.ts';
import type { Field, Filter, Operator, Quality, Value } from './types.ts';

/** A metric of a trial in figures; `min` and `max` are of finite values, null when there are none. */
export interface MetricTotals {
  last: number;
  lastStep: number;
  min: number | null;
  max: number | null;
  count: number;
}

/** What filters look at. */
export interface FilterRow {
  trial: Trial;
  metrics: Readonly<Record<string, MetricTotals>>;
  /** It is what its experiment's trials are measured against. */
  baseline: boolean;
}

/** Who asks, and when (ms since the epoch). */
export interface FilterContext {
  now: number;
  me: string | null;
}

export function matches(filter: Filter, row: FilterRow, context: FilterContext): boolean {
  switch (filter.type) {
    case 'and':
      return filter.parts.every((part) => matches(part, row, context));
    case 'or':
      return filter.parts.some((part) => matches(part, row, context));
    case 'not':
      return !matches(filter.part, row, context);
    case 'is':
      return hasQuality(filter.quality, row, context);
    case 'word':
      return textsOf(row.trial).some((text) => holds(text, filter.text));
    case 'within':
      return heldBy(filter.field, row, context).some((held) => typeof held === 'string' && holds(held, filter.text));
    case 'fits': {
      const expression = toRegExp(filter.expression);
      return heldBy(filter.field, row, context).some((held) => typeof held === 'string' && expression.test(held));
    }
    case 'in':
      return filter.values.some((value) => compare(filter.field, '=', value, row, context));
    case 'compare':
      return compare(filter.field, filter.operator, filter.value, row, context);
  }
}

function compare(field: Field, operator: Operator, value: Value, row: FilterRow, context: FilterContext): boolean {
  const held = heldBy(field, row, context);
  if (value.type === 'none') return (held.length === 0) === (operator === '=');
  const asked = askedFor(field, value, context);
  // A trial has many tags: it differs from one when none of them is it.
  if (field.of === 'tag') return operator === '=' ? held.includes(asked) : held.length > 0 && !held.includes(asked);
  const [only] = held;
  if (only === undefined) return false;
  const same = only === asked || (Number.isNaN(only) && Number.isNaN(asked));
  if (operator === '=') return same;
  if (operator === '!=') return !same;
  if (typeof only !== 'number' || typeof asked !== 'number') return false;
  if (operator === '<') return only < asked;
  if (operator === '<=') return only <= asked;
  return operator === '>' ? only > asked : only >= asked;
}

type Held = string | number | boolean;

function askedFor(field: Field, value: Exclude<Value, { type: 'none' }>, { now }: FilterContext): Held {
  if (value.type === 'span') return field.of === 'ran' ? value.ms : now - value.ms;
  return value.type === 'instant' ? value.ms : value.value;
}

/** What the trial holds there: nothing, one value, or all its tags. */
function heldBy(field: Field, row: FilterRow, context: FilterContext): Held[] {
  const { trial } = row;
  switch (field.of) {
    case 'metric':
      return given(readingOf(row, field.key, field.reading));
    case 'objective':
      return given(trial.objective ? row.metrics[trial.objective.key]?.last : undefined);
    case 'params':
    case 'summary':
      return given(scalar(valueAt(trial[field.of], field.key)));
    case 'text':
      return given(textOf(trial, field.name));
    case 'status':
      return [trial.status];
    case 'tag':
      return trial.tags;
    case 'time':
      return given(trial[`${field.name}At`] ?? undefined);
    case 'ran':
      return given(trial.startedAt === null ? undefined : (trial.endedAt ?? context.now) - trial.startedAt);
  }
}

const given = (held: Held | undefined): Held[] => (held === undefined ? [] : [held]);

/** Metrics whose lower values are better, as their names say it. */
export const isLossLike = (key: string): boolean =>
  /loss|error|perplexity|(^|[^a-z])(mse|mae|rmse|nll)([^a-z]|$)/i.test(key);

/** True when lower values of this metric are better: the trial's own objective decides, else the name. */
export const lowerIsBetter = (key: string, objective: Trial['objective']): boolean =>
  objective?.key === key ? objective.direction === 'minimise' : isLossLike(key);

function readingOf({ trial, metrics }: FilterRow, key: string, reading: string): number | undefined {
  const totals = Object.hasOwn(metrics, key) ? metrics[key] : undefined;
  if (!totals) return undefined;
  switch (reading) {
    case 'min':
      return totals.min ?? undefined;
    case 'max':
      return totals.max ?? undefined;
    case 'best':
      return (lowerIsBetter(key, trial.objective) ? totals.min : totals.max) ?? undefined;
    case 'count':
      return totals.count;
    default:
      return totals.last;
  }
}

function textOf(trial: Trial, name: string): string | undefined {
  switch (name) {
    case 'by':
      return trial.by?.name;
    case 'notebook':
      return trial.notebook?.path;
    case 'note':
      return trial.note === '' ? undefined : trial.note;
    case 'experiment':
    case 'name':
    case 'id':
      return trial[name];
    default:
      return (name === 'backend' ? trial.backend : trial.reason) ?? undefined;
  }
}

/** The value of this key, or where the key's dots lead. */
export function valueAt(record: Readonly<Record<string, unknown>>, key: string): unknown {
  if (Object.hasOwn(record, key)) return record[key];
  let at: unknown = record;
  for (const part of key.split('.')) {
    if (Array.isArray(at)) at = /^-?\d{1,9}$/.test(part) ? at.at(Number(part)) : undefined;
    else
      at =
        typeof at === 'object' && at !== null && Object.hasOwn(at, part)
          ? (at as Record<string, unknown>)[part]
          : undefined;
  }
  return at;
}

const scalar = (value: unknown): Held | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;

function hasQuality(quality: Quality, { trial, baseline }: FilterRow, { me }: FilterContext): boolean {
  switch (quality) {
    case 'starred':
      return trial.starred;
    case 'archived':
      return trial.archivedAt !== null;
    case 'baseline':
      return baseline;
    case 'mine':
      return me !== null && trial.by?.id === me;
    case 'live':
      return !isOver(trial.status);
    case 'over':
      return isOver(trial.status);
  }
}

function textsOf(trial: Trial): string[] {
  const { name, experiment, note, reason, tags } = trial;
  return [name, experiment, note, reason ?? '', ...tags, ...saidIn(trial.params), ...saidIn(trial.summary)];
}

/** Every key and text in a JSON value. */
function saidIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(saidIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...saidIn(inner)]);
}
