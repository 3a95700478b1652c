/** What columns that stand side by side have in common. */
import type { Column, Schema } from './column.ts';

/**
 * How many values each of them has.
 * @throws RangeError when they differ in length
 */
export function lengthOf(columns: Readonly<Record<string, Column>>): number {
  const lengths = Object.entries(columns).map(([name, { values }]) => [name, values.length] as const);
  const [first] = lengths;
  const other = lengths.find(([, length]) => length !== first?.[1]);
  if (first && other) {
    throw new RangeError(`column "${other[0]}" has ${other[1]} values, "${first[0]}" has ${first[1]}`);
  }
  return first?.[1] ?? 0;
}

/** Kinds of columns, which must be those that the caller says. */
export function schemaOf<S extends Schema>(columns: Readonly<Record<string, Column>>): S;
export function schemaOf(columns: Readonly<Record<string, Column>>): Schema {
  return Object.fromEntries(Object.entries(columns).map(([name, { kind }]) => [name, kind]));
}
