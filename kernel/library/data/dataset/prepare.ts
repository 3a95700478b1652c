/**
 * Makes the batches of one epoch out of a plan: the only place where that happens, on whichever thread. It is synchronous
 * and holds one batch at a time, so that memory does not grow with the data.
 */
import { openRows } from '../formats/csv/stream.ts';
import type { EpochOptions, HostArray, HostBatch } from '../source.ts';
import { type Augmenter, augmenters } from './augment.ts';
import { below, type Random, randomOf, range, shuffle } from './chance.ts';
import { applyMap, type ExampleFunction } from './example.ts';
import {
  type Allocate,
  allocate,
  type BatchPlan,
  type FieldShape,
  hostArray,
  type IndexedPlan,
  sizeOf,
} from './plan.ts';
import { openField } from './read.ts';

/** Draws for different purposes must not be the same draws. */
const PURPOSE = { order: 1, augment: 2, map: 3 } as const;

/** A batch, and the numbers that its examples have in the data set. */
export interface Prepared {
  batch: HostBatch;
  numbers: Int32Array;
}

/** The memory that a batch lies in, which can change hands; memory that all threads share is left out. */
export function buffersOf({ batch, numbers }: Prepared): ArrayBuffer[] {
  const arrays: HostArray[] = [...batch.inputs, ...batch.targets, ...(batch.weights ? [batch.weights] : [])];
  const buffers = new Set([...arrays.map(({ values }) => values.buffer), numbers.buffer]);
  return [...buffers].filter((buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer && buffer.byteLength > 0);
}

/** The batches of an epoch from `from` on, in room from `room`. Files are closed when the loop is left. */
export function* prepareEpoch(
  plan: BatchPlan,
  options: EpochOptions,
  room: Allocate = allocate,
): Generator<Prepared, void> {
  const changes = plan.augment ? augmenters(plan.augment, plan.examples.inputs) : [];
  const maps = plan.maps.map(({ source, ...shapes }) => ({ change: compileFunction(source), shapes }));
  const filled =
    plan.examples.kind === 'indexed'
      ? indexedBatches(plan, plan.examples, options, room)
      : streamedBatches(plan, plan.examples, options, room);
  for (const each of filled) {
    augmentBatch(each, options, changes);
    let batch = wrapBatch(each, plan.examples);
    for (const { change, shapes } of maps) batch = applyMap(batch, each.numbers, change, shapes, mapRandom(options));
    yield { batch, numbers: each.numbers };
  }
}

/** A batch before anything is changed by chance. */
interface Filled {
  index: number;
  /** Numbers of its examples in the data set. */
  numbers: Int32Array;
  inputs: HostArray['values'][];
  targets: HostArray['values'][];
  weights?: Float32Array;
}

/** The order of an epoch: numbers of stored examples. The same for the same seed and epoch. */
export function orderOf(
  examples: Pick<IndexedPlan, 'stored' | 'indices'>,
  shuffled: boolean,
  { seed, epoch }: EpochOptions,
): Int32Array {
  const numbers = examples.indices ? new Int32Array(examples.indices) : range(examples.stored);
  return shuffled ? shuffle(numbers, randomOf(seed, epoch, PURPOSE.order)) : numbers;
}

function* indexedBatches(
  plan: BatchPlan,
  examples: IndexedPlan,
  options: EpochOptions,
  room: Allocate,
): Generator<Filled, void> {
  const { batchSize } = plan;
  const order = orderOf(examples, plan.order.kind === 'shuffled', options);
  const fields = [...examples.inputs, ...examples.targets, ...(examples.weights ? [examples.weights] : [])];
  const readers = fields.map((field) => ({ field, reader: openField(field), size: sizeOf(field.shape) }));
  try {
    for (let index = options.from ?? 0; index * batchSize < order.length; index++) {
      const numbers = order.slice(index * batchSize, (index + 1) * batchSize);
      if (plan.dropLast && numbers.length < batchSize) return;
      const columns = readers.map(({ field, reader, size }) => {
        const values = room(field.dtype, numbers.length * size);
        for (let row = 0; row < numbers.length; row++) reader.read(numbers[row] ?? 0, values, row * size);
        return values;
      });
      const inputs = columns.splice(0, examples.inputs.length);
      const targets = columns.splice(0, examples.targets.length);
      const [weights] = columns;
      yield { index, numbers, inputs, targets, ...(weights instanceof Float32Array ? { weights } : {}) };
    }
  } finally {
    for (const { reader } of readers) reader.close();
  }
}

type Streamed = Extract<BatchPlan['examples'], { kind: 'csv' }>;

/** Examples that can only be read one after the other: those before `from` are read and left out. */
function* streamedBatches(
  plan: BatchPlan,
  examples: Streamed,
  options: EpochOptions,
  room: Allocate,
): Generator<Filled, void> {
  const { batchSize, order } = plan;
  const skipped = (options.from ?? 0) * batchSize;
  const rows = order.kind === 'window' ? mixed(openRows(examples), order.size, options) : openRows(examples);
  let seen = 0;
  let batch: { number: number; values: Float32Array[] }[] = [];
  const fill = (index: number): Filled => {
    const shapes = [...examples.inputs, ...examples.targets];
    const columns = shapes.map(({ shape, dtype }, part) => {
      const size = sizeOf(shape);
      const values = room(dtype, batch.length * size);
      for (const [row, example] of batch.entries()) values.set(example.values[part] ?? [], row * size);
      return values;
    });
    const numbers = Int32Array.from(batch, ({ number }) => number);
    return {
      index,
      numbers,
      inputs: columns.slice(0, examples.inputs.length),
      targets: columns.slice(examples.inputs.length),
    };
  };
  for (const row of rows) {
    if (seen++ < skipped) continue;
    batch.push(row);
    if (batch.length < batchSize) continue;
    yield fill(seen / batchSize - 1);
    batch = [];
  }
  if (batch.length > 0 && !plan.dropLast) yield fill(Math.floor((seen - batch.length) / batchSize));
}

/** Mixes a stream within a window: each example given is drawn from the next `size`. */
function* mixed<T>(examples: Generator<T, void>, size: number, { seed, epoch }: EpochOptions): Generator<T, void> {
  const random = randomOf(seed, epoch, PURPOSE.order);
  const window: T[] = [];
  for (const example of examples) {
    if (window.length < size) {
      window.push(example);
      continue;
    }
    const drawn = below(random, size);
    const given = window[drawn];
    window[drawn] = example;
    if (given !== undefined) yield given;
  }
  while (window.length > 0) {
    const drawn = below(random, window.length);
    const given = window[drawn];
    const last = window.pop();
    if (drawn < window.length && last !== undefined) window[drawn] = last;
    if (given !== undefined) yield given;
  }
}

/** Draws for a user's function, which follow from the example's number. */
export const mapRandom =
  ({ seed, epoch }: EpochOptions) =>
  (number: number): Random =>
    randomOf(seed, epoch, PURPOSE.map, number);

function augmentBatch(
  { numbers, inputs }: Filled,
  { seed, epoch }: EpochOptions,
  changes: readonly (Augmenter | undefined)[],
): void {
  for (const [input, change] of changes.entries()) {
    const values = inputs[input];
    if (!change || !(values instanceof Float32Array)) continue;
    const each = values.length / numbers.length;
    // All inputs of an example draw the same, so that an image and its mask move together.
    for (const [row, number] of numbers.entries()) {
      change(values, row * each, randomOf(seed, epoch, PURPOSE.augment, number));
    }
  }
}

function wrapBatch({ index, numbers, inputs, targets, weights }: Filled, examples: BatchPlan['examples']): HostBatch {
  const size = numbers.length;
  const wrap = (fields: readonly FieldShape[], values: readonly HostArray['values'][]): HostArray[] =>
    fields.map(({ shape, dtype }, part) => hostArray(dtype, [size, ...shape], values[part] ?? new Uint8Array(0)));
  return {
    index,
    size,
    inputs: wrap(examples.inputs, inputs),
    targets: wrap(examples.targets, targets),
    ...(weights ? { weights: hostArray('float32', [size], weights) } : {}),
  };
}

/** A function out of its source text, which uses nothing around it. */
function compileFunction(source: string): ExampleFunction {
  const made: ExampleFunction = new Function(`return (${source})`)();
  return made;
}
