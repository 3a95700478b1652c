/** Tensors and plain arrays as a source of batches: all of the data are in memory, a batch is a selection of rows. */
import { createHash } from 'node:crypto';
import type { Tensor, TensorLike } from '@tensorflow/tfjs';
import { allTheSame, checkFiniteNumbers } from '../../backend/guard/numbers.ts';
import type { TensorFlow } from '../../backend/tensorflow.ts';
import { randomOf, range, shuffle } from '../data/dataset/chance.ts';
import type { BatchSource, EpochOptions, HostArray, HostBatch } from '../data/source.ts';

/** Numbers with the examples along the first dimension: a tensor, or (nested) arrays. */
export type Columns = Tensor | TensorLike;

/** Examples and what is to be learnt of them, all of the same length. */
export interface Examples {
  inputs: Columns | readonly Tensor[];
  targets: Columns | readonly Tensor[];
  /** How much each example counts, `[examples]`. */
  weights?: Columns;
}

/** A data set that can be cut into batches of any size. */
export interface Batchable {
  batches(options: { batchSize: number; shuffle: boolean }): BatchSource;
}

/** What is held in memory: named, or inputs and targets. */
export type HeldData = Examples | readonly [inputs: Examples['inputs'], targets: Examples['targets']];

/** What `fit` learns from and judges by. */
export type FitData = BatchSource | Batchable | HeldData;

export const isSource = (data: FitData): data is BatchSource =>
  'epoch' in data && typeof data.epoch === 'function' && 'batchSize' in data;

export const isBatchable = (data: FitData): data is Batchable =>
  'batches' in data && typeof data.batches === 'function';

/** Rows by number. */
interface Held {
  count: number;
  inputs: readonly HostArray[];
  targets: readonly HostArray[];
  weights: HostArray | undefined;
}

/**
 * Rows, in batches. Those given are seen, in their order or in another for each epoch. A batch's numbers hold until the
 * next but one is asked for: fresh memory for each would cost more than filling it.
 */
export class ArraySource implements BatchSource {
  readonly batchSize: number;
  readonly #held: Held;
  readonly #rows: Int32Array;
  readonly #shuffles: boolean;

  constructor(held: Held, rows: Int32Array, batchSize: number, shuffles: boolean) {
    this.#held = held;
    this.#rows = rows;
    this.#shuffles = shuffles;
    this.batchSize = batchSize;
  }

  get examples(): number {
    return this.#rows.length;
  }

  get batches(): number {
    return Math.ceil(this.#rows.length / this.batchSize);
  }

  get inputs(): BatchSource['inputs'] {
    return this.#held.inputs.map(({ shape, dtype }) => ({ shape: shape.slice(1), dtype }));
  }

  get targets(): BatchSource['targets'] {
    return this.#held.targets.map(({ shape, dtype }) => ({ shape: shape.slice(1), dtype }));
  }

  /** Whether all examples have the same targets. */
  get oneTarget(): boolean {
    return this.#held.targets.every(({ values, shape }) => allTheSame(values, shape));
  }

  async *epoch({ epoch, seed, from = 0 }: EpochOptions): AsyncGenerator<HostBatch> {
    const { inputs, targets, weights } = this.#held;
    const order = this.#shuffles ? shuffle(this.#rows.slice(), randomOf(seed, epoch)) : this.#rows;
    const most = Math.min(this.batchSize, order.length);
    const room = (arrays: readonly HostArray[]): HostArray['values'][] =>
      arrays.map(({ values, shape }) => roomFor(values, most * widthOf(shape)));
    const rooms = [0, 1].map(() => [room(inputs), room(targets), room(weights ? [weights] : [])] as const);
    for (let index = from; index < this.batches; index++) {
      const rows = order.subarray(index * this.batchSize, (index + 1) * this.batchSize);
      const [x = [], y = [], w = []] = rooms[index % 2] ?? [];
      yield {
        index,
        size: rows.length,
        inputs: inputs.map((array, at) => select(array, rows, x[at])),
        targets: targets.map((array, at) => select(array, rows, y[at])),
        ...(weights ? { weights: select(weights, rows, w[0]) } : {}),
      };
    }
  }

  async hash(): Promise<string> {
    const { inputs, targets, weights } = this.#held;
    const hash = createHash('sha256').update(bytesOf(this.#rows));
    for (const array of [...inputs, ...targets, ...(weights ? [weights] : [])]) {
      hash.update(`${array.dtype}[${array.shape.join()}]`).update(bytesOf(array.values));
    }
    return hash.update(String(this.batchSize)).digest('hex');
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: HostArray['values']): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** The rows of these numbers, in `room` where there is some. */
export function select(array: HostArray, rows: Int32Array, room?: HostArray['values']): HostArray {
  const width = widthOf(array.shape);
  const size = rows.length * width;
  const shape = [rows.length, ...array.shape.slice(1)];
  const copy = <T extends HostArray['values']>(from: T, to: T): T => {
    for (let row = 0; row < rows.length; row++) {
      const start = (rows[row] ?? 0) * width;
      to.set(from.subarray(start, start + width), row * width);
    }
    return to;
  };
  switch (array.dtype) {
    case 'float32': {
      const to = room instanceof Float32Array ? room.subarray(0, size) : new Float32Array(size);
      return { ...array, shape, values: copy(array.values, to) };
    }
    case 'int32': {
      const to = room instanceof Int32Array ? room.subarray(0, size) : new Int32Array(size);
      return { ...array, shape, values: copy(array.values, to) };
    }
    case 'bool': {
      const to = room instanceof Uint8Array ? room.subarray(0, size) : new Uint8Array(size);
      return { ...array, shape, values: copy(array.values, to) };
    }
  }
}

const widthOf = (shape: readonly number[]): number => shape.slice(1).reduce((size, length) => size * length, 1);

function roomFor(like: HostArray['values'], size: number): HostArray['values'] {
  if (like instanceof Float32Array) return new Float32Array(size);
  return like instanceof Int32Array ? new Int32Array(size) : new Uint8Array(size);
}

/**
 * Reads examples into memory.
 * @param named what they are, for error messages, e.g. `the data`
 * @throws Error when there are none, inputs and targets are not as many, or a number is NaN or infinite
 */
export async function hold(tf: TensorFlow, given: HeldData, named: string): Promise<Held> {
  const { inputs, targets, weights } = 'inputs' in given ? given : { inputs: given[0], targets: given[1] };
  const held = {
    inputs: await columnsOf(tf, inputs, `the inputs of ${named}`),
    targets: await columnsOf(tf, targets, `the targets of ${named}`),
    weights: weights === undefined ? undefined : (await columnsOf(tf, weights, `the weights of ${named}`))[0],
  };
  const first = held.inputs[0];
  if (!first) throw new Error(`${named}: there are no inputs`);
  const count = first.shape[0] ?? 0;
  for (const array of [...held.inputs, ...held.targets, ...(held.weights ? [held.weights] : [])]) {
    const length = array.shape[0] ?? 0;
    if (length === count) continue;
    throw new Error(`${named}: ${count} inputs and ${length} targets or weights; there must be as many of each`);
  }
  if (count === 0) throw new Error(`${named}: there are no examples in it; inputs are [${first.shape.join(', ')}]`);
  for (const [kind, arrays] of [['inputs', held.inputs] as const, ['targets', held.targets] as const]) {
    for (const { values, shape } of arrays) checkFiniteNumbers(`one of the ${kind} of ${named}`, values, shape);
  }
  return { count, ...held };
}

async function columnsOf(tf: TensorFlow, given: Columns | readonly Tensor[], named: string): Promise<HostArray[]> {
  if (given instanceof tf.Tensor) return [await columnOf(given, named)];
  if (isTensors(tf, given)) return Promise.all(given.map((tensor) => columnOf(tensor, named)));
  if (given === undefined || given === null) throw new Error(`${named} are ${given}: give a tensor, or arrays`);
  const tensor = tf.tensor(given);
  try {
    return [await columnOf(tensor, named)];
  } finally {
    tensor.dispose();
  }
}

function isTensors(tf: TensorFlow, given: TensorLike | readonly Tensor[]): given is readonly Tensor[] {
  return Array.isArray(given) && given.length > 0 && given.every((each) => each instanceof tf.Tensor);
}

async function columnOf(tensor: Tensor, named: string): Promise<HostArray> {
  const { dtype, shape } = tensor;
  if (shape.length === 0) throw new Error(`${named}: a single number; give one row for each example`);
  // A tensor's numbers never change: where the engine gives its own instead of a copy, they serve as well.
  const values = await tensor.data();
  if (dtype === 'float32') return { dtype, shape, values: as(Float32Array, values) };
  if (dtype === 'int32') return { dtype, shape, values: as(Int32Array, values) };
  if (dtype === 'bool') return { dtype, shape, values: as(Uint8Array, values) };
  throw new Error(`${named} are ${dtype}: give numbers`);
}

const as = <T>(kind: new (values: ArrayLike<number>) => T, values: ArrayLike<number>): T =>
  values instanceof kind ? values : new kind(values);

/**
 * Examples as batches to train on, and a share of them, drawn by chance, to judge by.
 * @throws RangeError for a batch size or a share that makes no sense
 */
export function split(
  held: Held,
  { batchSize, share, seed, shuffles }: { batchSize: number; share: number; seed: number; shuffles: boolean },
): { training: ArraySource; validation: ArraySource | undefined } {
  const all = range(held.count);
  if (share === 0) return { training: new ArraySource(held, all, batchSize, shuffles), validation: undefined };
  if (!(share > 0 && share < 1)) {
    throw new RangeError(`validation is ${share}: give a share between 0 and 1, examples, or a source of batches`);
  }
  const kept = Math.round(held.count * share);
  if (kept === 0 || kept === held.count) {
    throw new RangeError(`validation is ${share} of ${held.count} examples: that leaves none on one side`);
  }
  const drawn = shuffle(all, randomOf(seed, SPLIT));
  const rows = (from: number, to: number): Int32Array => drawn.slice(from, to).sort();
  return {
    training: new ArraySource(held, rows(kept, held.count), batchSize, shuffles),
    validation: new ArraySource(held, rows(0, kept), batchSize, false),
  };
}

/** Keeps the draw of the split apart from those of epochs. */
const SPLIT = 0x5b117;

/** All examples in their order. */
export const inOrder = (held: Held, batchSize: number): ArraySource =>
  new ArraySource(held, range(held.count), batchSize, false);

/** @throws RangeError when it is no whole number from 1 */
export function checkBatchSize(batchSize: number): void {
  if (Number.isInteger(batchSize) && batchSize >= 1) return;
  throw new RangeError(`batchSize is ${batchSize}: give a whole number from 1`);
}
