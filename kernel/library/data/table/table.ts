/**
 * Tables: named columns of one kind each. A table never changes; every method gives another one, which shares the columns
 * that stay as they are.
 */
import { DISPLAY } from '../../../display/bundle.ts';
import { randomOf, range, shuffle } from '../dataset/chance.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { named, type Tensors } from '../dataset/dataset.ts';
import { hashPlan } from '../dataset/hash.ts';
import { foldNumbers, splitNumbers } from '../dataset/split.ts';
import { Encoder } from '../encode/encoder.ts';
import { checkColumn, type EncodeOptions, learnEncoding } from '../encode/learn.ts';
import { type CsvWriteOptions, csvText } from '../formats/csv/write.ts';
import type { SourceFile } from '../origin/origin.ts';
import { castColumn } from './cast.ts';
import {
  type Column,
  isMissing,
  type Kind,
  type KindOf,
  type NameOf,
  type RowOf,
  type Schema,
  takeRows,
  type Value,
  valueAt,
} from './column.ts';
import { lengthOf, schemaOf } from './columns.ts';
import { concatRows } from './concat.ts';
import { countsOf, describeColumns, factsOf } from './describe.ts';
import { type Fill, filledColumn } from './fill.ts';
import { GroupedTable } from './group.ts';
import { columnOf } from './infer.ts';
import { type JoinOptions, joinRows } from './join.ts';
import { rowReader } from './row.ts';
import { shown } from './show.ts';
import { type SortKey, sortedRows } from './sort.ts';
import { splitKeys, type TableSplitOptions } from './split-keys.ts';

/** A function of a row. */
export type RowFunction<S extends Schema, T> = (row: RowOf<S>, index: number) => T;

type Simplify<T> = { [K in keyof T]: T[K] };

/** Rows and columns. */
export class Table<S extends Schema = Schema> implements Iterable<RowOf<S>> {
  readonly #columns: Readonly<Record<string, Column>>;
  /** Number of rows. */
  readonly length: number;
  /** Files that it was read from. */
  readonly sources: readonly SourceFile[];

  /** @throws RangeError when columns differ in length */
  constructor(columns: Readonly<Record<string, Column>>, sources: readonly SourceFile[] = []) {
    this.length = lengthOf(columns);
    this.#columns = columns;
    this.schema = schemaOf<S>(columns);
    this.sources = sources;
  }

  /** Names of the columns, in order. */
  get columns(): NameOf<S>[] {
    return Object.keys(this.#columns);
  }

  /** What each column holds. Given back as `{ schema }` when the file is read again, it makes names and types known. */
  readonly schema: S;

  /** A column as it is stored. @throws DataError when there is none of that name */
  column(name: NameOf<S>): Column {
    checkColumn(this.schema, name);
    const column = this.#columns[name];
    if (!column) throw new RangeError(name);
    return column;
  }

  /** All values of a column; missing ones are null, or NaN among numbers. */
  values<N extends NameOf<S>>(name: N): RowOf<S>[N][];
  values(name: NameOf<S>): Value[] {
    const column = this.column(name);
    return Array.from({ length: this.length }, (_, row) => valueAt(column, row));
  }

  /** One row. @throws RangeError when there is none of that number (from 0; -1 is the last) */
  row(index: number): RowOf<S> {
    const at = index < 0 ? this.length + index : index;
    if (!Number.isInteger(at) || at < 0 || at >= this.length) {
      throw new RangeError(`row(${index}): there are ${this.length} rows, from 0 on`);
    }
    return this.#reader()(at);
  }

  *[Symbol.iterator](): Generator<RowOf<S>, void> {
    const read = this.#reader();
    for (let row = 0; row < this.length; row++) yield read(row);
  }

  /** All rows as objects. */
  toRecords(): RowOf<S>[] {
    return [...this];
  }

  /** Only these columns, in this order. */
  select<const N extends NameOf<S>>(...names: readonly N[]): Table<Pick<S, N>> {
    return this.#with(Object.fromEntries(names.map((name) => [name, this.column(name)])));
  }

  /** All columns but these. */
  drop<const N extends NameOf<S>>(...names: readonly N[]): Table<Omit<S, N>> {
    for (const name of names) checkColumn(this.schema, name);
    const left = Object.entries(this.#columns).filter(([name]) => !names.some((dropped) => dropped === name));
    return this.#with(Object.fromEntries(left));
  }

  /** Other names for columns: `{ old: 'new' }`. */
  rename<const R extends Partial<Record<NameOf<S>, string>>>(
    names: R,
  ): Table<{ [N in keyof S as N extends keyof R ? R[N] & string : N]: S[N] }> {
    const to: Readonly<Record<string, string | undefined>> = names;
    for (const name of Object.keys(to)) checkColumn(this.schema, name);
    const renamed = Object.entries(this.#columns).map(([name, column]) => [to[name] ?? name, column] as const);
    if (new Set(renamed.map(([name]) => name)).size < renamed.length) {
      throw new RangeError(`rename(${JSON.stringify(names)}): two columns would have the same name`);
    }
    return this.#with(Object.fromEntries(renamed));
  }

  /** The rows for which the function is true. */
  filter(keep: RowFunction<S, boolean>): Table<S> {
    const read = this.#reader();
    return this.take(range(this.length).filter((row) => keep(read(row), row)));
  }

  /** More columns, or others in place of those of the same name, each a function of the row. */
  derive<const D extends Readonly<Record<string, RowFunction<S, Value | undefined>>>>(
    columns: D,
  ): Table<Simplify<Omit<S, keyof D> & { [N in keyof D]: KindOf<ReturnType<D[N]>> }>> {
    const read = this.#reader();
    const rows = range(this.length);
    const made = Object.entries(columns).map(([name, value]) => {
      const values = Array.from(rows, (row) => value(read(row), row));
      // A text that is derived row by row is what the types say: text.
      return [name, columnOf(values, name)] as const;
    });
    return this.#with({ ...this.#columns, ...Object.fromEntries(made) });
  }

  /** Other kinds for columns. @throws DataError when a value does not fit, with its row */
  cast<const C extends Partial<Record<NameOf<S>, Kind>>>(kinds: C): Table<Simplify<Omit<S, keyof C> & C & Schema>> {
    const made = Object.entries<Kind | undefined>(kinds).map(([name, kind]) => {
      const column = this.column(name);
      return [name, kind ? castColumn(column, name, kind) : column] as const;
    });
    return this.#with({ ...this.#columns, ...Object.fromEntries(made) });
  }

  /** Rows in the order of columns; `-name` or `{ by, descending }` for the other way round. Missing values come last. */
  sort(...keys: readonly SortKey<NameOf<S>>[]): Table<S> {
    return this.take(sortedRows(this, keys));
  }

  /** Rows of these numbers, in this order. */
  take(rows: ArrayLike<number>): Table<S> {
    const numbers = Int32Array.from(rows);
    const wrong = numbers.find((row) => row < 0 || row >= this.length);
    if (wrong !== undefined) throw new RangeError(`take(): there is no row ${wrong}; there are ${this.length}`);
    return this.#with(
      Object.fromEntries(Object.entries(this.#columns).map(([name, column]) => [name, takeRows(column, numbers)])),
    );
  }

  /** Rows from `start` to below `end`; negative numbers count from the end. */
  slice(start = 0, end = this.length): Table<S> {
    return this.take(range(this.length).subarray(start, end));
  }

  /** The first rows. */
  head(count = 10): Table<S> {
    return this.slice(0, count);
  }

  /** The last rows. */
  tail(count = 10): Table<S> {
    return this.slice(Math.max(0, this.length - count));
  }

  /** So many rows drawn by chance, none twice, in the order of the table. */
  sample(count: number, options: { seed?: number } = {}): Table<S> {
    const drawn = shuffle(range(this.length), randomOf(options.seed ?? 0)).subarray(0, count);
    return this.take(drawn.sort());
  }

  /** Rows in which these columns (or any) miss nothing. */
  dropMissing(...names: readonly NameOf<S>[]): Table<S> {
    const columns = (names.length > 0 ? names : this.columns).map((name) => this.column(name));
    return this.take(range(this.length).filter((row) => !columns.some((column) => isMissing(column, row))));
  }

  /** Values in place of missing ones; `mean` and `median` of the others for numbers, `mode` for the most frequent. */
  fillMissing(values: Partial<Record<NameOf<S>, Value | Fill>>): Table<S> {
    const made = Object.entries<Value | Fill | undefined>(values).map(
      ([name, value]) => [name, filledColumn(this.column(name), name, value ?? null)] as const,
    );
    return this.#with({ ...this.#columns, ...Object.fromEntries(made) });
  }

  /** Rows grouped by equal values of columns, to be counted and summed up. */
  groupBy<const N extends NameOf<S>>(...names: readonly N[]): GroupedTable<S, N> {
    return new GroupedTable<S, N>(this, names);
  }

  /**
   * Each row with the rows of another table that have the same values in the columns `on`. Columns of the other table
   * whose names are taken get `_right` behind them.
   */
  join<R extends Schema, const N extends NameOf<S> & NameOf<R>>(
    other: Table<R>,
    options: JoinOptions<N>,
  ): Table<Simplify<S & Omit<R, N | keyof S>>> {
    return new Table(joinRows(this, other, options), [...this.sources, ...other.sources]);
  }

  /** The rows of both tables, one below the other. @throws DataError when columns differ */
  concat(other: Table<S>): Table<S> {
    return new Table(concatRows(this, other), [...this.sources, ...other.sources]);
  }

  /** How often each value of a column occurs, the most frequent first. */
  counts(name: NameOf<S>): Table<{ value: 'string'; count: 'int32'; share: 'float64' }> {
    return new Table(countsOf(this.column(name)));
  }

  /** A row for each column: kind, missing values, mean, deviation, quartiles, distinct values. */
  describe(): Table {
    return new Table(describeColumns(this));
  }

  /** Divides the rows into named parts; see {@link Dataset.split}. */
  split<const P extends Readonly<Record<string, number>>>(
    parts: P,
    options: TableSplitOptions<S> = {},
  ): { [Name in keyof P]: Table<S> } {
    return named(
      parts,
      splitNumbers(this.length, parts, splitKeys(this, options)).map((rows) => this.take(rows)),
    );
  }

  /** k pairs of training and validation rows; see {@link Dataset.kFold}. */
  kFold(folds: number, options: TableSplitOptions<S> = {}): { train: Table<S>; validation: Table<S> }[] {
    return foldNumbers(this.length, folds, splitKeys(this, options)).map(({ train, validation }) => ({
      train: this.take(train),
      validation: this.take(validation),
    }));
  }

  /**
   * Learns from this table how its columns become numbers. Learn it from the training rows only, and use it for all.
   * @throws DataError when a column has no numeric form, or the target has only one class
   * @example const encoder = train.encoder({ target: 'species' }); encoder.dataset(train); encoder.dataset(test);
   */
  encoder(options: EncodeOptions<NameOf<S>>): Encoder {
    return new Encoder(learnEncoding(this.schema, options, (name) => factsOf(this.column(name))));
  }

  /** A data set of all rows: short for `table.encoder(options).dataset(table)`. */
  dataset(options: EncodeOptions<NameOf<S>>): Dataset {
    return this.encoder(options).dataset(this);
  }

  /** All rows as tensors: short for `table.dataset(options).tensors()`. */
  toTensors(options: EncodeOptions<NameOf<S>>): Promise<Tensors> {
    return this.dataset(options).tensors();
  }

  /** The table as text of separated values; missing ones are empty. */
  toCsv(options: CsvWriteOptions = {}): string {
    return csvText(this, options);
  }

  /** SHA-256, in hex, of names, kinds and values. */
  hash(): Promise<string> {
    return hashPlan(Object.entries(this.#columns));
  }

  [DISPLAY](): Record<string, unknown> {
    return shown(this);
  }

  #reader(): (row: number) => RowOf<S> {
    return rowReader<S>(this.#columns);
  }

  #with<T extends Schema>(columns: Readonly<Record<string, Column>>): Table<T> {
    return new Table<T>(columns, this.sources);
  }
}
