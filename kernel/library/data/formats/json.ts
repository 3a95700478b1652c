/** JSON as tables: a list of records, an object of columns, or a record on each line. */
import { DataError, reasonOf } from '../error.ts';
import { load, type Origin } from '../origin/origin.ts';
import type { Column, Kind, Schema } from '../table/column.ts';
import { columnOf, inferColumn } from '../table/infer.ts';
import { Table } from '../table/table.ts';

/** How to read JSON. */
export interface JsonOptions<S extends Schema = Schema> {
  /** `lines`: a record on each line. When not given: by the file's name (`.jsonl`, `.ndjson`) and its beginning. */
  form?: 'json' | 'lines';
  /** Kinds of all columns that are wanted; others are left out. */
  schema?: S;
  /** Kinds of some columns, where what is found out is not what is wanted. */
  kinds?: Readonly<Record<string, Kind>>;
}

/**
 * Reads records. Kinds of the columns are found out: whole numbers, numbers, true and false, ISO dates, texts. What is
 * nested is kept as its JSON.
 * @throws DataError that says in which line and column something is wrong
 */
export function json<const S extends Schema>(
  origin: Origin,
  options: JsonOptions<S> & { schema: S },
): Promise<Table<S>>;
export function json(origin: Origin, options?: JsonOptions): Promise<Table>;
export async function json(origin: Origin, options: JsonOptions = {}): Promise<Table> {
  const { name, bytes, source } = await load(origin);
  const text = new TextDecoder().decode(bytes);
  const lines = options.form === undefined ? looksLikeLines(text, name) : options.form === 'lines';
  const columns = lines ? columnsOf(readLines(text, name)) : columnsOfValue(readWhole(text, name), name);
  return new Table(typed(columns, options, name), [source]);
}

type Values = Map<string, unknown[]>;

function looksLikeLines(text: string, name: string): boolean {
  if (/\.(jsonl|ndjson)(\.gz)?$/i.test(name)) return true;
  const start = text.trimStart();
  if (!start.startsWith('{')) return false;
  const line = start.slice(0, start.indexOf('\n') + 1).trim();
  if (line === '' || line === '{') return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function* readLines(text: string, name: string): Generator<object, void> {
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const place = { file: name, line: index + 1 };
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      const column = offsetOf(error, line) + 1;
      throw new DataError(`this is no JSON: ${reasonOf(error)}`, {
        place: { ...place, column },
        advice: 'Each line must be one record {…} of its own',
        cause: error,
      });
    }
    if (!isRecord(value)) {
      throw new DataError(`a record {…} was expected, ${JSON.stringify(value).slice(0, 40)} was found`, { place });
    }
    yield value;
  }
}

function readWhole(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const offset = offsetOf(error, text);
    const before = text.slice(0, offset).split('\n');
    const cut = text.trim() === '' ? 'the file is empty' : `this is no JSON: ${reasonOf(error)}`;
    throw new DataError(cut, {
      place: { file: name, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 },
      advice: offset >= text.trimEnd().length ? 'The file is probably cut short' : 'Correct the file there',
      cause: error,
    });
  }
}

/** Longest text in which a place is searched for that the parser does not name. */
const SEARCHED = 1 << 24;

/** Where the parser gave up: it says so, or it is where the longest beginning ends that could be the beginning of JSON. */
function offsetOf(error: unknown, text: string): number {
  const position = positionIn(error);
  const end = text.trimEnd().length;
  if (position !== undefined) return position;
  if (text.length > SEARCHED || isBeginning(text)) return end;
  let [good, bad] = [0, text.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isBeginning(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

function positionIn(error: unknown): number | undefined {
  const position = /at position (\d+)/.exec(error instanceof Error ? error.message : '');
  return position ? Number(position[1]) : undefined;
}

/** True where nothing is wrong but that the text has ended. */
function isBeginning(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('Unexpected end')) return true;
    return (positionIn(error) ?? 0) >= text.length;
  }
}

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function columnsOfValue(value: unknown, name: string): Values {
  if (Array.isArray(value)) {
    const wrong = value.findIndex((each) => !isRecord(each));
    if (wrong < 0) return columnsOf(value);
    throw new DataError(`entry ${wrong} is ${JSON.stringify(value[wrong])?.slice(0, 40)}; a record {…} was expected`, {
      place: { file: name },
      advice: 'For arrays of numbers, give them to data.dataset',
    });
  }
  if (isRecord(value)) {
    const lists = Object.entries(value).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]));
    if (lists.length === Object.keys(value).length && new Set(lists.map(([, list]) => list.length)).size <= 1) {
      return new Map(lists);
    }
    const [inner] = lists;
    const advice = inner ? `Its "${inner[0]}" is a list: data.table(JSON.parse(text).${inner[0]})` : undefined;
    throw new DataError(
      'it is one object; a list of records [{…}, …] or an object of equally long lists was expected',
      {
        place: { file: name },
        ...(advice === undefined ? {} : { advice }),
      },
    );
  }
  throw new DataError('a list of records [{…}, …] was expected', { place: { file: name } });
}

/** Values of records by their names; what a record does not have is missing. */
export function columnsOf(records: Iterable<object>): Values {
  const columns: Values = new Map();
  let row = 0;
  for (const record of records) {
    for (const [name, value] of Object.entries(record)) {
      let values = columns.get(name);
      if (!values) {
        values = Array(row).fill(null);
        columns.set(name, values);
      }
      while (values.length < row) values.push(null);
      values.push(value ?? null);
    }
    row++;
  }
  for (const values of columns.values()) while (values.length < row) values.push(null);
  return columns;
}

/** Values as columns. @throws DataError when a column that is asked for does not exist, or holds something else */
export function typed(columns: Values, { schema, kinds }: JsonOptions, file: string): Record<string, Column> {
  const asked: Readonly<Record<string, Kind>> = { ...kinds, ...schema };
  for (const name of Object.keys(asked)) {
    // Of no records at all, nothing can be missed.
    if (columns.has(name) || columns.size === 0) continue;
    const names = [...columns.keys()].join(', ');
    throw new DataError(`there is no column "${name}"`, { place: { file }, advice: `There are ${names || 'none'}` });
  }
  const wanted = schema ? Object.keys(schema) : [...columns.keys()];
  return Object.fromEntries(
    wanted.map((name) => {
      const values = columns.get(name) ?? [];
      const kind = asked[name];
      return [name, kind ? columnOf(values, name, kind) : inferColumn(values, name)];
    }),
  );
}

/**
 * A table of records at hand, or of columns: lists of values by their names.
 * @throws DataError when a value is not of the kind asked for
 * @example data.table([{ a: 1, b: 'x' }, { a: 2, b: 'y' }])
 */
export function table<const S extends Schema>(
  content: Content,
  options: Omit<JsonOptions<S>, 'form'> & { schema: S },
): Table<S>;
export function table<R extends Readonly<Record<string, unknown>>>(
  content: readonly R[],
  options?: Omit<JsonOptions, 'form'>,
): Table<{ [N in keyof R & string]: KindOfValue<R[N]> }>;
export function table(content: Content, options?: Omit<JsonOptions, 'form'>): Table;
export function table(content: Content, options: Omit<JsonOptions, 'form'> = {}): object {
  const columns: Values = isRecords(content)
    ? columnsOf(content)
    : new Map(Object.entries(content).map(([name, values]) => [name, Array.from(values)]));
  return new Table(typed(columns, options, 'the records'));
}

/** Records, or lists of values by their names. */
export type Content =
  | readonly Readonly<Record<string, unknown>>[]
  | Readonly<Record<string, ArrayLike<unknown> & Iterable<unknown>>>;

const isRecords = (content: Content): content is readonly Readonly<Record<string, unknown>>[] => Array.isArray(content);

/** The kind that a column of such values is found to be. */
type KindOfValue<V> = [NonNullable<V>] extends [number]
  ? 'float64' | 'int32'
  : [NonNullable<V>] extends [boolean]
    ? 'bool'
    : [NonNullable<V>] extends [Date]
      ? 'date'
      : [NonNullable<V>] extends [string]
        ? 'string' | 'categorical'
        : Kind;
