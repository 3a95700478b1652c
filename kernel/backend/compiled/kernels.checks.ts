/** For tests: tensors by chance, and the check that a function is the same compiled, its gradients included. */
import type { Tensor } from '@tensorflow/tfjs';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { TensorFlow } from '../tensorflow.ts';
import { compiled, difference, eagerly, type Given } from './testing.ts';

/** How many tensors a check is run on; the same ones each time. */
export const RUNS = { seed: 4, numRuns: 12 };
const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
/** Numbers apart from one another and from zero, so that no comparison is a tie and no slope is undefined. */
export const number = fc.double({ min: 0.05, max: 2, noNaN: true }).chain((size) => fc.constantFrom(size, -size));
/** Numbers that every function here takes, roots and logarithms too. */
export const positive = fc.double({ min: 0.1, max: 2, noNaN: true });
/** Tensors of a shape, of numbers from `of`. */
export const given = (shape: number[], of: fc.Arbitrary<number> = number): fc.Arbitrary<Given> =>
  fc.array(of, { minLength: sizeOf(shape), maxLength: sizeOf(shape) }).map((values) => ({ shape, values }));
/** Small shapes, that of a single number among them. */
export const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 0, maxLength: 4 });

/** Checks a function and, where asked, its gradient with respect to all inputs. */
export function same(
  tf: TensorFlow,
  inputs: Given[],
  work: (tensors: Tensor[]) => Tensor,
  gradient = true,
  tolerance?: number,
): void {
  const forward = (tensors: Tensor[]): Tensor[] => [work(tensors)];
  const reference = eagerly(tf, inputs, forward);
  expect(difference(compiled(tf, inputs, forward), reference, tolerance)).toBeUndefined();
  if (!gradient) return;
  const [{ shape } = { shape: [] }] = reference;
  const dy: Given = { shape, values: Array.from({ length: sizeOf(shape) }, (_, index) => Math.cos(index + 1)) };
  const backward = (tensors: Tensor[]): Tensor[] => {
    const last = tensors.at(-1);
    return tf.grads((...list: Tensor[]) => work(list))(tensors.slice(0, -1), last);
  };
  const all = [...inputs, dy];
  expect(difference(compiled(tf, all, backward), eagerly(tf, all, backward), tolerance)).toBeUndefined();
}
