/**
 * Examples to train on: inputs, targets and how they become batches. A data set never changes; every method gives
 * another one, over the same numbers. Examples lie in memory, in files that are read as they are needed, or both.
 */
import type { Tensor } from '@tensorflow/tfjs';
import { prepareBackend } from '../../../backend/choose.ts';
import { loadTensorFlow } from '../../../backend/tensorflow.ts';
import { DISPLAY } from '../../../display/bundle.ts';
import { DataError } from '../error.ts';
import { splitStream } from '../formats/csv/split.ts';
import type { SourceFile } from '../origin/origin.ts';
import type { BatchSource, HostArray, HostBatch } from '../source.ts';
import { Batches, type BatchOptions, type MainMap } from './batches.ts';
import { range } from './chance.ts';
import type { ExampleFunction } from './example.ts';
import { hashPlan } from './hash.ts';
import type { BatchPlan, FieldShape, IndexedPlan, MapPlan } from './plan.ts';
import { checkSelfContained } from './self-contained.ts';
import { foldNumbers, type SplitNumbersOptions, splitNumbers } from './split.ts';

/** How a data set is divided. At most one of `stratify`, `group` and `time`. */
export interface SplitOptions extends Omit<SplitNumbersOptions, 'stratify'> {
  /** `true`: by the classes of the (first) target. Or a value for each example. */
  stratify?: true | ArrayLike<unknown>;
}

/** Where a user's function runs, and what it gives. */
export interface MapOptions {
  /**
   * `main` (when not given): on the main thread, between two steps; it may use everything of the notebook.
   * `worker`: in the thread that prepares batches, while the step runs; it is sent there as text and may use nothing but
   * its argument and JavaScript's own objects.
   */
  thread?: 'main' | 'worker';
  /** What its inputs look like, where that changes. */
  inputs?: readonly FieldShape[];
  /** What its targets look like, where that changes. */
  targets?: readonly FieldShape[];
}

/** What is known of examples besides their numbers. */
export interface DatasetFacts {
  /** Names of the classes, where the (first) target is one. */
  classes?: readonly string[];
  /** Files that the examples come from. */
  sources?: readonly SourceFile[];
}

/** Examples to train on. */
export class Dataset {
  readonly #examples: BatchPlan['examples'];
  readonly #maps: readonly MapPlan[];
  readonly #mainMaps: readonly MainMap[];
  readonly #facts: DatasetFacts;

  constructor(
    examples: BatchPlan['examples'],
    facts: DatasetFacts = {},
    maps: readonly MapPlan[] = [],
    mainMaps: readonly MainMap[] = [],
  ) {
    this.#examples = examples;
    this.#facts = facts;
    this.#maps = maps;
    this.#mainMaps = mainMaps;
  }

  /** Number of examples; undefined for a stream of which nobody has seen the end. */
  get length(): number | undefined {
    return this.#examples.kind === 'indexed'
      ? (this.#examples.indices?.length ?? this.#examples.stored)
      : this.#examples.count;
  }

  /** What the inputs of one example look like. */
  get inputs(): readonly FieldShape[] {
    return this.#given().inputs.map(({ shape, dtype }) => ({ shape, dtype }));
  }

  /** What the targets of one example look like. */
  get targets(): readonly FieldShape[] {
    return this.#given().targets.map(({ shape, dtype }) => ({ shape, dtype }));
  }

  /** Names of the classes; undefined where the target is no class. */
  get classes(): readonly string[] | undefined {
    return this.#facts.classes;
  }

  /** Files that the examples come from, with their hashes. */
  get sources(): readonly SourceFile[] {
    return this.#facts.sources ?? [];
  }

  /**
   * The examples in batches, for `fit` or a loop of one's own.
   * @throws RangeError for options that make no sense, an empty data set included
   * @example for await (const batch of set.batches({ batchSize: 64, shuffle: true }).epoch({ epoch: 0, seed: 1 })) …
   */
  batches(options: BatchOptions = {}): BatchSource {
    return new Batches({ examples: this.#examples, maps: this.#maps }, this.length, this.#mainMaps, options);
  }

  /**
   * Sends every example through a function, anew in each epoch.
   * @throws DataError when it is to run in the worker and uses something outside itself, which is named
   */
  map(change: ExampleFunction, options: MapOptions = {}): Dataset {
    const { thread = 'main', inputs = this.inputs, targets = this.targets } = options;
    if (thread === 'main') {
      return this.#with(this.#examples, this.#maps, [...this.#mainMaps, { change, inputs, targets }]);
    }
    if (this.#mainMaps.length > 0) {
      throw new RangeError("map(): functions that run in the worker must come before those that run in 'main'");
    }
    checkSelfContained(change);
    return this.#with(this.#examples, [...this.#maps, { source: String(change), inputs, targets }], []);
  }

  /** The examples with these numbers, in this order. @throws RangeError when there is no such example */
  select(numbers: ArrayLike<number>): Dataset {
    const examples = this.#indexed('select()');
    const count = this.length ?? 0;
    const indices = new Int32Array(new SharedArrayBuffer(numbers.length * 4));
    for (let index = 0; index < numbers.length; index++) {
      const number = numbers[index] ?? -1;
      if (!Number.isInteger(number) || number < 0 || number >= count) {
        throw new RangeError(`select(): there is no example ${number}; there are ${count}, from 0 on`);
      }
      indices[index] = examples.indices ? (examples.indices[number] ?? 0) : number;
    }
    return this.#with({ ...examples, indices }, this.#maps, this.#mainMaps);
  }

  /** The first examples. */
  take(count: number): Dataset {
    return this.select(range(Math.min(count, this.length ?? 0)));
  }

  /** All but the first examples. */
  skip(count: number): Dataset {
    return this.select(range(this.length ?? 0).subarray(count));
  }

  /**
   * Divides the examples into named parts that share none.
   * @param parts shares of the whole, or whole numbers of examples
   * @throws RangeError when parts do not add up, or one would be empty
   * @example const { train, test } = set.split({ train: 0.8, test: 0.2 }, { stratify: true, seed: 1 });
   */
  split<const P extends Readonly<Record<string, number>>>(
    parts: P,
    options: SplitOptions = {},
  ): { [Name in keyof P]: Dataset } {
    const divided =
      this.#examples.kind === 'csv'
        ? splitStream(this.#examples, parts, options).map((part) => this.#with(part, this.#maps, this.#mainMaps))
        : splitNumbers(this.length ?? 0, parts, this.#strata(options)).map((numbers) => this.select(numbers));
    return named(parts, divided);
  }

  /**
   * k pairs of training and validation data, in which each example is validated once (by time: all but the earliest).
   * @throws RangeError when there are too few examples for so many
   */
  kFold(folds: number, options: SplitOptions = {}): { train: Dataset; validation: Dataset }[] {
    this.#indexed('kFold()');
    return foldNumbers(this.length ?? 0, folds, this.#strata(options)).map(({ train, validation }) => ({
      train: this.select(train),
      validation: this.select(validation),
    }));
  }

  /** Numbers of the classes, for each example. @throws DataError when the (first) target is no class */
  labels(): Int32Array {
    const examples = this.#indexed('labels()');
    const [target] = examples.targets;
    if (target?.stored.kind !== 'memory' || target.size !== 1 || this.classes === undefined) {
      throw new DataError('the targets of this data set are no classes', {
        advice: 'Give the values to go by yourself, one for each example',
      });
    }
    const { values } = target.stored;
    return Int32Array.from(examples.indices ?? range(examples.stored), (number) => values[number] ?? 0);
  }

  /** One example as it goes into a batch (without changes by chance). @throws RangeError when there is none such */
  async example(number: number): Promise<{ inputs: HostArray[]; targets: HostArray[] }> {
    const one = this.select([number]).batches({ batchSize: 1, thread: 'main' });
    for await (const { inputs, targets } of one.epoch({ epoch: 0, seed: 0 })) {
      const without = (array: HostArray): HostArray => ({ ...array, shape: array.shape.slice(1) });
      return { inputs: inputs.map(without), targets: targets.map(without) };
    }
    throw new RangeError(`there is no example ${number}`);
  }

  /** All examples as one batch of plain numbers. Streams are read to their end. */
  async all(): Promise<HostBatch> {
    const count = this.length ?? (await this.#count());
    for await (const batch of this.batches({ batchSize: count }).epoch({ epoch: 0, seed: 0 })) return batch;
    throw new RangeError('the data set is empty');
  }

  /** All examples as tensors; `x` and `y` are the first input and the first target. They are the caller's to dispose of. */
  async tensors(): Promise<Tensors> {
    const tf = loadTensorFlow();
    const [batch] = await Promise.all([this.all(), prepareBackend(tf)]);
    return tensorsOf(batch);
  }

  /** SHA-256, in hex, of all numbers and of how they are prepared. */
  hash(): Promise<string> {
    const maps = this.#mainMaps.map(({ change, ...shapes }) => ({ source: String(change), ...shapes }));
    return hashPlan({ examples: this.#examples, maps: this.#maps, mainMaps: maps });
  }

  [DISPLAY](): Record<string, unknown> {
    return { 'text/plain': this.toString() };
  }

  /** What it holds, in a few lines. */
  toString(): string {
    const line = (fields: readonly FieldShape[]): string =>
      fields.map(({ shape, dtype }) => `${dtype} [${shape.join(', ')}]`).join(', ') || 'none';
    const count =
      this.length === undefined ? 'a stream of examples' : `${this.length.toLocaleString('en-US')} examples`;
    const classes = this.classes
      ? `\nclasses: ${this.classes.slice(0, 12).join(', ')}${this.classes.length > 12 ? ', …' : ''}`
      : '';
    return `Dataset of ${count}\ninputs:  ${line(this.inputs)}\ntargets: ${line(this.targets)}${classes}`;
  }

  #given(): { inputs: readonly FieldShape[]; targets: readonly FieldShape[] } {
    return this.#mainMaps.at(-1) ?? this.#maps.at(-1) ?? this.#examples;
  }

  #with(examples: BatchPlan['examples'], maps: readonly MapPlan[], mainMaps: readonly MainMap[]): Dataset {
    return new Dataset(examples, this.#facts, maps, mainMaps);
  }

  #indexed(what: string): IndexedPlan {
    if (this.#examples.kind === 'indexed') return this.#examples;
    throw new DataError(`${what} needs examples that can be read in any order; these are a stream of rows`, {
      advice: 'Read the file into memory with data.csv, or divide the stream with split()',
    });
  }

  #strata({ stratify, ...options }: SplitOptions): SplitNumbersOptions {
    if (stratify === undefined) return options;
    return { ...options, stratify: stratify === true ? this.labels() : stratify };
  }

  async #count(): Promise<number> {
    let count = 0;
    for await (const { size } of this.batches({ batchSize: 1024 }).epoch({ epoch: 0, seed: 0 })) count += size;
    return count;
  }
}

/** Examples as tensors. */
export interface Tensors {
  inputs: Tensor[];
  targets: Tensor[];
  /** The first input. */
  x: Tensor;
  /** The first target. */
  y: Tensor;
  /** Frees all of them. */
  dispose(): void;
}

/** A batch as tensors of the engine in use. @throws RangeError when it has no inputs or no targets */
export function tensorsOf(batch: Pick<HostBatch, 'inputs' | 'targets'>): Tensors {
  const tf = loadTensorFlow();
  const make = ({ values, shape, dtype }: HostArray): Tensor => tf.tensor(values, [...shape], dtype);
  const inputs = batch.inputs.map(make);
  const targets = batch.targets.map(make);
  const [x, y] = [inputs[0], targets[0]];
  if (!x || !y) throw new RangeError('this data set has no inputs or no targets');
  return { inputs, targets, x, y, dispose: () => tf.dispose([...inputs, ...targets]) };
}

/** Values by the names of parts. */
export function named<P extends object, T>(parts: P, values: readonly T[]): { [Name in keyof P]: T };
export function named(parts: object, values: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(Object.keys(parts).map((name, index) => [name, values[index]]));
}
