/**
 * What our layers have in common. They are classes of TensorFlow.js's `Layer`, which exists only once that library is
 * loaded; so each file has a function that makes its classes, called once, on first use or before a model is loaded.
 */
import type { layers, Shape, Tensor } from '@tensorflow/tfjs';
import { loadTensorFlow, type TensorFlow } from '../../../backend/tensorflow.ts';

/** A layer of TensorFlow.js. */
export type Layer = layers.Layer;
/** What every layer can be given: `name`, `trainable`, `inputShape`, `weights`. */
export type LayerOptions = NonNullable<ConstructorParameters<TensorFlow['layers']['Layer']>[0]>;
/** What a layer is told beside its inputs: `training`, `mask`. */
export type CallOptions = Readonly<Record<string, unknown>>;

/** Makes classes of layers when they are first asked for. */
export function lazily<T>(make: (tf: TensorFlow) => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make(loadTensorFlow()) };
    return made.value;
  };
}

/** The one tensor of a layer that takes one. */
export function only(inputs: Tensor | Tensor[]): Tensor {
  const tensor = Array.isArray(inputs) ? inputs[0] : inputs;
  if (!tensor) throw new TypeError('a layer was called without a tensor');
  return tensor;
}

/** Shapes of all inputs, also where there is one. */
export function shapesOf(shape: Shape | Shape[]): Shape[] {
  return isList(shape) ? shape : [shape];
}
const isList = (shape: Shape | Shape[]): shape is Shape[] => Array.isArray(shape[0]);

/**
 * Length of an axis that weights depend on.
 * @throws RangeError when it is not known
 */
export function lengthOf(shape: Shape | undefined, axis: number, layer: string): number {
  const length = shape?.at(axis);
  if (typeof length === 'number') return length;
  throw new RangeError(
    `${layer} needs to know the length of axis ${axis} of its input, which is ${brackets(shape ?? [])}: give it in nn.input()`,
  );
}

/** `[batch, 28, 28, 1]`: a shape as people write it. Lengths that are not known are `any`, the first is `batch`. */
export const brackets = (shape: readonly (number | null | undefined)[]): string =>
  `[${shape.map((length, axis) => length ?? (axis === 0 ? 'batch' : 'any')).join(', ')}]`;

/**
 * The mask of a sequence, `[batch, steps]`, 1 where there is something. TensorFlow.js hands on the mask of a layer before
 * too, and gives masks an axis more at each addition; what cannot be of this sequence is no mask of it.
 */
export function maskOf(options: CallOptions, batch: number, steps: number): Tensor | undefined {
  const { Tensor } = loadTensorFlow();
  const { mask } = options;
  if (!(mask instanceof Tensor) || mask.isDisposed || mask.size !== batch * steps) return undefined;
  return mask.reshape([batch, steps]).toFloat();
}

/** Whether a layer is called to train: dropout differs. */
export const isTraining = (options: CallOptions): boolean => options.training === true;
