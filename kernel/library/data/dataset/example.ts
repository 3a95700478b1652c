/** Functions of the user's own that change examples, and how a batch goes through them. */
import type { HostArray, HostBatch } from '../source.ts';
import type { Random } from './chance.ts';
import { allocate, type FieldShape, hostArray, sizeOf } from './plan.ts';

/** One example on its way into a batch. The arrays are views of the batch. */
export interface Example {
  /** Its number in the data set; in a stream, the number of its row. */
  number: number;
  /** Without the batch dimension, in the order of the data set. */
  inputs: readonly HostArray[];
  targets: readonly HostArray[];
  /** Draws that follow from seed, epoch and number: use it instead of `Math.random`. */
  random: Random;
}

/** What becomes of an example: the parts that are given replace the old ones. */
export interface ChangedExample {
  inputs?: readonly ArrayLike<number>[];
  targets?: readonly ArrayLike<number>[];
}

/** Changes one example. It may change the arrays in place and return nothing. */
export type ExampleFunction = (example: Example) => ChangedExample | undefined;

/**
 * Sends each example of a batch through a function.
 * @param numbers of the examples in the data set
 * @throws RangeError when an array that it returns has another number of values than its shape
 */
export function applyMap(
  batch: HostBatch,
  numbers: ArrayLike<number>,
  map: ExampleFunction,
  shapes: { inputs: readonly FieldShape[]; targets: readonly FieldShape[] },
  random: (number: number) => Random,
): HostBatch {
  const room = (fields: readonly FieldShape[]): HostArray[] =>
    fields.map(({ shape, dtype }) =>
      hostArray(dtype, [batch.size, ...shape], allocate(dtype, batch.size * sizeOf(shape))),
    );
  const made = { inputs: room(shapes.inputs), targets: room(shapes.targets) };
  for (let row = 0; row < batch.size; row++) {
    const number = numbers[row] ?? 0;
    const inputs = batch.inputs.map((array) => rowOf(array, row));
    const targets = batch.targets.map((array) => rowOf(array, row));
    const changed = map({ number, inputs, targets, random: random(number) }) ?? {};
    put(made.inputs, changed.inputs ?? inputs.map(({ values }) => values), row, 'input');
    put(made.targets, changed.targets ?? targets.map(({ values }) => values), row, 'target');
  }
  return { ...batch, ...made };
}

function rowOf({ dtype, shape, values }: HostArray, row: number): HostArray {
  const own = shape.slice(1);
  const size = sizeOf(own);
  return hostArray(dtype, own, values.subarray(row * size, (row + 1) * size));
}

function put(to: readonly HostArray[], from: readonly ArrayLike<number>[], row: number, what: string): void {
  for (const [index, { shape, values }] of to.entries()) {
    const size = sizeOf(shape.slice(1));
    const given = from[index];
    if (given?.length !== size) {
      throw new RangeError(
        `map() gave ${given?.length ?? 0} values for ${what} ${index}, whose shape [${shape.slice(1).join(', ')}] has ${size}; name another shape in its options, e.g. map(f, { ${what}s: [{ shape: [${given?.length ?? 0}], dtype: 'float32' }] })`,
      );
    }
    values.set(given, row * size);
  }
}
