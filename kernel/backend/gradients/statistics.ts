/**
 * Gradients of sums, means and normalisation by them. TensorFlow.js's own multiply by tensors of ones and walk over all
 * numbers some twenty times for one normalisation; these say the same in a few operations.
 */
import type { Tensor } from '@tensorflow/tfjs';
import { numberOf } from '../compiled/attributes.ts';
import { reducedAxes, sizeOf } from '../compiled/shapes/outline.ts';
import type { Attrs, Gradient } from './register.ts';

/** Each number of a fold's gradient goes to all the numbers that were folded into it. */
function unfolded(dy: Tensor, x: Tensor, attrs: Attrs, mean: boolean): Tensor {
  const axes = reducedAxes(attrs, x.shape.length);
  const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const shares = mean ? dy.div(sizeOf(axes.map((axis) => x.shape[axis] ?? 1))) : dy;
  return shares.reshape(kept).broadcastTo(x.shape);
}

const fold = (kernel: 'Sum' | 'Mean'): Gradient => ({
  kernel,
  inputs: ['x'],
  of: (dy, [x], attrs) => ({
    x: () => {
      if (!x) throw new Error(`${kernel} did not keep its input`);
      return unfolded(dy, x, attrs, kernel === 'Mean');
    },
  }),
});

/** (x - mean) · scale / √(variance + ε) + offset, where all but `x` are spread to its shape. */
const normalization: Gradient = {
  kernel: 'FusedBatchNorm',
  inputs: ['x', 'mean', 'variance', 'scale'],
  of: (dy, [x, mean, variance, scale], attrs) => {
    if (!x || !mean || !variance) throw new Error('the normalisation did not keep its inputs');
    const inverse = variance.add(numberOf(attrs.varianceEpsilon, 1e-3)).rsqrt();
    const factor = scale ? inverse.mul(scale) : inverse;
    /** Summed to the shape of the statistics, which are one number a channel or spread by hand. */
    const summed = (whole: Tensor): Tensor =>
      mean.rank === 1 ? whole.sum(whole.shape.map((_, axis) => axis).slice(0, -1)) : whole.reshape(mean.shape);
    const centred = (): Tensor => dy.mul(x.sub(mean));
    return {
      x: () => dy.mul(factor),
      mean: () => (mean.rank === 1 ? summed(dy).mul(factor).neg() : summed(dy.mul(factor).neg())),
      variance: () => summed(centred()).mul(factor).mul(inverse.square()).mul(-0.5),
      scale: () => summed(centred()).mul(inverse),
      offset: () => summed(dy),
    };
  },
};

/** The gradients of these kernels, for `register.ts`. */
export const STATISTICS: readonly Gradient[] = [fold('Sum'), fold('Mean'), normalization];
