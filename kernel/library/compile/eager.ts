/** Loss, metrics and gradients computed kernel by kernel, on whatever engine runs. */
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { TensorFlow } from '../../backend/tensorflow.ts';
import type { Measured } from './objective.ts';

/** What a batch gives. All tensors are the caller's. */
export interface Differentiated {
  /** Loss first, then metrics. */
  figures: Tensor[];
  /** One for each variable; undefined where the loss does not depend on it. */
  gradients: (Tensor | undefined)[];
}

/** Differentiates the loss by the variables. */
export function differentiate(tf: TensorFlow, variables: readonly Variable[], measure: () => Measured): Differentiated {
  let others: Tensor[] = [];
  const { value, grads } = tf.variableGrads(() => {
    const measured = measure();
    others = measured.others.map((tensor) => tf.keep(tensor));
    return measured.loss.asScalar();
  }, [...variables]);
  return { figures: [value, ...others], gradients: variables.map(({ name }) => grads[name]) };
}
