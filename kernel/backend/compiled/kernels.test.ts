/** Every lowering against the JavaScript backend, over random shapes and numbers, with its gradient. */
import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TensorFlow } from '../tensorflow.ts';
import { compiledKernels } from './lower/lower.ts';
import { nativeFailure } from './native.ts';
import { CannotCompile } from './recorder.ts';
import { hasShape } from './shapes/shapes.ts';
import { compiled, difference, eagerly, type Given, referenceTensorFlow } from './testing.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = await referenceTensorFlow();
});

const RUNS = { numRuns: 12 };
const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
/** Numbers apart from one another and from zero, so that no comparison is a tie and no slope is undefined. */
const number = fc.double({ min: 0.05, max: 2, noNaN: true }).chain((size) => fc.constantFrom(size, -size));
const positive = fc.double({ min: 0.1, max: 2, noNaN: true });
const given = (shape: number[], of: fc.Arbitrary<number> = number): fc.Arbitrary<Given> =>
  fc.array(of, { minLength: sizeOf(shape), maxLength: sizeOf(shape) }).map((values) => ({ shape, values }));
const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 0, maxLength: 4 });

/** Checks a function and, where asked, its gradient with respect to all inputs. */
function same(inputs: Given[], work: (tensors: Tensor[]) => Tensor, gradient = true, tolerance?: number): void {
  const forward = (tensors: Tensor[]): Tensor[] => [work(tensors)];
  const reference = eagerly(tf, inputs, forward);
  expect(difference(compiled(tf, inputs, forward), reference, tolerance)).toBeUndefined();
  if (!gradient) return;
  const [{ shape } = { shape: [] }] = reference;
  const dy: Given = { shape, values: Array.from({ length: sizeOf(shape) }, (_, index) => Math.cos(index + 1)) };
  const backward = (tensors: Tensor[]): Tensor[] => {
    const last = tensors.at(-1);
    return tf.grads((...list: Tensor[]) => work(list))(tensors.slice(0, -1), last);
  };
  const all = [...inputs, dy];
  expect(difference(compiled(tf, all, backward), eagerly(tf, all, backward), tolerance)).toBeUndefined();
}

describe.skipIf(nativeFailure() !== undefined)('compiled kernels', () => {
  it('have a shape each', () => {
    expect(compiledKernels().filter((kernel) => !hasShape(kernel))).toEqual([]);
  });

  const UNARY: [string, (x: Tensor) => Tensor, boolean?][] = [
    ['abs', (x) => x.abs()],
    ['ceil', (x) => x.ceil(), false],
    ['clip', (x) => x.clipByValue(-0.5, 0.7)],
    ['cos', (x) => x.cos()],
    ['elu', (x) => x.elu()],
    ['erf', (x) => x.erf()],
    ['exp', (x) => x.exp()],
    ['expm1', (x) => x.expm1()],
    ['floor', (x) => x.floor(), false],
    ['leakyRelu', (x) => x.leakyRelu(0.3)],
    ['logistic', (x) => x.sigmoid()],
    ['neg', (x) => x.neg()],
    ['reciprocal', (x) => x.reciprocal()],
    ['relu', (x) => x.relu()],
    ['relu6', (x) => x.mul(5).relu6()],
    ['round', (x) => x.round(), false],
    ['selu', (x) => x.selu()],
    ['sign', (x) => x.sign(), false],
    ['sin', (x) => x.sin()],
    ['softplus', (x) => x.softplus()],
    ['square', (x) => x.square()],
    ['step', (x) => x.step(0.2), false],
    ['tanh', (x) => x.tanh()],
    ['zerosLike', (x) => tf.zerosLike(x).add(x)],
    ['onesLike', (x) => tf.onesLike(x).mul(x)],
    ['cast', (x) => x.toInt().toFloat().add(x), false],
    ['isNaN', (x) => x.isNaN(), false],
  ];
  it.each(UNARY)('%s', (_name, work, gradient) => {
    fc.assert(
      fc.property(
        shapes.chain((shape) => given(shape)),
        (x) => same([x], ([t]) => work(t as Tensor), gradient),
      ),
      RUNS,
    );
  });

  const OVER_ZERO: [string, (x: Tensor) => Tensor][] = [
    ['log', (x) => x.log()],
    ['log1p', (x) => x.log1p()],
    ['sqrt', (x) => x.sqrt()],
    ['rsqrt', (x) => x.rsqrt()],
    ['asinh', (x) => x.asinh()],
    ['atan', (x) => x.atan()],
  ];
  it.each(OVER_ZERO)('%s', (_name, work) => {
    fc.assert(
      fc.property(
        shapes.chain((shape) => given(shape, positive)),
        (x) => same([x], ([t]) => work(t as Tensor)),
      ),
      RUNS,
    );
  });

  /** Two shapes that broadcast. */
  const pairs = fc
    .array(fc.integer({ min: 1, max: 3 }), { minLength: 0, maxLength: 4 })
    .chain((shape) =>
      fc
        .tuple(
          fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
          fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
          fc.nat({ max: shape.length }),
        )
        .map(([left, right, drop]): [number[], number[]] => [
          shape.map((length, axis) => (left[axis] ? 1 : length)),
          shape.map((length, axis) => (right[axis] ? 1 : length)).slice(drop),
        ]),
    );
  const BINARY: [string, (a: Tensor, b: Tensor) => Tensor, boolean?, fc.Arbitrary<number>?][] = [
    ['add', (a, b) => a.add(b)],
    ['sub', (a, b) => a.sub(b)],
    ['mul', (a, b) => a.mul(b)],
    ['div', (a, b) => a.div(b)],
    ['maximum', (a, b) => a.maximum(b), false],
    ['minimum', (a, b) => a.minimum(b), false],
    ['mod', (a, b) => a.mod(b), false],
    ['floorDiv', (a, b) => a.floorDiv(b), false],
    ['squaredDifference', (a, b) => a.squaredDifference(b), false],
    ['pow', (a, b) => a.pow(b), true, positive],
    ['greater', (a, b) => a.greater(b), false],
    ['greaterEqual', (a, b) => a.greaterEqual(b), false],
    ['less', (a, b) => a.less(b), false],
    ['lessEqual', (a, b) => a.lessEqual(b), false],
    ['equal', (a, b) => a.equal(b), false],
    ['notEqual', (a, b) => a.notEqual(b), false],
    ['logicalAnd', (a, b) => a.greater(0).logicalAnd(b.greater(0)), false],
    ['logicalOr', (a, b) => a.greater(0).logicalOr(b.greater(0)).logicalNot(), false],
  ];
  it.each(BINARY)('%s', (_name, work, gradient, of = number) => {
    fc.assert(
      fc.property(
        pairs.chain(([a, b]) => fc.tuple(given(a, of), given(b, of))),
        (both) => same(both, ([a, b]) => work(a as Tensor, b as Tensor), gradient),
      ),
      RUNS,
    );
  });

  const REDUCED: [string, (x: Tensor, axes: number[], keep: boolean) => Tensor, boolean?][] = [
    ['sum', (x, axes, keep) => x.sum(axes, keep)],
    ['mean', (x, axes, keep) => x.mean(axes, keep)],
    ['max', (x, axes, keep) => x.max(axes, keep), false],
    ['min', (x, axes, keep) => x.min(axes, keep), false],
    ['prod', (x, axes, keep) => x.prod(axes, keep), false],
    ['all', (x, axes, keep) => x.greater(0).all(axes, keep), false],
    ['any', (x, axes, keep) => x.greater(0).any(axes, keep), false],
  ];
  const reductions = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }).chain((shape) =>
    fc.tuple(
      given(shape),
      fc.subarray(
        shape.map((_, axis) => axis),
        { minLength: 1 },
      ),
      fc.boolean(),
    ),
  );
  it.each(REDUCED)('%s', (_name, work, gradient) => {
    fc.assert(
      fc.property(reductions, ([x, axes, keep]) => same([x], ([t]) => work(t as Tensor, axes, keep), gradient)),
      RUNS,
    );
  });

  it('argMax and argMin', () => {
    fc.assert(
      fc.property(reductions, ([x, [axis = 0]]) => {
        same([x], ([t]) => (t as Tensor).argMax(axis), false);
        same([x], ([t]) => (t as Tensor).argMin(axis), false);
      }),
      RUNS,
    );
  });

  it('softmax and its logarithm', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 2, max: 6 })).chain((shape) => given(shape)),
        (x) => {
          same([x], ([t]) => (t as Tensor).softmax());
          same([x], ([t]) => (t as Tensor).logSoftmax());
        },
      ),
      RUNS,
    );
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
      fc.property(rank3, (x) => same([x], ([t]) => work(t as Tensor), !NO_GRADIENT.has(name))),
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
        ([a, b, left, right]) => same([a, b], ([x, y]) => tf.matMul(x as Tensor, y as Tensor, left, right)),
      ),
      RUNS,
    );
  });

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
          same([x, filter], conv(stride, 1));
          if ((size - 1) * dilation < 3) same([x, filter], conv(1, dilation), dilation === 1);
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
          same([x, filter], ([t, f]) => tf.depthwiseConv2d(t as Tensor4D, f as Tensor4D, stride, pad)),
      ),
      { numRuns: 20 },
    );
  });

  it('pooling by the greatest, and its gradient', () => {
    fc.assert(
      fc.property(
        windows.chain((w) => fc.tuple(given([w.batch, w.height, w.width, w.channels]), fc.constant(w))),
        ([x, { size, stride, pad }]) => same([x], ([t]) => tf.maxPool(t as Tensor4D, size, stride, pad)),
      ),
      { numRuns: 25 },
    );
  });

  it('gives the gradient of a tie to the first, as TensorFlow does', () => {
    const blank: Given = { shape: [1, 6, 6, 2], values: new Array(72).fill(0.5) };
    for (const stride of [1, 2]) same([blank], ([t]) => tf.maxPool(t as Tensor4D, 2, stride, 'valid'));
  });

  it('pooling by the mean; its gradient where nothing is padded', () => {
    fc.assert(
      fc.property(
        windows.chain((w) => fc.tuple(given([w.batch, w.height, w.width, w.channels]), fc.constant(w))),
        ([x, { size, stride, pad }]) =>
          same([x], ([t]) => tf.avgPool(t as Tensor4D, size, stride, pad), pad === 'valid'),
      ),
      { numRuns: 25 },
    );
  });

  it('the gradient of a mean is its transpose, also where there is padding', () => {
    const dot = (a: number[] = [], b: number[] = []): number =>
      a.reduce((sum, value, index) => sum + value * (b[index] ?? Number.NaN), 0);
    fc.assert(
      fc.property(
        windows.chain((w) => fc.tuple(given([w.batch, w.height, w.width, w.channels]), fc.constant(w))),
        ([x, { size, stride }]) => {
          const pool = (t: Tensor): Tensor => tf.avgPool(t as Tensor4D, size, stride, 'same');
          const [y] = eagerly(tf, [x], ([t]) => [pool(t as Tensor)]);
          if (!y) throw new Error('nothing came');
          const dy: Given = { shape: y.shape, values: y.values.map((_, index) => Math.cos(index + 1)) };
          const [dx] = compiled(tf, [x, dy], ([t, d]) => [tf.grad(pool)(t as Tensor, d)]);
          expect(dot(dx?.values, x.values)).toBeCloseTo(dot(y.values, dy.values), 3);
        },
      ),
      RUNS,
    );
  });

  it('enlarging by whole factors, and its gradient', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), given([1, 3, 2, 2])),
        ([tall, wide, x]) => same([x], ([t]) => tf.image.resizeNearestNeighbor(t as Tensor4D, [3 * tall, 2 * wide])),
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
