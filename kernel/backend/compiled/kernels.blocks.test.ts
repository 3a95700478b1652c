/** Images whose channels lie in blocks from one convolution to the next, beside the JavaScript backend. */
import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TensorFlow } from '../tensorflow.ts';
import { given, number, same } from './kernels.checks.ts';
import { lower } from './lower/lower.ts';
import { channelBlock, nativeFailure } from './native.ts';
import { optimize } from './passes/optimize.ts';
import { record } from './recorder.ts';
import { type Given, referenceTensorFlow } from './testing.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = await referenceTensorFlow();
});

/** Few numbers, so that several places of a window are greatest at once. */
const few = fc.constantFrom(-1, 0, 1);
const pad = fc.constantFrom('same' as const, 'valid' as const);

/** Numbers that are all different, in no order. */
const wave = (shape: number[], index: number): Given => {
  const size = shape.reduce((product, length) => product * length, 1);
  return {
    shape,
    values: Array.from({ length: size }, (_, at) => Math.sin(at * 12.9898 + index) / Math.sqrt(shape.length)),
  };
};

/** By statistics of the batch, as a layer does while it trains. */
function normalized(x: Tensor, scale: Tensor, offset: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis).slice(0, -1);
  const { mean, variance } = tf.moments(x, axes);
  return tf.batchNorm(x as Tensor4D, mean as never, variance as never, offset as never, scale as never, 0.1);
}

const conv = (x: Tensor, filter: Tensor, steps: number | [number, number] = 1, padding: 'same' | 'valid' = 'same') =>
  tf.conv2d(x as Tensor4D, filter as Tensor4D, steps, padding);

describe.skipIf(nativeFailure() !== undefined)('images in blocks of channels', () => {
  it.each([
    [[1, 16], 16],
    [[4, 4], 32],
    [[3, 5], 16],
    [[8, 2], 48],
  ])('%j of %i are normalised, cut off and added up between convolutions, with their gradients', (space, channels) => {
    const shapes = [[2, ...space, channels], [1, 3, channels, channels], [channels], [channels], [3, 1, channels, 16]];
    same(tf, shapes.map(wave), ([x, first, scale, offset, second]) => {
      const made = normalized(conv(x as Tensor, first as Tensor), scale as Tensor, offset as Tensor).relu();
      const sum = made.add(x as Tensor).relu();
      const weighed = sum.mul(sum.mean([1, 2], true).sigmoid());
      return conv(weighed, second as Tensor)
        .tanh()
        .mean([1, 2]);
    });
  });

  it('come of images of few channels, and go in longer steps', () => {
    const shapes = fc.record({
      channels: fc.integer({ min: 1, max: 3 }),
      space: fc.constantFrom<[number, number]>([1, 33], [8, 9], [12, 6]),
      size: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 })),
      steps: fc.constantFrom<[number, number]>([1, 2], [2, 2], [3, 1], [2, 3]),
      padding: pad,
    });
    fc.assert(
      fc.property(
        shapes
          .filter(({ space, size }) => size[0] <= space[0])
          .chain((w) =>
            fc.tuple(
              given([2, ...w.space, w.channels]),
              given([1, 2, w.channels, 32]),
              given([...w.size, 32, 16]),
              fc.constant(w),
            ),
          ),
        ([x, first, second, { steps, padding }]) =>
          same(tf, [x, first, second], ([t, f, g]) =>
            conv(conv(t as Tensor, f as Tensor, 1, 'same').tanh(), g as Tensor, steps, padding),
          ),
      ),
      { numRuns: 12 },
    );
  });

  it('are pooled by windows that overlap, and give the gradient to the first of those that are greatest', () => {
    const shapes = fc.record({
      space: fc.tuple(fc.integer({ min: 4, max: 7 }), fc.integer({ min: 4, max: 9 })),
      size: fc.constantFrom<[number, number]>([3, 3], [2, 3], [3, 1], [3, 2]),
      steps: fc.constantFrom<[number, number]>([2, 2], [1, 1], [2, 1], [1, 2]),
      padding: pad,
    });
    for (const numbers of [number, few]) {
      fc.assert(
        fc.property(
          shapes.chain((w) => fc.tuple(given([2, ...w.space, 16], numbers), fc.constant(w))),
          ([x, { size, steps, padding }]) =>
            same(tf, [x], ([t]) => tf.maxPool((t as Tensor4D).relu() as Tensor4D, size, steps, padding)),
        ),
        { numRuns: 12 },
      );
    }
  });

  it('are put in blocks once and back once', () => {
    if (channelBlock() === undefined) return;
    const outlines = [[2, 4, 4, 16], [3, 3, 16, 16], [16], [16]].map((shape) => ({ shape, dtype: 'float32' as const }));
    const recording = record(tf, outlines, ([x, f, scale, offset]) => {
      const made = normalized(conv(x as Tensor, f as Tensor), scale as Tensor, offset as Tensor);
      return [conv(made.add(x as Tensor).relu(), f as Tensor)];
    });
    const types = (portable: boolean): string[] =>
      optimize(lower(recording, tf, { portable }).graph.parts()).nodes.map(({ type }) => type);
    expect(types(false).filter((type) => type.startsWith('Reorder'))).toEqual(['ReorderInput', 'ReorderOutput']);
    expect(types(false)).not.toContain('Relu');
    expect(types(true).some((type) => type.startsWith('Reorder'))).toBe(false);
  });
});
