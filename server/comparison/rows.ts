/** Values of several trials side by side: flat names, what differs, and which trials differ in nothing but their seed. */
import type { Row } from '@trialroom/shared/api/comparison';
import { canonicalJson } from './canonical.ts';

/** Names of parameters that only choose the chance of a run. */
const SEED = /^(?:.*[._])?(?:random|rng|torch|np)?[_-]?(?:seed|state)$/i;

/** Deeper values stand as one text: they are data, not settings. */
const DEEPEST = 6;

/** Nested objects as flat entries, names joined by dots; arrays and what is too deep stay whole. */
export function flatten(value: Readonly<Record<string, unknown>>, prefix = '', depth = 1): [string, unknown][] {
  return Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const nested = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
    if (!nested || depth >= DEEPEST || Object.keys(inner).length === 0) return [[path, inner]];
    return flatten(inner as Record<string, unknown>, path, depth + 1);
  });
}

/** A row for every name that any of them has, in order of first appearance; null stands for those who know nothing at all. */
export function rowsOf(each: readonly (Readonly<Record<string, unknown>> | null)[]): Row[] {
  const flat = each.map((one) => (one ? new Map(flatten(one)) : null));
  const names = new Set(flat.flatMap((one) => [...(one?.keys() ?? [])]));
  return [...names].map((name) => {
    const values = flat.map((one) => (one?.has(name) ? canonicalJson(one.get(name)) : null));
    // Of those who know nothing, nothing is known to differ.
    const known = values.filter((_, at) => flat[at] !== null);
    return { name, values, differs: new Set(known).size > 1 };
  });
}

export const isSeed = (name: string): boolean => SEED.test(name);

/** Equal for trials whose parameters are equal but for the seed. */
export const groupKey = (params: Readonly<Record<string, unknown>>): string =>
  canonicalJson(Object.fromEntries(flatten(params).filter(([name]) => !isSeed(name))));

/** Names told apart: where two are equal, each gets its number among them. */
export function distinctNames(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    if (names.indexOf(name) === names.lastIndexOf(name)) return name;
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    return `${name} (${nth})`;
  });
}
