/** Convolutions in the forms that depend on how many channels there are and on what follows, beside the JavaScript backend. */
import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TensorFlow } from '../tensorflow.ts';
import { given, number, same } from './kernels.checks.ts';
import { lower } from './lower/lower.ts';
import { channelBlock, nativeFailure } from './native.ts';
import { record } from './recorder.ts';
import { referenceTensorFlow } from './testing.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = await referenceTensorFlow();
});

/** Few numbers, so that several places of a window are greatest at once. */
const few = fc.constantFrom(-1, 0, 1);

describe.skipIf(nativeFailure() !== undefined)('compiled convolutions', () => {
  const images = fc.record({
    batch: fc.integer({ min: 1, max: 2 }),
    height: fc.integer({ min: 5, max: 8 }),
    width: fc.integer({ min: 5, max: 8 }),
    channels: fc.integer({ min: 1, max: 5 }),
    size: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    pool: fc.constantFrom<[number, number]>([2, 2], [1, 2], [3, 1], [2, 3], [1, 1]),
    pad: fc.constantFrom('same' as const, 'valid' as const),
    biased: fc.boolean(),
    cut: fc.boolean(),
  });

  it('of few channels that are pooled, and their gradients', () => {
    for (const numbers of [number, few]) {
      fc.assert(
        fc.property(
          images.chain((w) =>
            fc.tuple(
              given([w.batch, w.height, w.width, w.channels], numbers),
              given([...w.size, w.channels, 3], numbers),
              given([3], numbers),
              fc.constant(w),
            ),
          ),
          ([x, filter, bias, { pool, pad, biased, cut }]) =>
            same(tf, biased ? [x, filter, bias] : [x, filter], ([t, f, b]) => {
              const made = tf.conv2d(t as Tensor4D, f as Tensor4D, 1, pad);
              const sum = b ? made.add(b) : made;
              return tf.maxPool((cut ? sum.relu() : sum) as Tensor4D, pool, pool, 'valid');
            }),
        ),
        { numRuns: 40 },
      );
    }
  });

  it('give the gradient of a pooling by itself to the first of those that are greatest', () => {
    fc.assert(
      fc.property(given([1, 6, 7, 1], few), given([2, 2, 1, 2], few), fc.boolean(), (x, filter, cut) => {
        const work = ([t, f]: Tensor[]): Tensor => {
          const made = tf.conv2d(t as Tensor4D, f as Tensor4D, 1, 'valid');
          const pooled = cut ? made.relu() : made;
          return tf.grad((z) => tf.maxPool(z as Tensor4D, 2, 2, 'valid'))(pooled);
        };
        same(tf, [x, filter], work, false);
      }),
      { numRuns: 30 },
    );
  });

  it('are used beside what is pooled of them', () => {
    fc.assert(
      fc.property(given([2, 5, 6, 2]), given([2, 2, 2, 3]), (x, filter) =>
        same(tf, [x, filter], ([t, f]) => {
          const made = tf.conv2d(t as Tensor4D, f as Tensor4D, 1, 'same').relu() as Tensor4D;
          return tf
            .maxPool(made, 2, 2, 'valid')
            .sum([1, 2])
            .add(made.square().sum([1, 2]));
        }),
      ),
      { numRuns: 15 },
    );
  });

  it('of whole blocks of channels, and their gradients', () => {
    const sizes = fc.record({
      inChannels: fc.constantFrom(16, 32),
      outChannels: fc.constantFrom(16, 48),
      height: fc.integer({ min: 3, max: 6 }),
      width: fc.integer({ min: 3, max: 6 }),
      size: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      stride: fc.integer({ min: 1, max: 2 }),
      pad: fc.constantFrom('same' as const, 'valid' as const),
    });
    fc.assert(
      fc.property(
        sizes.chain((w) =>
          fc.tuple(
            given([2, w.height, w.width, w.inChannels]),
            given([...w.size, w.inChannels, w.outChannels]),
            given([w.outChannels]),
            fc.constant(w),
          ),
        ),
        ([x, filter, bias, { stride, pad, size }]) => {
          const conv =
            (steps: number, holes: number) =>
            ([t, f, b]: Tensor[]): Tensor =>
              tf
                .conv2d(t as Tensor4D, f as Tensor4D, steps, pad, 'NHWC', holes)
                .add(b as Tensor)
                .relu();
          same(tf, [x, filter, bias], conv(stride, 1));
          if (Math.max(...size) < 3) same(tf, [x, filter, bias], conv(1, 2));
        },
      ),
      { numRuns: 12 },
    );
  });

  it('of whole blocks of channels are the native kernels’, and nobody else’s', () => {
    const outlines = [
      { shape: [1, 4, 4, 16], dtype: 'float32' as const },
      { shape: [3, 3, 16, 16], dtype: 'float32' as const },
    ];
    const recording = record(tf, outlines, ([x, f]) => [tf.conv2d(x as Tensor4D, f as Tensor4D, 1, 'same')]);
    const domains = (portable: boolean): string[] =>
      lower(recording, tf, { portable })
        .graph.parts()
        .nodes.flatMap(({ type, domain }) => (type === 'Conv' ? [domain] : []));
    expect(domains(true)).toEqual(['']);
    expect(domains(false)).toEqual([channelBlock() === undefined ? '' : 'com.microsoft.nchwc']);
  });
});
