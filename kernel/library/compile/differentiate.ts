/** Loss, metrics and gradients of a batch, as tensors: to be computed on whatever engine runs, or to be recorded. */
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { StepResult } from '../../backend/compiled/step.ts';
import type { TensorFlow } from '../../backend/tensorflow.ts';
import type { Measured } from './objective.ts';

/** Differentiates the loss by the variables. */
export function differentiate(tf: TensorFlow, variables: readonly Variable[], measure: () => Measured): StepResult {
  let others: Tensor[] = [];
  const { value, grads } = tf.variableGrads(() => {
    const measured = measure();
    // They would go with the scope of the gradient.
    others = measured.others.map((tensor) => tf.keep(tensor));
    return measured.loss.asScalar();
  }, [...variables]);
  return { figures: [value, ...others], gradients: variables.map(({ name }) => grads[name]) };
}
