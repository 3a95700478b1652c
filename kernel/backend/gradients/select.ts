/** Gradients of what chooses: what was not clipped, and the greatest few. */
import type { Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow.ts';
import type { Gradient } from './register.ts';

/** The gradient of clipping goes to what was left as it is: one comparison instead of two, a choice and zeros. */
export const clipGradient = (tf: TensorFlow): Gradient => ({
  kernel: 'ClipByValue',
  inputs: ['x'],
  output: true,
  of: (dy, [x, y]) => ({
    x: () => {
      if (!x || !y) throw new Error('clipByValue did not keep its values');
      return dy.mul(tf.equal(x, y).toFloat());
    },
  }),
});

/** The gradient of the greatest values goes to where they were found. */
export function registerGreatest(tf: TensorFlow): void {
  if (tf.getGradient('TopK')) tf.unregisterGradient('TopK');
  tf.registerGradient({
    kernelName: 'TopK',
    inputsToSave: ['x'],
    outputsToSave: [false, true],
    gradFunc: (dys, [x, places]) => ({
      x: () => {
        const dy: Tensor | undefined = Array.isArray(dys) ? dys[0] : dys;
        if (!dy || !x || !places) throw new Error('topk did not keep what its gradient needs');
        const chosen = tf.oneHot(places.toInt(), x.shape.at(-1) ?? 1).toFloat();
        return chosen.mul(dy.expandDims(-1)).sum(-2);
      },
    }),
  });
}
