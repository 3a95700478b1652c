/** Rows grouped by equal values, and what is worked out for each group. */

import type { KindOf, NameOf, RowOf, Schema } from './column.ts';
import { type Column, isMissing, takeRows, type Value, valueAt } from './column.ts';
import { inferColumn } from './infer.ts';
import { quantile } from './quantile.ts';
import { Table } from './table.ts';

/** What is worked out of the numbers of a column; missing ones do not count. */
export type Aggregate =
  | 'mean'
  | 'sum'
  | 'min'
  | 'max'
  | 'median'
  | 'deviation'
  | 'count'
  | 'distinct'
  | 'first'
  | 'last';

/** How to get at one value for each group: a column and what to do with it, or a function of the group's rows. */
export type Aggregation<S extends Schema> = readonly [NameOf<S>, Aggregate] | ((rows: Table<S>) => Value);

type KindOfAggregation<S extends Schema, A> = A extends readonly [infer N extends NameOf<S>, infer F]
  ? F extends 'first' | 'last' | 'min' | 'max'
    ? S[N]
    : 'float64' | 'int32'
  : A extends (rows: Table<S>) => infer R
    ? KindOf<R>
    : never;

type Simplify<T> = { [K in keyof T]: T[K] };

/** Made by `table.groupBy`. */
export class GroupedTable<S extends Schema, N extends NameOf<S>> {
  readonly #table: Table<S>;
  readonly #names: readonly N[];
  readonly #groups: readonly Int32Array[];

  constructor(table: Table<S>, names: readonly N[]) {
    this.#table = table;
    this.#names = names;
    this.#groups = groupsOf(
      names.map((name) => table.column(name)),
      table.length,
    );
  }

  /** Number of groups. */
  get length(): number {
    return this.#groups.length;
  }

  /** Each group's values and rows, in the order in which they first appear. */
  *[Symbol.iterator](): Generator<{ key: Pick<RowOf<S>, N>; rows: Table<S> }, void> {
    const keys = this.#keys();
    for (const [index, rows] of this.#groups.entries()) yield { key: keys.row(index), rows: this.#table.take(rows) };
  }

  /** How many rows each group has. */
  count(): Table<Simplify<Pick<S, N> & { count: 'int32' }>> {
    const count: Column = { kind: 'int32', values: Int32Array.from(this.#groups, ({ length }) => length) };
    return new Table({ ...this.#keyColumns(), count }, this.#table.sources);
  }

  /**
   * A row for each group.
   * @example table.groupBy('species').aggregate({ mean: ['petalLength', 'mean'], flowers: (rows) => rows.length })
   */
  aggregate<const A extends Readonly<Record<string, Aggregation<S>>>>(
    aggregations: A,
  ): Table<Simplify<Pick<S, N> & { [K in keyof A]: KindOfAggregation<S, A[K]> }>> {
    const made = Object.entries(aggregations).map(([name, how]) => {
      const values = this.#groups.map((rows) =>
        typeof how === 'function' ? how(this.#table.take(rows)) : aggregate(this.#table.column(how[0]), rows, how),
      );
      return [name, inferColumn(values, name)] as const;
    });
    return new Table({ ...this.#keyColumns(), ...Object.fromEntries(made) }, this.#table.sources);
  }

  #keyColumns(): Record<string, Column> {
    const first = Int32Array.from(this.#groups, ([row = 0]) => row);
    return Object.fromEntries(this.#names.map((name) => [name, takeRows(this.#table.column(name), first)]));
  }

  #keys(): Table<Pick<S, N>> {
    return new Table(this.#keyColumns());
  }
}

function groupsOf(columns: readonly Column[], length: number): Int32Array[] {
  const groups = new Map<string, number[]>();
  for (let row = 0; row < length; row++) {
    const key = JSON.stringify(columns.map((column) => (isMissing(column, row) ? null : valueAt(column, row))));
    const rows = groups.get(key);
    if (rows) rows.push(row);
    else groups.set(key, [row]);
  }
  return Array.from(groups.values(), (rows) => Int32Array.from(rows));
}

function aggregate(column: Column, rows: Int32Array, [name, how]: readonly [string, Aggregate]): Value {
  const present = rows.filter((row) => !isMissing(column, row));
  const value = (row: number | undefined): Value => (row === undefined ? null : valueAt(column, row));
  switch (how) {
    case 'count':
      return present.length;
    case 'first':
      return value(present[0]);
    case 'last':
      return value(present.at(-1));
    case 'distinct':
      return new Set(Array.from(present, (row) => String(value(row)))).size;
    case 'min':
    case 'max':
      return extreme(column, present, how);
  }
  if (column.kind === 'string' || column.kind === 'categorical' || column.kind === 'date') {
    throw new TypeError(
      `aggregate(): "${name}" holds ${column.kind === 'date' ? 'dates' : 'texts'}, which have no ${how}`,
    );
  }
  const numbers = Float64Array.from(present, (row) => Number(value(row)));
  const sum = numbers.reduce((total, number) => total + number, 0);
  if (how === 'sum') return sum;
  const mean = sum / numbers.length;
  if (how === 'mean') return mean;
  if (how === 'median') return quantile(numbers.sort(), 0.5);
  const squares = numbers.reduce((total, number) => total + (number - mean) ** 2, 0);
  return numbers.length > 1 ? Math.sqrt(squares / (numbers.length - 1)) : Number.NaN;
}

function extreme(column: Column, rows: Int32Array, how: 'min' | 'max'): Value {
  let best: Value = null;
  for (const row of rows) {
    const value = valueAt(column, row);
    if (value !== null && (best === null || (how === 'min' ? value < best : value > best))) best = value;
  }
  return best;
}
