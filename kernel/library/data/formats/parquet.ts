/** Parquet files as tables. */
import { open } from 'node:fs/promises';
import type { AsyncBuffer } from 'hyparquet';
import { sha256OfFile } from '../dataset/hash.ts';
import { checkColumn } from '../encode/learn.ts';
import { DataError, reasonOf } from '../error.ts';
import { existing, load, nameOf, type Origin, pathOf, type SourceFile } from '../origin/origin.ts';
import type { Column, Kind, Schema } from '../table/column.ts';
import { Table } from '../table/table.ts';
import { typedColumn } from './typed.ts';

/** What to read of a file. */
export interface ColumnarOptions<S extends Schema = Schema> {
  /** Only these columns; the others are not even read. */
  columns?: readonly string[];
  /** Kinds of all columns that are wanted; others are left out. */
  schema?: S;
  /** Parquet only: rows from this one on. */
  from?: number;
  /** Parquet only: at most so many rows. */
  limit?: number;
}

/**
 * Reads a Parquet file, compressed in any of the usual ways. Of a file on this machine only what is asked for is read.
 * @throws DataError when it is none, is cut short, or has no such column
 */
export function parquet<const S extends Schema>(
  origin: Origin,
  options: ColumnarOptions<S> & { schema: S },
): Promise<Table<S>>;
export function parquet(origin: Origin, options?: ColumnarOptions): Promise<Table>;
export async function parquet(origin: Origin, options: ColumnarOptions = {}): Promise<Table> {
  const [{ parquetMetadataAsync, parquetRead, parquetSchema }, { compressors }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ]);
  const name = nameOf(origin);
  const { file, source, close } = await opened(origin, name);
  try {
    await checkMagic(file, name);
    const metadata = await parquetMetadataAsync(file).catch((error: unknown) => {
      throw damaged(name, error);
    });
    const fields = parquetSchema(metadata).children;
    const kinds = new Map(fields.map(({ element }) => [element.name, kindOf(element.type, element.converted_type)]));
    const schema = Object.fromEntries(Array.from(kinds.keys(), (column): [string, Kind] => [column, 'string']));
    const wanted = [...(options.columns ?? (options.schema ? Object.keys(options.schema) : kinds.keys()))];
    for (const column of wanted) checkColumn(schema, column);
    const { from = 0, limit = Number.POSITIVE_INFINITY } = options;
    const total = Number(metadata.num_rows);
    const [rowStart, rowEnd] = [Math.min(from, total), Math.min(from + limit, total)];
    // Rows come as lists, in the order of the columns.
    let rows: unknown[][] = [];
    if (rowEnd > rowStart) {
      await parquetRead({
        file,
        metadata,
        compressors,
        columns: wanted,
        rowStart,
        rowEnd,
        onComplete: (read: unknown[][]) => {
          rows = read;
        },
      }).catch((error: unknown) => {
        throw damaged(name, error);
      });
    }
    const columns = wanted.map((column, index): [string, Column] => {
      const values = rows.map((row) => row[index]);
      return [column, typedColumn(values, column, options.schema?.[column] ?? kinds.get(column))];
    });
    return new Table(Object.fromEntries(columns), [source]);
  } finally {
    await close();
  }
}

/** Floats stay floats, also where all of them happen to be whole; everything else says itself what it is. */
function kindOf(type: string | undefined, converted: string | undefined): Kind | undefined {
  if (converted !== undefined) return undefined;
  if (type === 'DOUBLE') return 'float64';
  return type === 'FLOAT' ? 'float32' : undefined;
}

interface Opened {
  file: AsyncBuffer;
  source: SourceFile;
  close(): Promise<void>;
}

async function opened(origin: Origin, name: string): Promise<Opened> {
  const path = pathOf(origin);
  if (path === undefined) {
    const { bytes, source } = await load(origin);
    const slice = (start: number, end?: number): ArrayBuffer => new Uint8Array(bytes.subarray(start, end)).buffer;
    return { file: { byteLength: bytes.byteLength, slice }, source, close: async () => {} };
  }
  const { size } = await existing(path, name);
  const handle = await open(path);
  const file: AsyncBuffer = {
    byteLength: Number(size),
    async slice(start, end = Number(size)) {
      const bytes = new Uint8Array(end - start);
      await handle.read(bytes, 0, bytes.length, start);
      return bytes.buffer;
    },
  };
  const source = { name, bytes: Number(size), sha256: await sha256OfFile(path) };
  return { file, source, close: () => handle.close() };
}

/** A Parquet file begins and ends with the same four letters. */
async function checkMagic(file: AsyncBuffer, name: string): Promise<void> {
  const letters = async (at: number): Promise<string> =>
    String.fromCharCode(...new Uint8Array(await file.slice(Math.max(0, at), Math.max(0, at) + 4)));
  if (file.byteLength < 12 || (await letters(0)) !== 'PAR1') {
    throw new DataError('it is no Parquet file: it does not begin with PAR1', {
      place: { file: name, offset: 0 },
      advice: 'Is it the right file? There are data.csv, data.json and data.arrow too',
    });
  }
  if ((await letters(file.byteLength - 4)) !== 'PAR1') {
    throw new DataError('it does not end with PAR1: the file is cut short', {
      place: { file: name, offset: file.byteLength },
      advice: 'Get or write it again',
    });
  }
}

const damaged = (file: string, error: unknown): DataError =>
  new DataError(`the Parquet file cannot be read: ${reasonOf(error)}`, {
    place: { file },
    advice: 'It may be damaged, or use something that is not read here; write it again, e.g. with pandas to_parquet',
    cause: error,
  });
