/** The weights of a model as a list, and their numbers copied out and back. */
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { TensorFlow } from '../../backend/tensorflow.ts';
import type { Model } from '../compile/contract.ts';
import type { HostArray } from '../data/source.ts';

/** All weights, those that are trained and those that only change with a step, always in the same order. */
export function weightsOf(tf: TensorFlow, model: Model): Variable[] {
  if (!(model instanceof tf.LayersModel)) return [...new Set([...model.trainable(), ...(model.kept?.() ?? [])])];
  return model.weights.flatMap((weight) => {
    const variable = weight.read();
    return variable instanceof tf.Variable ? [variable] : [];
  });
}

/** Their numbers, copied. @throws Error for one that holds no numbers */
export const copyOut = (tensors: readonly Tensor[]): Promise<HostArray[]> => Promise.all(tensors.map(numbersOf));

async function numbersOf(tensor: Tensor & { name?: string }): Promise<HostArray> {
  const { dtype, shape } = tensor;
  const values = await tensor.data();
  if (dtype === 'float32') return { dtype, shape: [...shape], values: new Float32Array(values) };
  if (dtype === 'int32') return { dtype, shape: [...shape], values: new Int32Array(values) };
  if (dtype === 'bool') return { dtype, shape: [...shape], values: new Uint8Array(values) };
  throw new Error(`the weight ${tensor.name} is ${dtype}, which no checkpoint can hold`);
}

/** Puts copied numbers back. They must be of the same shapes. */
export function copyIn(tf: TensorFlow, variables: readonly Variable[], arrays: readonly HostArray[]): void {
  for (const [index, variable] of variables.entries()) {
    const array = arrays[index];
    if (!array) continue;
    const tensor = tensorOf(tf, array);
    variable.assign(tensor);
    tensor.dispose();
  }
}

/** Whether tensors are made of copies at once, so that the numbers they were made of may change. */
export const copiesNumbers = (tf: TensorFlow): boolean => ['wasm', 'tensorflow'].includes(tf.getBackend());

/** A tensor of these numbers, the caller's. They are not to change while it lives. */
export const tensorOf = (tf: TensorFlow, { values, shape, dtype }: HostArray): Tensor =>
  tf.tensor(values, [...shape], dtype);
