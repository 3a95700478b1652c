/**
 * Filters of trials as data: what the query line says, once it is read. `parse.ts` reads them, `print.ts` writes them,
 * `matches.ts` applies them in memory, and the server turns them into SQL. All four agree on what follows.
 *
 * Missing and odd values: a trial that lacks a value fits no comparison with it, neither `=` nor `!=`; `not (…)` is the
 * exact opposite of what it holds, so it fits. `= none` asks for those that lack it, `!= none` for those that have it.
 * NaN equals NaN only, differs from everything else, and is neither below nor above anything.
 * Texts are compared exactly by `=` and within by `~` and `:`, where upper and lower case are the same.
 */

/** What of a metric's points: the newest value, the lowest or highest finite one, the better of these two, how many there are. */
export const READINGS = ['last', 'min', 'max', 'best', 'count'] as const;
export type Reading = (typeof READINGS)[number];

/** Fields that are text. `by` is the name of the person, `notebook` the path. */
export const TEXT_FIELDS = ['name', 'experiment', 'by', 'note', 'notebook', 'backend', 'reason', 'id'] as const;
export type TextField = (typeof TEXT_FIELDS)[number];

export const TIME_FIELDS = ['created', 'started', 'ended'] as const;
export type TimeField = (typeof TIME_FIELDS)[number];

/** What `is:…` may ask. `live` is queued, running or paused; `over` is the rest; `mine` was started by who asks. */
export const QUALITIES = ['starred', 'archived', 'baseline', 'mine', 'live', 'over'] as const;
export type Quality = (typeof QUALITIES)[number];

export type Field =
  | { of: 'metric'; key: string; reading: Reading }
  /** The newest value of the metric that the trial itself is judged by. */
  | { of: 'objective' }
  /** A value by its key; where no key is called so, dots lead into objects and lists. */
  | { of: 'params' | 'summary'; key: string }
  | { of: 'text'; name: TextField }
  | { of: 'status' }
  | { of: 'tag' }
  | { of: 'time'; name: TimeField }
  /** How long it ran, in ms; until now while it runs. */
  | { of: 'ran' };

export type Value =
  | { type: 'number'; value: number }
  | { type: 'text'; value: string }
  | { type: 'truth'; value: boolean }
  | { type: 'none' }
  /** A length of time, in ms; as a point in time: so long ago. */
  | { type: 'span'; ms: number }
  /** A point in time, in ms since the epoch. Days begin at midnight UTC. */
  | { type: 'instant'; ms: number };

export const OPERATORS = ['=', '!=', '<', '<=', '>', '>='] as const;
export type Operator = (typeof OPERATORS)[number];

export type Filter =
  /** No part: everything fits. */
  | { type: 'and'; parts: Filter[] }
  /** No part: nothing fits. */
  | { type: 'or'; parts: Filter[] }
  | { type: 'not'; part: Filter }
  | { type: 'compare'; field: Field; operator: Operator; value: Value }
  | { type: 'in'; field: Field; values: Value[] }
  /** The text holds this, in upper or lower case. */
  | { type: 'within'; field: Field; text: string }
  /** The text fits the expression somewhere; see `expression.ts` for what one may hold. */
  | { type: 'fits'; field: Field; expression: string }
  | { type: 'is'; quality: Quality }
  /** Said somewhere: in name, experiment, note, reason, a tag, or a key or text of parameters and summary. */
  | { type: 'word'; text: string };

export const EVERYTHING: Filter = { type: 'and', parts: [] };

/** All of these; what is itself an `and` is taken apart. */
export const both = (...parts: Filter[]): Filter => joined('and', parts);
/** One of these at least; what is itself an `or` is taken apart. */
export const either = (...parts: Filter[]): Filter => joined('or', parts);

function joined(type: 'and' | 'or', parts: readonly Filter[]): Filter {
  const flat = parts.flatMap((part) => (part.type === type ? part.parts : [part]));
  const [only] = flat;
  return flat.length === 1 && only ? only : { type, parts: flat };
}

/** Every part of a filter that holds no other, in order. */
export function leavesOf(filter: Filter): Filter[] {
  if (filter.type === 'and' || filter.type === 'or') return filter.parts.flatMap(leavesOf);
  return filter.type === 'not' ? leavesOf(filter.part) : [filter];
}

/** Why a filter cannot be read: where in the text (UTF-16 units), what was found, what was expected, and what to write instead. */
export interface FilterProblem {
  from: number;
  to: number;
  message: string;
  expected: string;
  fix: string;
}
