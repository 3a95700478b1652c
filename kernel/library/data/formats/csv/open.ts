/**
 * Files of separated values that are too big for memory: gone through once to learn what is in them, then again in each
 * epoch.
 */
import { open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { DISPLAY } from '../../../../display/bundle.ts';
import { Dataset } from '../../dataset/dataset.ts';
import { sha256OfFile } from '../../dataset/hash.ts';
import type { FieldShape } from '../../dataset/plan.ts';
import { type Encoding, widthOf } from '../../encode/encoding.ts';
import { type ColumnFacts, type EncodeOptions, learnEncoding, MOST_CATEGORIES } from '../../encode/learn.ts';
import { Statistics } from '../../encode/statistics.ts';
import { DataError } from '../../error.ts';
import { existing, nameOf, type Origin, pathOf, type SourceFile } from '../../origin/origin.ts';
import { type Kind, mostCategories, type Schema } from '../../table/column.ts';
import { boolOf } from '../../table/texts.ts';
import { KindFinder, type Meaning, meaningOf } from './builder.ts';
import type { CsvOptions, Dialect } from './dialect.ts';
import type { CsvStreamPlan } from './plan.ts';
import { dialectOfBytes, type WantedColumn, wantedColumns } from './read.ts';
import { PIECE, records } from './records.ts';
import { piecesOf } from './stream.ts';

/** A file that stays on the disk; its kinds and statistics are known. */
export class CsvStream<S extends Schema = Schema> {
  /** Number of rows. */
  readonly length: number;
  /** What each column holds. */
  readonly schema: S;
  readonly sources: readonly SourceFile[];
  readonly #plan: { path: string; dialect: Dialect };
  readonly #facts: ReadonlyMap<string, ColumnFacts>;

  constructor(
    plan: { path: string; dialect: Dialect },
    learnt: { length: number; schema: S; facts: ReadonlyMap<string, ColumnFacts>; source: SourceFile },
  ) {
    this.#plan = plan;
    this.length = learnt.length;
    this.schema = learnt.schema;
    this.sources = [learnt.source];
    this.#facts = learnt.facts;
  }

  /**
   * A data set of its rows. Statistics for standardising are those of the whole file.
   * @throws DataError when a column has no numeric form, or the target has only one class
   */
  dataset(options: EncodeOptions<keyof S & string>): Dataset {
    const none: ColumnFacts = { mean: 0, deviation: 1, min: 0, max: 1, distinct: undefined };
    const encoding = learnEncoding(this.schema, options, (name) => this.#facts.get(name) ?? none);
    const { target } = encoding;
    const examples: CsvStreamPlan = { kind: 'csv', ...this.#plan, encoding, count: this.length, ...shapesOf(encoding) };
    const facts = target?.as === 'classes' ? { classes: target.classes } : {};
    return new Dataset(examples, { ...facts, sources: this.sources });
  }

  [DISPLAY](): Record<string, unknown> {
    const columns = Object.entries(this.schema).map(([name, kind]) => `${name}: ${kind}`);
    return {
      'text/plain': `${this.#plan.path}: ${this.length.toLocaleString('en-US')} rows, read as they are needed · ${columns.join(', ')}`,
    };
  }
}

function shapesOf({ features, target }: Encoding): { inputs: FieldShape[]; targets: FieldShape[] } {
  const width = features.reduce((sum, feature) => sum + widthOf(feature), 0);
  const inputs: FieldShape[] = [{ shape: [width], dtype: 'float32' }];
  if (!target) return { inputs, targets: [] };
  if (target.as === 'number') return { inputs, targets: [{ shape: [1], dtype: 'float32' }] };
  const oneHot: FieldShape = { shape: [target.classes.length], dtype: 'float32' };
  return { inputs, targets: [target.oneHot ? oneHot : { shape: [], dtype: 'int32' }] };
}

/**
 * Opens a file that may be bigger than memory. It is read once, to count the rows and learn kinds, means and categories.
 * @throws DataError when it is no file on this machine, is compressed, or something in it cannot be read
 * @example const stream = await data.csv.stream('clicks.csv'); const set = stream.dataset({ target: 'bought' });
 */
export async function openCsv<const S extends Schema>(
  origin: Origin,
  options: CsvOptions<S> & { schema: S },
): Promise<CsvStream<S>>;
export async function openCsv(origin: Origin, options?: CsvOptions): Promise<CsvStream>;
export async function openCsv(origin: Origin, options: CsvOptions = {}): Promise<CsvStream> {
  const name = nameOf(origin);
  const path = pathOf(origin);
  if (path === undefined) {
    throw new DataError('only files of this machine can be streamed', {
      place: { file: name },
      advice: 'Use data.csv',
    });
  }
  const { size } = await existing(path, name);
  const start = await firstBytes(path);
  if (start[0] === 0x1f && start[1] === 0x8b) {
    throw new DataError('it is compressed with gzip, and cannot be streamed', {
      place: { file: name },
      advice: 'Unpack it first (gunzip), or read it with data.csv if it fits into memory',
    });
  }
  const dialect = dialectOfBytes(start, options, name);
  const columns = wantedColumns(dialect, options, name);
  const learnt = await learn(path, dialect, columns);
  const schema = Object.fromEntries(columns.map((column) => [column.name, column.kind ?? 'string']));
  const source = { name, bytes: Number(size), sha256: await sha256OfFile(path) };
  return new CsvStream({ path, dialect }, { ...learnt, schema, source });
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(PIECE));
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function learn(
  path: string,
  dialect: Dialect,
  columns: readonly WantedColumn[],
): Promise<{ length: number; facts: ReadonlyMap<string, ColumnFacts> }> {
  const meaning = meaningOf(dialect);
  const learners = columns.map((column) => ({ column, learner: new Learner(meaning) }));
  let length = 0;
  for (const { rows } of records(piecesOf(path), dialect, path)) {
    length += rows.length;
    for (const { column, learner } of learners) for (const row of rows) learner.add(row[column.index] ?? '');
    // Whoever watches, stops or asks has a turn after each piece.
    await setImmediate();
  }
  for (const { column, learner } of learners) column.kind ??= learner.kindAmong(length);
  return { length, facts: new Map(learners.map(({ column, learner }) => [column.name, learner.facts(column.kind)])) };
}

/** Learns the kind, the statistics and the distinct values of a column at once: which are needed shows only at the end. */
class Learner {
  readonly #finder: KindFinder;
  readonly #meaning: Meaning;
  readonly #numbers = new Statistics();
  readonly #distinct = new Set<string>();

  constructor(meaning: Meaning) {
    this.#meaning = meaning;
    this.#finder = new KindFinder(meaning);
  }

  /** The kind of so many rows: few texts that come again and again are categories, as in a table. */
  kindAmong(rows: number): Kind {
    const { kind } = this.#finder;
    return kind === 'string' && this.#distinct.size <= mostCategories(rows) ? 'categorical' : kind;
  }

  add(text: string): void {
    this.#finder.add(text);
    const number = this.#meaning.number(text);
    if (number !== undefined) this.#numbers.add(number);
    else if (this.#meaning.isMissing(text)) return;
    if (this.#distinct.size <= MOST_CATEGORIES) this.#distinct.add(text);
  }

  facts(kind: Kind = 'string'): ColumnFacts {
    const { mean, deviation, min, max } = this.#numbers;
    const canonical = (text: string): string => {
      if (kind === 'bool') return String(boolOf(text));
      return kind === 'string' || kind === 'categorical' ? text : String(this.#meaning.number(text));
    };
    const distinct =
      this.#distinct.size > MOST_CATEGORIES ? undefined : [...new Set(Array.from(this.#distinct, canonical))].sort();
    return { mean, deviation, min, max, distinct };
  }
}
