/** Moves, look-ups and products, beside the JavaScript backend. */
import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TensorFlow } from '../tensorflow.ts';
import { given, RUNS, same } from './kernels.checks.ts';
import { compiledKernels } from './lower/lower.ts';
import { nativeFailure } from './native.ts';
import { CannotCompile } from './recording.ts';
import { hasShape } from './shapes/shapes.ts';
import { compiled, type Given, referenceTensorFlow } from './testing.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = await referenceTensorFlow();
});

describe.skipIf(nativeFailure() !== undefined)('compiled kernels', () => {
  it('have a shape each', () => {
    expect(compiledKernels().filter((kernel) => !hasShape(kernel))).toEqual([]);
  });

  const rank3 = fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 2, max: 4 }), fc.integer({ min: 1, max: 4 }))
    .chain((shape) => given(shape));
  const ARRANGED: [string, (x: Tensor) => Tensor][] = [
    ['reshape', (x) => x.reshape([-1])],
    ['expandDims', (x) => x.expandDims(1).mul(2)],
    ['transpose', (x) => x.transpose([2, 0, 1])],
    ['tile', (x) => x.tile([1, 2, 3])],
    [
      'pad',
      (x) =>
        x.pad(
          [
            [0, 1],
            [2, 0],
            [1, 1],
          ],
          0.5,
        ),
    ],
    ['slice', (x) => x.slice([0, 1, 0], [-1, 1, -1])],
    ['reverse', (x) => x.reverse([1, 2])],
    ['concat', (x) => tf.concat([x, x.mul(2), x.slice([0, 0, 0], [-1, 1, -1])], 1)],
    ['stack', (x) => tf.stack([x, x.neg()], 1)],
    ['unstack', (x) => tf.addN(tf.unstack(x, 1))],
    ['split', (x) => tf.addN(tf.split(x.concat(x, 1), 2, 1))],
    ['gather', (x) => x.gather([1, 0, 1, 1], 1)],
    ['cumsum', (x) => x.cumsum(1, true, true)],
    [
      'oneHot',
      (x) =>
        tf
          .oneHot(x.abs().toInt().reshape([-1]), 3)
          .toFloat()
          .mul(x.sum()),
    ],
    ['where', (x) => tf.where(x.greater(0), x, x.mul(3))],
    ['prelu', (x) => x.prelu(tf.scalar(0.4))],
    ['moments', (x) => tf.moments(x, 1).variance],
    ['addN', (x) => tf.addN([x, x.square(), x.neg()])],
    ['embedding', (x) => tf.gather(x.reshape([-1, x.shape[2] ?? 1]), tf.tensor1d([0, 1, 1, 0], 'int32'))],
  ];
  /** TensorFlow.js has none for these, or refuses these shapes. */
  const NO_GRADIENT = new Set(['oneHot', 'where', 'cumsum']);
  it.each(ARRANGED)('%s', (name, work) => {
    fc.assert(
      fc.property(rank3, (x) => same(tf, [x], ([t]) => work(t as Tensor), !NO_GRADIENT.has(name))),
      RUNS,
    );
  });

  it('matMul, transposed and batched', () => {
    const sizes = fc.tuple(
      ...Array.from({ length: 4 }, () => fc.integer({ min: 1, max: 4 })),
      fc.boolean(),
      fc.boolean(),
    );
    fc.assert(
      fc.property(
        sizes.chain(([batch, rows, inner, columns, left, right]) => {
          const lead = (batch as number) > 2 ? [] : [batch as number];
          const a = left ? [inner, rows] : [rows, inner];
          const b = right ? [columns, inner] : [inner, columns];
          return fc.tuple(
            given([...lead, ...(a as number[])]),
            given([...lead, ...(b as number[])]),
            fc.constant(left as boolean),
            fc.constant(right as boolean),
          );
        }),
        ([a, b, left, right]) => same(tf, [a, b], ([x, y]) => tf.matMul(x as Tensor, y as Tensor, left, right)),
      ),
      RUNS,
    );
  });

  it('refuses in words what it has no form for', () => {
    const x: Given = { shape: [1, 2, 2, 1], values: [1, 2, 3, 4] };
    const inWords = (): unknown => compiled(tf, [x], ([t]) => [tf.image.rotateWithOffset(t as Tensor4D, 1)]);
    expect(inWords).toThrow(CannotCompile);
    expect(inWords).toThrow(/RotateWithOffset/);
    expect(() => compiled(tf, [x], ([t]) => [(t as Tensor).mul((t as Tensor).dataSync()[0] ?? 0)])).toThrow(
      /reads the numbers/,
    );
    // A refusal leaves TensorFlow.js as it was.
    expect(tf.scalar(2).mul(3).dataSync()[0]).toBe(6);
  });
});
