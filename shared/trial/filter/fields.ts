/** Which names mean which fields, and what each field may be compared with. One table for reading, writing and completing. */
import { TrialStatus } from '../trial.ts';
import {
  type Field,
  type Operator,
  QUALITIES,
  READINGS,
  type Reading,
  TEXT_FIELDS,
  type TextField,
  TIME_FIELDS,
  type TimeField,
  type Value,
} from './types.ts';

/** Names with a meaning of their own; every other bare name is a metric's. `since` is `started` from then on. */
export const NAMED = [...TEXT_FIELDS, ...TIME_FIELDS, 'status', 'tag', 'ran', 'objective', 'is', 'since'] as const;

const isOneOf = <T extends string>(names: readonly T[], name: string): name is T => names.some((one) => one === name);

/** The field that a name means where it stands bare, not in quotes. */
export function fieldNamed(name: string): Field | null {
  const lower = name.toLowerCase();
  if (isOneOf<TextField>(TEXT_FIELDS, lower)) return { of: 'text', name: lower };
  if (isOneOf<TimeField>(TIME_FIELDS, lower)) return { of: 'time', name: lower };
  if (lower === 'status' || lower === 'tag' || lower === 'ran' || lower === 'objective') return { of: lower };
  const [, group, key] = /^(params|summary|metrics)\.(.+)$/.exec(name) ?? [];
  if (key === undefined) return null;
  if (group === 'metrics') return { of: 'metric', key, reading: 'last' };
  return { of: group === 'params' ? 'params' : 'summary', key };
}

export const isReading = (name: string): name is Reading => isOneOf<Reading>(READINGS, name);
export const isQuality = (name: string): name is (typeof QUALITIES)[number] => isOneOf(QUALITIES, name);

/** What a field holds: decides what it may be compared with, and how. */
export type Kind = 'number' | 'any' | 'text' | 'status' | 'tag' | 'time' | 'span';

export function kindOf(field: Field): Kind {
  switch (field.of) {
    case 'metric':
    case 'objective':
      return 'number';
    case 'params':
    case 'summary':
      return 'any';
    case 'ran':
      return 'span';
    default:
      return field.of;
  }
}

/** How texts of this field are looked into by `:`; others are compared with `=`. */
export const looksWithin = (field: Field): boolean => field.of === 'text' && field.name !== 'id';

/** What may stand after an operator of this field, in words; null when the value may. */
export function unfit(field: Field, operator: Operator, value: Value): { expected: string; fix: string } | null {
  const kind = kindOf(field);
  const equal = operator === '=' || operator === '!=';
  if (value.type === 'none') {
    return equal && kind !== 'status' ? null : { expected: 'a value', fix: 'ask with = none or != none' };
  }
  if (!equal && (kind === 'text' || kind === 'status' || kind === 'tag')) {
    return { expected: '=, !=, in or ~', fix: 'only numbers, times and lengths of time have an order' };
  }
  switch (kind) {
    case 'number':
      return value.type === 'number' ? null : { expected: 'a number', fix: 'write a number, NaN, inf, -inf or none' };
    case 'any':
      if (!equal)
        return value.type === 'number' ? null : { expected: 'a number', fix: 'texts are compared with = and ~' };
      return value.type === 'number' || value.type === 'text' || value.type === 'truth'
        ? null
        : { expected: 'a number, a text, true or false', fix: 'put a text in quotes' };
    case 'time':
      return value.type === 'span' || value.type === 'instant'
        ? null
        : { expected: 'a time', fix: 'write a day such as 2026-11-01, or how long ago, such as 7d' };
    case 'span':
      return value.type === 'span' ? null : { expected: 'a length of time', fix: 'write it as 90s, 20m, 2h or 7d' };
    case 'status':
      return value.type === 'text' && TrialStatus.options.some((status) => status === value.value)
        ? null
        : { expected: TrialStatus.options.join(', '), fix: nearest(value.type === 'text' ? value.value : '') };
    default:
      return value.type === 'text' ? null : { expected: 'a text', fix: 'put it in quotes' };
  }
}

function nearest(typed: string): string {
  const found = TrialStatus.options.find((status) => status.startsWith(typed.slice(0, 3).toLowerCase()));
  return found && typed !== '' ? `write ${found}` : 'write one of these';
}
