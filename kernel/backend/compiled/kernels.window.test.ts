/** Windows over images and volumes, beside the JavaScript backend. */
import type { Tensor, Tensor4D, Tensor5D } from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import type { TensorFlow } from '../tensorflow.ts';
import { given, positive, RUNS, same } from './kernels.checks.ts';
import { nativeFailure } from './native.ts';
import { type Given, referenceTensorFlow } from './testing.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = await referenceTensorFlow();
});

describe.skipIf(nativeFailure() !== undefined)('compiled kernels', () => {
  /** Geometry of a window that fits. */
  const windows = fc.record({
    size: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    pad: fc.constantFrom('same' as const, 'valid' as const),
    height: fc.integer({ min: 3, max: 7 }),
    width: fc.integer({ min: 3, max: 7 }),
    channels: fc.integer({ min: 1, max: 3 }),
    batch: fc.integer({ min: 1, max: 2 }),
  });

  it('convolution, its dilation and its gradients', () => {
    fc.assert(
      fc.property(
        windows.chain((w) =>
          fc.tuple(
            given([w.batch, w.height, w.width, w.channels]),
            given([w.size, w.size, w.channels, 2]),
            fc.constant(w),
            fc.integer({ min: 1, max: 2 }),
          ),
        ),
        ([x, filter, { stride, pad, size }, dilation]) => {
          const conv =
            (steps: number, holes: number) =>
            ([t, f]: Tensor[]): Tensor =>
              tf.conv2d(t as Tensor4D, f as Tensor4D, steps, pad, 'NHWC', holes);
          same(tf, [x, filter], conv(stride, 1));
          if ((size - 1) * dilation < 3) same(tf, [x, filter], conv(1, dilation));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('depthwise convolution and its gradients', () => {
    fc.assert(
      fc.property(
        windows.chain((w) =>
          fc.tuple(
            given([w.batch, w.height, w.width, w.channels]),
            given([w.size, w.size, w.channels, 2]),
            fc.constant(w),
          ),
        ),
        ([x, filter, { stride, pad }]) =>
          same(tf, [x, filter], ([t, f]) => tf.depthwiseConv2d(t as Tensor4D, f as Tensor4D, stride, pad)),
      ),
      { numRuns: 20 },
    );
  });

  it('depthwise convolution with its bias and activation', () => {
    fc.assert(
      fc.property(
        windows.chain((w) =>
          fc.tuple(
            given([w.batch, w.height, w.width, w.channels]),
            given([w.size, w.size, w.channels, 2]),
            given([w.channels * 2]),
            fc.constant(w),
            fc.constantFrom(undefined, 'relu' as const, 'relu6' as const, 'sigmoid' as const),
          ),
        ),
        ([x, filter, bias, { stride, pad }, activation]) => {
          const more = { strides: stride, pad, ...(activation ? { activation } : {}) };
          const work = ([t, f, b]: Tensor[]): Tensor =>
            tf.fused.depthwiseConv2d({ x: t as Tensor4D, filter: f as Tensor4D, bias: b as Tensor, ...more });
          same(tf, [x, filter, bias], work, false);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('pooling by the greatest, and its gradient', () => {
    fc.assert(
      fc.property(
        windows.chain((w) => fc.tuple(given([w.batch, w.height, w.width, w.channels]), fc.constant(w))),
        ([x, { size, stride, pad }]) => same(tf, [x], ([t]) => tf.maxPool(t as Tensor4D, size, stride, pad)),
      ),
      { numRuns: 25 },
    );
  });

  it('gives the gradient of a tie to the first, as TensorFlow does', () => {
    const blank: Given = { shape: [1, 6, 6, 2], values: new Array(72).fill(0.5) };
    for (const stride of [1, 2]) same(tf, [blank], ([t]) => tf.maxPool(t as Tensor4D, 2, stride, 'valid'));
  });

  it('gives it to the first of those that are greatest, wherever they are', () => {
    const few = fc.constantFrom(-1, 0, 1);
    fc.assert(
      fc.property(given([2, 6, 4, 2], few), given([1, 5, 7, 1], few), (even, odd) => {
        for (const x of [even, odd]) {
          same(tf, [x], ([t]) => tf.maxPool(t as Tensor4D, 2, 2, 'valid'));
          same(tf, [x], ([t]) => tf.maxPool(tf.relu(t as Tensor4D), 2, 2, 'valid'));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('a filter over one channel, small or large beside what it gives', () => {
    const sizes = fc.record({ size: fc.integer({ min: 1, max: 5 }), stride: fc.integer({ min: 1, max: 2 }) });
    fc.assert(
      fc.property(
        sizes.chain((w) => fc.tuple(given([3, 7, 6, 1]), given([w.size, w.size, 1, 3]), fc.constant(w))),
        ([x, filter, { stride }]) => {
          for (const pad of ['same', 'valid'] as const) {
            same(tf, [x, filter], ([t, f]) => tf.conv2d(t as Tensor4D, f as Tensor4D, stride, pad));
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  it('pooling by the mean, and its gradient', () => {
    fc.assert(
      fc.property(
        windows.chain((w) => fc.tuple(given([w.batch, w.height, w.width, w.channels]), fc.constant(w))),
        ([x, { size, stride, pad }]) => same(tf, [x], ([t]) => tf.avgPool(t as Tensor4D, size, stride, pad)),
      ),
      { numRuns: 25 },
    );
  });

  it('enlarging by whole factors, and its gradient', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), given([1, 3, 2, 2])),
        ([tall, wide, x]) =>
          same(tf, [x], ([t]) => tf.image.resizeNearestNeighbor(t as Tensor4D, [3 * tall, 2 * wide])),
      ),
      RUNS,
    );
  });

  it('batch normalisation by given statistics', () => {
    const channels = fc.integer({ min: 1, max: 3 });
    fc.assert(
      fc.property(
        channels.chain((c) => fc.tuple(given([2, 3, 3, c]), given([c]), given([c], positive), given([c]), given([c]))),
        ([x, mean, variance, offset, scale]) =>
          same(
            tf,
            [x, mean, variance, offset, scale],
            ([t, m, v, o, s]) =>
              tf.batchNorm(t as Tensor4D, m as Tensor4D, v as Tensor4D, o as Tensor4D, s as Tensor4D, 1e-3),
            true,
            1e-4,
          ),
      ),
      RUNS,
    );
  });

  it('convolutions of volumes, dilated or not, and their gradients', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 }), fc.constantFrom('same', 'valid')),
        fc.tuple(given([2, 4, 3, 5, 2]), given([2, 2, 2, 2, 3])),
        ([stride, dilation, pad], [x, filter]) =>
          same(tf, [x, filter], ([t, f]) =>
            tf.conv3d(t as Tensor5D, f as Tensor5D, dilation === 1 ? [stride, 1, stride] : 1, pad as 'same', 'NDHWC', [
              dilation,
              1,
              dilation,
            ]),
          ),
      ),
      RUNS,
    );
  });

  it('resizing to any size, and its gradient', () => {
    const length = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(fc.tuple(length, length), fc.constantFrom(0, 1, 2), given([2, 4, 3, 2]), ([tall, wide], how, x) => {
        const [corners, centred] = [how === 1, how === 2];
        same(tf, [x], ([t]) => tf.image.resizeBilinear(t as Tensor4D, [tall, wide], corners, centred));
        same(tf, [x], ([t]) => tf.image.resizeNearestNeighbor(t as Tensor4D, [tall, wide], corners, centred));
      }),
      RUNS,
    );
  });
});
