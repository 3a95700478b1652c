/**
 * Gradient of an Einstein sum: for each operand another one, of the result's gradient and the other operand. Labels that
 * only this operand has were summed over, so its gradient is the same all along them.
 */
import type { Tensor } from '@tensorflow/tfjs';
import { einsumLabels } from '../compiled/shapes/arrange.ts';
import type { TensorFlow } from '../tensorflow.ts';
import type { Gradient } from './register.ts';

/** The gradient of an Einstein sum, for `register.ts`. */
export const einsumGradient = (tf: TensorFlow): Gradient => ({
  kernel: 'Einsum',
  list: true,
  of: (dy, operands, attrs) => {
    const { operands: labels, result } = einsumLabels(String(attrs.equation));
    return Object.fromEntries(
      operands.map((operand, index) => [
        String(index),
        () => ofOperand(tf, dy, result, operand, labels[index] ?? '', operands[1 - index], labels[1 - index] ?? ''),
      ]),
    );
  },
});

function ofOperand(
  tf: TensorFlow,
  dy: Tensor,
  result: string,
  operand: Tensor,
  own: string,
  other: Tensor | undefined,
  theirs: string,
): Tensor {
  const kept = [...own].filter((label) => result.includes(label) || theirs.includes(label)).join('');
  let gradient: Tensor;
  if (!other) gradient = result === kept ? dy : tf.einsum(`${result}->${kept}`, dy);
  else if (result === '') gradient = dy.mul(theirs === kept ? other : tf.einsum(`${theirs}->${kept}`, other));
  else if (theirs === '') gradient = other.mul(result === kept ? dy : tf.einsum(`${result}->${kept}`, dy));
  else gradient = tf.einsum(`${result},${theirs}->${kept}`, dy, other);
  const thin = [...own].map((label, axis) => (kept.includes(label) ? (operand.shape[axis] ?? 1) : 1));
  return kept === own ? gradient : tf.broadcastTo(gradient.reshape(thin), operand.shape);
}
