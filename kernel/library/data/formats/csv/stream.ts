/**
 * Examples straight from a file of separated values that may be bigger than memory: pieces of it are read, encoded and
 * forgotten. Synchronous, for the thread that prepares batches.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { sizeOf } from '../../dataset/plan.ts';
import { type Encoding, widthOf } from '../../encode/encoding.ts';
import { featureWriter, type Plain, targetWriter, Unencodable, type Writer } from '../../encode/values.ts';
import { DataError } from '../../error.ts';
import type { Kind } from '../../table/column.ts';
import { boolOf, dateOf } from '../../table/texts.ts';
import { type Meaning, meaningOf } from './builder.ts';
import { type CsvStreamPlan, takesPart } from './plan.ts';
import { PIECE, records } from './records.ts';

/** One row as an example. */
export interface StreamedExample {
  /** Number of the row in the file. */
  number: number;
  /** Inputs, then targets. */
  values: Float32Array[];
}

/** The pieces of a file. It is closed when the loop is left. */
export function* piecesOf(path: string): Generator<Uint8Array, void> {
  const descriptor = openSync(path, 'r');
  try {
    for (;;) {
      const piece = new Uint8Array(PIECE);
      const read = readSync(descriptor, piece);
      if (read === 0) return;
      yield piece.subarray(0, read);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** The examples in the order of the file. @throws DataError with the line of a row that has no numeric form */
export function* openRows(plan: CsvStreamPlan): Generator<StreamedExample, void> {
  const { path, dialect, encoding, part } = plan;
  const write = rowWriter(encoding, dialect.names, meaningOf(dialect));
  const sizes = [...plan.inputs, ...plan.targets].map(({ shape }) => sizeOf(shape));
  let number = 0;
  for (const { rows, lineOf } of records(piecesOf(path), dialect, path)) {
    for (const [index, row] of rows.entries()) {
      const mine = number++;
      if (part && !takesPart(part, mine)) continue;
      const values = sizes.map((size) => new Float32Array(size));
      try {
        write(row, values);
      } catch (error) {
        if (!(error instanceof Unencodable)) throw error;
        throw new DataError(error.message, { place: { file: path, line: lineOf(index) }, advice: error.advice });
      }
      yield { number: mine, values };
    }
  }
}

function rowWriter(
  { features, target }: Encoding,
  names: readonly string[],
  meaning: Meaning,
): (row: readonly string[], values: Float32Array[]) => void {
  let at = 0;
  const writers = features.map((feature) => {
    const start = at;
    at += widthOf(feature);
    const write = featureWriter(feature);
    return columnWriter(names.indexOf(feature.column), feature.kind, feature.as !== 'number', meaning, write, start);
  });
  const goal =
    target &&
    columnWriter(names.indexOf(target.column), target.kind, target.as !== 'number', meaning, targetWriter(target), 0);
  return (row, [input, output]) => {
    if (input) for (const write of writers) write(row, input);
    if (output) goal?.(row, output);
  };
}

function columnWriter(
  index: number,
  kind: Kind,
  asText: boolean,
  meaning: Meaning,
  write: Writer,
  at: number,
): (row: readonly string[], out: Float32Array) => void {
  const read = plainReader(kind, asText, meaning);
  return (row, out) => write(read(row[index] ?? ''), out, at);
}

/** Texts of a column as they are encoded; see the same for tables in `encode/encoder.ts`. */
function plainReader(kind: Kind, asText: boolean, meaning: Meaning): (text: string) => Plain {
  const value = (text: string): number | string | undefined => {
    if (kind === 'string' || kind === 'categorical') return text;
    if (kind === 'bool') return asText ? boolOf(text)?.toString() : truth(text);
    return kind === 'date' ? dateOf(text) : meaning.number(text);
  };
  return (text) => {
    const plain = asText && meaning.isMissing(text) ? undefined : value(text);
    if (plain === undefined && meaning.isMissing(text)) return asText ? null : Number.NaN;
    if (plain === undefined) throw new Unencodable(`"${text}" is no ${kind}`, 'The file changed since it was opened');
    return asText ? String(plain) : plain;
  };
}

function truth(text: string): number | undefined {
  const value = boolOf(text);
  return value === undefined ? undefined : Number(value);
}
