/** Rows as objects. */
import { type Column, type RowOf, type Schema, valueAt } from './column.ts';

/** A function that gives the row of a number. The columns must be those of the schema. */
export function rowReader<S extends Schema>(columns: Readonly<Record<string, Column>>): (row: number) => RowOf<S>;
export function rowReader(columns: Readonly<Record<string, Column>>): (row: number) => object {
  const entries = Object.entries(columns);
  return (row) => Object.fromEntries(entries.map(([name, column]) => [name, valueAt(column, row)]));
}
