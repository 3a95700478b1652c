/** Arrow's IPC files (Feather) and streams as tables. */
import { zstdDecompressSync } from 'node:zlib';
import type { Column as ArrowColumn } from '@uwdata/flechette';
import { checkColumn } from '../encode/learn.ts';
import { DataError, reasonOf } from '../error.ts';
import { load, type Origin } from '../origin/origin.ts';
import type { Column, Kind, Schema } from '../table/column.ts';
import { columnOf } from '../table/infer.ts';
import { Table } from '../table/table.ts';
import { decompressLz4Frame } from './lz4.ts';
import type { ColumnarOptions } from './parquet.ts';
import { typedColumn } from './typed.ts';

/**
 * Reads an Arrow file or stream, compressed with LZ4 or Zstandard or not at all. Dictionaries become categories.
 * @throws DataError when it is none, is cut short, or has no such column
 */
export function arrow<const S extends Schema>(
  origin: Origin,
  options: Pick<ColumnarOptions<S>, 'columns' | 'schema'> & { schema: S },
): Promise<Table<S>>;
export function arrow(origin: Origin, options?: Pick<ColumnarOptions, 'columns' | 'schema'>): Promise<Table>;
export async function arrow(origin: Origin, options: Pick<ColumnarOptions, 'columns' | 'schema'> = {}): Promise<Table> {
  const { name, bytes, source } = await load(origin);
  const { CompressionType, setCompressionCodec, tableFromIPC, Type } = await import('@uwdata/flechette');
  const readOnly = (): Uint8Array => {
    throw new Error('only reading is needed');
  };
  setCompressionCodec(CompressionType.LZ4_FRAME, { encode: readOnly, decode: decompressLz4Frame });
  setCompressionCodec(CompressionType.ZSTD, { encode: readOnly, decode: (data) => zstdDecompressSync(data) });
  // The decoder looks at numbers where they lie, which must be at a multiple of 8.
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
  try {
    const table = tableFromIPC(aligned, { useBigInt: true, useDate: true });
    const names = table.names.map(String);
    const schema = Object.fromEntries(names.map((column): [string, Kind] => [column, 'string']));
    const wanted = options.columns ?? (options.schema ? Object.keys(options.schema) : names);
    const columns = wanted.map((column): [string, Column] => {
      checkColumn(schema, column);
      const child = table.getChild(column);
      const kind = options.schema?.[column];
      const isDictionary = child.type.typeId === Type.Dictionary;
      return [column, fromArrow(child, column, kind ?? (isDictionary ? dictionaryKind(child) : floatKind(child)))];
    });
    return new Table(Object.fromEntries(columns), [source]);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`it is no Arrow file, or is cut short: ${reasonOf(error)}`, {
      place: { file: name },
      advice: 'Write it again, e.g. with pandas to_feather; there are data.parquet and data.csv too',
      cause: error,
    });
  }
}

function fromArrow(column: ArrowColumn<unknown>, name: string, kind: Kind | undefined): Column {
  const values: ArrayLike<unknown> = column.toArray();
  return column.nullCount > 0 && kind !== undefined
    ? columnOf(Array.from(values), name, kind)
    : typedColumn(values, name, kind);
}

/** Texts of a dictionary are categories; other dictionaries are only a way to store. */
function dictionaryKind(column: ArrowColumn<unknown>): Kind | undefined {
  for (const value of column) if (value !== null) return typeof value === 'string' ? 'categorical' : undefined;
  return 'categorical';
}

/** Floats stay floats, also where some are missing and the others happen to be whole. */
function floatKind({ type }: ArrowColumn<unknown>): Kind | undefined {
  const width: unknown = Reflect.get(type, 'precision');
  // Arrow's type 3 is a float, of precision 0 (half), 1 (single) or 2 (double).
  if (type.typeId !== 3) return undefined;
  return width === 2 ? 'float64' : 'float32';
}
