/**
 * The 68 kernels that ordinary training steps meet (dense, convolutional, recurrent and attention models, their losses,
 * optimizers and clipped gradients): each has a shape and a lowering. Their values are compared with the JavaScript
 * backend's in `kernels.*.test.ts`.
 */
import type { Tensor } from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../tensorflow.ts';
import { compiledKernels } from './lower/lower.ts';
import { nativeFailure } from './native.ts';
import { hasShape } from './shapes/shapes.ts';
import { compiled } from './testing.ts';

const TRAINING = `
  Abs Add AddN ArgMax AvgPool AvgPoolGrad BatchMatMul Cast ClipByValue Concat Conv2D Conv2DBackpropFilter
  Conv2DBackpropInput DepthwiseConv2dNative DepthwiseConv2dNativeBackpropFilter DepthwiseConv2dNativeBackpropInput Elu
  EluGrad Equal Erf Exp Floor FusedBatchNorm FusedConv2D GatherV2 Greater GreaterEqual Identity LeakyRelu LessEqual Log
  LogicalAnd Max MaxPool MaxPoolGrad Maximum Mean Minimum Multiply Neg OneHot Pack RealDiv Relu Reshape
  ResizeNearestNeighbor ResizeNearestNeighborGrad Reverse Rsqrt Select Selu Sigmoid Slice Softmax Softplus SplitV Sqrt
  Square Step Sub Sum Tanh Tile Transpose Unpack UnsortedSegmentSum ZerosLike _FusedMatMul`
  .trim()
  .split(/\s+/);

describe('kernels of training', () => {
  it('are 68, all with a shape and a lowering', () => {
    const known = new Set(compiledKernels());
    expect(TRAINING).toHaveLength(68);
    expect(TRAINING.filter((kernel) => !known.has(kernel) || !hasShape(kernel))).toEqual([]);
  });

  it('are kernels of this TensorFlow.js', () => {
    const there = new Set(
      loadTensorFlow()
        .getKernelsForBackend('cpu')
        .map(({ kernelName }) => kernelName),
    );
    expect(TRAINING.filter((kernel) => !there.has(kernel))).toEqual([]);
  });

  it.skipIf(nativeFailure() !== undefined)('that have no lowering are named, with the line that called them', () => {
    const tf = loadTensorFlow();
    const work = ([x]: Tensor[]): Tensor[] => (x ? [tf.unique(x.reshape([-1])).values] : []);
    expect(() => compiled(tf, [{ shape: [4], values: [1, 2, 2, 3] }], work)).toThrow(/Unique: it has no compiled form/);
  });
});
