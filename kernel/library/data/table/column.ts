/** Columns of a table: values of one kind in one array, with a sign for what is missing. */
import type { SourceFile } from '../origin/origin.ts';

/** What a column can hold. */
export const KINDS = ['float64', 'float32', 'int32', 'bool', 'string', 'categorical', 'date'] as const;
/** What a column holds. Whole numbers have no sign for "missing"; numbers with missing ones are floats. */
export type Kind = (typeof KINDS)[number];

/** Kinds of columns by their names. */
export type Schema = Readonly<Record<string, Kind>>;

/** The values of a column, as they are stored. */
export type Column =
  /** NaN: missing. */
  | { kind: 'float64'; values: Float64Array }
  | { kind: 'float32'; values: Float32Array }
  | { kind: 'int32'; values: Int32Array }
  /** 0, 1, or 2: missing. */
  | { kind: 'bool'; values: Uint8Array }
  | { kind: 'string'; values: readonly (string | null)[] }
  /** Numbers of categories; -1: missing. */
  | { kind: 'categorical'; values: Int32Array; categories: readonly string[] }
  /** Milliseconds since 1970 in UTC; NaN: missing. */
  | { kind: 'date'; values: Float64Array };

/** A column of one kind. */
export type ColumnOf<K extends Kind> = Extract<Column, { kind: K }>;

/** What a row holds of a column of each kind. */
export interface ValueOf {
  float64: number;
  float32: number;
  int32: number;
  bool: boolean | null;
  string: string | null;
  categorical: string | null;
  date: Date | null;
}

/** Whatever can be in a row. */
export type Value = number | boolean | string | Date | null;

/** A row of a table with this schema. */
export type RowOf<S extends Schema> = { readonly [Name in keyof S]: ValueOf[S[Name]] };

/** The value in a row; missing ones are null, or NaN among numbers. */
export function valueAt(column: Column, row: number): Value {
  switch (column.kind) {
    case 'float64':
    case 'float32':
    case 'int32':
      return column.values[row] ?? Number.NaN;
    case 'bool': {
      const value = column.values[row];
      return value === 2 || value === undefined ? null : value === 1;
    }
    case 'string':
      return column.values[row] ?? null;
    case 'categorical':
      return column.categories[column.values[row] ?? -1] ?? null;
    case 'date': {
      const time = column.values[row] ?? Number.NaN;
      return Number.isNaN(time) ? null : new Date(time);
    }
  }
}

/** What can be asked of any table, whatever its columns are. */
export interface TableView {
  readonly length: number;
  readonly columns: readonly string[];
  readonly schema: Schema;
  readonly sources: readonly SourceFile[];
  column(name: string): Column;
}

/** True where nothing is known. */
export function isMissing(column: Column, row: number): boolean {
  switch (column.kind) {
    case 'float64':
    case 'float32':
    case 'date':
      return Number.isNaN(column.values[row]);
    case 'int32':
      return false;
    case 'bool':
      return column.values[row] === 2;
    case 'string':
      return column.values[row] === null;
    case 'categorical':
      return column.values[row] === -1;
  }
}

/** How many values are missing. */
export function missingIn(column: Column): number {
  let missing = 0;
  for (let row = 0; row < column.values.length; row++) if (isMissing(column, row)) missing++;
  return missing;
}

/** True for kinds that one can calculate with. */
export const isNumeric = (column: Column): column is ColumnOf<'float64' | 'float32' | 'int32'> =>
  column.kind === 'float64' || column.kind === 'float32' || column.kind === 'int32';

/** The rows with these numbers, in this order. */
export function takeRows(column: Column, rows: Int32Array): Column {
  switch (column.kind) {
    case 'float64':
    case 'date':
      return { kind: column.kind, values: gather(column.values, rows, new Float64Array(rows.length)) };
    case 'float32':
      return { kind: column.kind, values: gather(column.values, rows, new Float32Array(rows.length)) };
    case 'int32':
      return { kind: column.kind, values: gather(column.values, rows, new Int32Array(rows.length)) };
    case 'bool':
      return { kind: column.kind, values: gather(column.values, rows, new Uint8Array(rows.length)) };
    case 'categorical':
      return { ...column, values: gather(column.values, rows, new Int32Array(rows.length)) };
    case 'string':
      return { kind: column.kind, values: Array.from(rows, (row) => column.values[row] ?? null) };
  }
}

function gather<T extends Float64Array | Float32Array | Int32Array | Uint8Array>(from: T, rows: Int32Array, to: T): T {
  for (let index = 0; index < rows.length; index++) to[index] = from[rows[index] ?? 0] ?? 0;
  return to;
}

/** Texts as numbers of categories, which are in the order of the alphabet. */
export function categorise(texts: readonly (string | null)[]): ColumnOf<'categorical'> {
  const categories = [...new Set(texts)].filter((text) => text !== null).sort();
  const numbers = new Map(categories.map((text, number) => [text, number]));
  return {
    kind: 'categorical',
    categories,
    values: Int32Array.from(texts, (text) => (text === null ? -1 : (numbers.get(text) ?? -1))),
  };
}

/** Most categories that texts are taken for on their own. */
const MOST_CATEGORIES = 100;

/** Different texts up to which so many are categories. */
export const mostCategories = (rows: number): number => Math.min(MOST_CATEGORIES, rows / 4);

/** Texts as a column: few that come again and again are categories. */
export function textColumn(texts: readonly (string | null)[]): Column {
  const distinct = new Set<string | null>();
  const most = mostCategories(texts.length);
  for (const text of texts) {
    distinct.add(text);
    if (distinct.size > most) return { kind: 'string', values: texts };
  }
  return categorise(texts);
}

/** Names of the columns. */
export type NameOf<S extends Schema> = keyof S & string;

/** The kind of a column that a function makes. */
export type KindOf<T> = [Exclude<T, null | undefined>] extends [number]
  ? 'float64' | 'int32'
  : [Exclude<T, null | undefined>] extends [boolean]
    ? 'bool'
    : [Exclude<T, null | undefined>] extends [Date]
      ? 'date'
      : [Exclude<T, null | undefined>] extends [string]
        ? 'string'
        : Kind;
