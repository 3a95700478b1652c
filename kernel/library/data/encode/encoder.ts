/** Turns tables into data sets by what was learnt from one of them. */
import { DISPLAY } from '../../../display/bundle.ts';
import { Dataset, type Tensors } from '../dataset/dataset.ts';
import { type Field, shareValues } from '../dataset/plan.ts';
import { DataError } from '../error.ts';
import { type Column, isMissing, type TableView, valueAt } from '../table/column.ts';
import { type Encoding, featureNames, widthOf } from './encoding.ts';
import { checkColumn } from './learn.ts';
import { featureWriter, type Plain, targetWriter, Unencodable, type Writer } from './values.ts';

/** Made by `table.encoder()`; made again from `toJSON()` with `Encoder.from()`. */
export class Encoder {
  readonly #encoding: Encoding;

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
  }

  /** An encoder that was kept as JSON, e.g. beside a model. @throws DataError when it is none */
  static async from(json: unknown): Promise<Encoder> {
    const { EncodingSchema } = await import('./schema.ts');
    const parsed = EncodingSchema.safeParse(json);
    if (parsed.success) return new Encoder(parsed.data);
    const [issue] = parsed.error.issues;
    throw new DataError(`this is no encoder: ${issue?.path.join('.') || 'it'}: ${issue?.message}`, {
      advice: 'Give what JSON.stringify(encoder) made, parsed',
    });
  }

  /** Names of the numbers that an example becomes: `age`, `colour=red`, … */
  get features(): string[] {
    return featureNames(this.#encoding.features);
  }

  /** Names of the classes, in the order of the target's numbers; undefined where a number is predicted. */
  get classes(): readonly string[] | undefined {
    const { target } = this.#encoding;
    return target?.as === 'classes' ? target.classes : undefined;
  }

  /**
   * A data set of the table's rows.
   * @throws DataError when the table is empty, lacks a column, or holds something missing or unknown; it names the row
   */
  dataset(table: TableView): Dataset {
    const { features, target } = this.#encoding;
    if (table.length === 0) {
      throw new DataError('the table has no rows; there is nothing to train on', {
        advice: 'Check filters and splits before it',
      });
    }
    const width = features.reduce((sum, feature) => sum + widthOf(feature), 0);
    const inputs = new Float32Array(table.length * width);
    let start = 0;
    for (const feature of features) {
      const asText = feature.as === 'categories';
      writeColumn(table, feature.column, featureWriter(feature), inputs, { start, width, asText });
      start += widthOf(feature);
    }
    const input = memoryField(inputs, [width]);
    const targets = target ? [this.#target(table)] : [];
    const facts = { ...(this.classes ? { classes: this.classes } : {}), sources: table.sources };
    return new Dataset({ kind: 'indexed', stored: table.length, inputs: [input], targets }, facts);
  }

  /** All rows as tensors; see {@link Encoder.dataset}. */
  tensors(table: TableView): Promise<Tensors> {
    return this.dataset(table).tensors();
  }

  /** The encoding as plain data, to be kept with a model. */
  toJSON(): Encoding {
    return this.#encoding;
  }

  [DISPLAY](): Record<string, unknown> {
    const { target } = this.#encoding;
    const lines = this.#encoding.features.map((feature) =>
      feature.as === 'number'
        ? `${feature.column}: (value − ${round(feature.mean)}) ÷ ${round(feature.deviation)}`
        : `${feature.column}: one of ${feature.categories.length} categories`,
    );
    const goal = target && `→ ${target.column}${target.as === 'classes' ? `: ${target.classes.join(', ')}` : ''}`;
    return {
      'text/plain': [`Encoder to ${this.features.length} numbers`, ...lines, ...(goal ? [goal] : [])].join('\n'),
    };
  }

  #target(table: TableView): Field {
    const { target } = this.#encoding;
    if (!target) throw new RangeError('this encoder has no target');
    const values = new Float32Array(table.length);
    if (target.as === 'number') {
      writeColumn(table, target.column, targetWriter(target), values, { start: 0, width: 1, asText: false });
      return memoryField(values, [1]);
    }
    // Classes are kept by their numbers and become ones and zeros in a batch.
    const write = targetWriter({ ...target, oneHot: false });
    writeColumn(table, target.column, write, values, { start: 0, width: 1, asText: true });
    const stored = { kind: 'memory', values: shareValues(Int32Array.from(values)) } as const;
    const { length } = target.classes;
    return target.oneHot
      ? { stored, size: 1, shape: [length], dtype: 'float32', oneHot: length }
      : { stored, size: 1, shape: [], dtype: 'int32' };
  }
}

const round = (value: number): number => Number(value.toPrecision(4));

const memoryField = (values: Float32Array, shape: readonly number[]): Field => ({
  stored: { kind: 'memory', values: shareValues(values) },
  size: values.length === 0 ? 0 : (shape[0] ?? 1),
  shape,
  dtype: 'float32',
});

interface Place {
  start: number;
  /** Numbers of an example. */
  width: number;
  asText: boolean;
}

function writeColumn(table: TableView, name: string, write: Writer, out: Float32Array, place: Place): void {
  const { start, width, asText } = place;
  checkColumn(table.schema, name);
  const column = table.column(name);
  for (let row = 0; row < table.length; row++) {
    try {
      write(plainAt(column, row, asText), out, row * width + start);
    } catch (error) {
      if (!(error instanceof Unencodable)) throw error;
      throw new DataError(`${error.message} in row ${row}${alsoMissing(column, row)}`, { advice: error.advice });
    }
  }
}

function alsoMissing(column: Column, row: number): string {
  if (!isMissing(column, row)) return '';
  let count = 0;
  for (let other = 0; other < column.values.length; other++) if (isMissing(column, other)) count++;
  return count > 1 ? ` and ${count - 1} more` : '';
}

/** A value as it is encoded: as text for categories and classes, else as a number. */
function plainAt(column: Column, row: number, asText: boolean): Plain {
  const value = valueAt(column, row);
  if (isMissing(column, row)) return asText ? null : Number.NaN;
  return asText ? String(value) : Number(value);
}
