/** Files of separated values as tables. */
import { DataError, listed } from '../../error.ts';
import { alike } from '../../origin/alike.ts';
import { load, type Origin } from '../../origin/origin.ts';
import type { Column, Kind, Schema } from '../../table/column.ts';
import { Table } from '../../table/table.ts';
import { type ColumnBuilder, columnBuilder, KindFinder, type Meaning, meaningOf } from './builder.ts';
import { type CsvOptions, type Dialect, dialectOf, encodingOf } from './dialect.ts';
import { type Block, decoderOf, PIECE, records } from './records.ts';

/**
 * Reads a file of separated values. Delimiter, header and kinds of the columns are found out where they are not given:
 * whole numbers, numbers, true and false, ISO dates, texts, and texts that come again and again as categories.
 * @throws DataError that says in which line and column something is wrong
 * @example const iris = await data.csv('iris.csv');
 */
export function csv<const S extends Schema>(origin: Origin, options: CsvOptions<S> & { schema: S }): Promise<Table<S>>;
export function csv(origin: Origin, options?: CsvOptions): Promise<Table>;
export async function csv(origin: Origin, options: CsvOptions = {}): Promise<Table> {
  const { name, bytes, source } = await load(origin);
  const dialect = dialectOfBytes(bytes, options, name);
  const pieces = (): Generator<Block, void> => records(inPieces(bytes), dialect, name);
  const columns = wantedColumns(dialect, options, name);
  return new Table(readOnce(columns, pieces, dialect, name) ?? readTwice(columns, pieces, dialect, name), [source]);
}

/** How the file is written, by its beginning. @throws DataError when there is nothing in it */
export function dialectOfBytes(bytes: Uint8Array, options: CsvOptions, name: string): Dialect {
  const encoding = encodingOf(bytes, options);
  decoderOf(encoding, name);
  const start = new TextDecoder(encoding).decode(bytes.subarray(0, PIECE));
  if (start.trim() === '') {
    throw new DataError('the file is empty', {
      place: { file: name },
      advice: 'At least a line of names was expected',
    });
  }
  const dialect = dialectOf(start, encoding, options);
  if (new Set(dialect.names).size < dialect.names.length) {
    throw new DataError(`names are given twice: ${listed(dialect.names)}`, { place: { file: name } });
  }
  return dialect;
}

function* inPieces(bytes: Uint8Array): Generator<Uint8Array, void> {
  for (let start = 0; start < bytes.length; start += PIECE) yield bytes.subarray(start, start + PIECE);
}

/** A column that is read: where it is in the file, and its kind if that is given. */
export interface WantedColumn {
  name: string;
  index: number;
  kind: Kind | undefined;
  /** True: the kind was asked for. */
  fixed: boolean;
}

/** The columns that options ask for. @throws DataError when the file has no such column */
export function wantedColumns(dialect: Dialect, { schema, kinds = {} }: CsvOptions, name: string): WantedColumn[] {
  const asked = new Map(Object.entries({ ...kinds, ...schema }));
  for (const column of asked.keys()) {
    if (dialect.names.includes(column)) continue;
    const like = alike(column, dialect.names);
    throw new DataError(`there is no column "${column}"`, {
      place: { file: name },
      advice: `There are ${listed(like.length > 0 ? like : dialect.names)}`,
    });
  }
  return dialect.names
    .map((column, index) => ({ name: column, index, kind: asked.get(column), fixed: asked.has(column) }))
    .filter((column) => !schema || Object.hasOwn(schema, column.name));
}

/**
 * The columns, taken for what the first piece of the file makes of them; undefined when a later one makes them something
 * else. Most files are what they begin as, and reading them twice takes twice as long.
 */
function readOnce(
  columns: readonly WantedColumn[],
  pieces: () => Iterable<Block>,
  dialect: Dialect,
  name: string,
): Record<string, Column> | undefined {
  const meaning = meaningOf(dialect);
  const finders = findersOf(columns, meaning);
  let builders: Built[] | undefined;
  for (const block of pieces()) {
    find(finders, block);
    if (!builders) {
      for (const { column, finder } of finders) column.kind = finder.kind;
      builders = buildersOf(columns, meaning);
    }
    if (finders.some(({ column, finder }) => column.kind !== finder.kind)) {
      for (const { column } of finders) column.kind = undefined;
      return undefined;
    }
    for (const { column, builder } of builders) addAll(column, builder, block, name);
  }
  return columnsOf(builders ?? buildersOf(columns, meaning));
}

/** Kinds first, from all rows, so that nothing comes as a surprise later; then the columns. */
function readTwice(
  columns: readonly WantedColumn[],
  pieces: () => Iterable<Block>,
  dialect: Dialect,
  name: string,
): Record<string, Column> {
  const meaning = meaningOf(dialect);
  const finders = findersOf(columns, meaning);
  for (const block of pieces()) find(finders, block);
  for (const { column, finder } of finders) column.kind = finder.kind;
  const builders = buildersOf(columns, meaning);
  for (const block of pieces()) {
    for (const { column, builder } of builders) addAll(column, builder, block, name);
  }
  return columnsOf(builders);
}

interface Found {
  column: WantedColumn;
  finder: KindFinder;
}

/** One for each column whose kind is not given. */
const findersOf = (columns: readonly WantedColumn[], meaning: Meaning): Found[] =>
  columns.filter(({ kind }) => kind === undefined).map((column) => ({ column, finder: new KindFinder(meaning) }));

function find(finders: readonly Found[], { rows }: Block): void {
  for (const { column, finder } of finders) for (const row of rows) finder.add(row[column.index] ?? '');
}

interface Built {
  column: WantedColumn;
  builder: ColumnBuilder;
}

const buildersOf = (columns: readonly WantedColumn[], meaning: Meaning): Built[] =>
  columns.map((column) => ({ column, builder: columnBuilder(column.kind ?? 'string', meaning, !column.fixed) }));

const columnsOf = (builders: readonly Built[]): Record<string, Column> =>
  Object.fromEntries(builders.map(({ column, builder }) => [column.name, builder.column()]));

function addAll(column: WantedColumn, builder: ColumnBuilder, { rows, lineOf }: Block, name: string): void {
  const { index, kind = 'string' } = column;
  for (const [number, row] of rows.entries()) {
    const text = row[index] ?? '';
    if (builder.add(text)) continue;
    throw new DataError(`"${text}" in "${column.name}" is no ${kind}`, {
      place: { file: name, line: lineOf(number), column: index + 1 },
      advice:
        text === ''
          ? 'It is missing; float64 has a sign for missing numbers'
          : `Correct the file, give another kind, or name the text as missing: { missing: ["${text}"] }`,
    });
  }
}
