/** Element by element, and folds along axes, beside the JavaScript backend. */
import type { Tensor } from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import type { TensorFlow } from '../tensorflow.ts';
import { given, number, positive, RUNS, same, shapes } from './kernels.checks.ts';
import { nativeFailure } from './native.ts';
import { type Given, referenceTensorFlow } from './testing.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = await referenceTensorFlow();
});

describe.skipIf(nativeFailure() !== undefined)('compiled kernels', () => {
  const UNARY: [string, (x: Tensor) => Tensor, boolean?][] = [
    ['abs', (x) => x.abs()],
    ['ceil', (x) => x.ceil(), false],
    ['clip', (x) => x.clipByValue(-0.5, 0.7)],
    ['asin', (x) => x.mul(0.45).asin()],
    ['acos', (x) => x.mul(0.45).acos()],
    ['atanh', (x) => x.mul(0.45).atanh()],
    ['cos', (x) => x.cos()],
    ['cosh', (x) => x.cosh()],
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
    ['sinh', (x) => x.sinh()],
    ['softplus', (x) => x.softplus()],
    ['square', (x) => x.square()],
    ['step', (x) => x.step(0.2), false],
    ['tan', (x) => x.mul(0.6).tan()],
    ['tanh', (x) => x.tanh()],
    ['zerosLike', (x) => tf.zerosLike(x).add(x)],
    ['onesLike', (x) => tf.onesLike(x).mul(x)],
    ['cast', (x) => x.toInt().toFloat().add(x), false],
    ['isNaN', (x) => x.sub(0.5).sqrt().isNaN(), false],
    ['isInf', (x) => x.mul(3e38).isInf(), false],
    ['isFinite', (x) => x.mul(3e38).isFinite(), false],
  ];
  it.each(UNARY)('%s', (_name, work, gradient) => {
    fc.assert(
      fc.property(
        shapes.chain((shape) => given(shape)),
        (x) => same(tf, [x], ([t]) => work(t as Tensor), gradient),
      ),
      RUNS,
    );
  });

  const OVER_ZERO: [string, (x: Tensor) => Tensor][] = [
    ['log', (x) => x.log()],
    ['log1p', (x) => x.log1p()],
    ['sqrt', (x) => x.sqrt()],
    ['rsqrt', (x) => x.rsqrt()],
    ['acosh', (x) => x.add(1).acosh()],
    ['asinh', (x) => x.asinh()],
    ['atan', (x) => x.atan()],
  ];
  it.each(OVER_ZERO)('%s', (_name, work) => {
    fc.assert(
      fc.property(
        shapes.chain((shape) => given(shape, positive)),
        (x) => same(tf, [x], ([t]) => work(t as Tensor)),
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
    ['logicalXor', (a, b) => a.greater(0).logicalXor(b.greater(0)), false],
    ['logicalOr', (a, b) => a.greater(0).logicalOr(b.greater(0)).logicalNot(), false],
  ];
  it.each(BINARY)('%s', (_name, work, gradient, of = number) => {
    fc.assert(
      fc.property(
        pairs.chain(([a, b]) => fc.tuple(given(a, of), given(b, of))),
        (both) => same(tf, both, ([a, b]) => work(a as Tensor, b as Tensor), gradient),
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
      fc.property(reductions, ([x, axes, keep]) => same(tf, [x], ([t]) => work(t as Tensor, axes, keep), gradient)),
      RUNS,
    );
  });

  it('argMax and argMin', () => {
    fc.assert(
      fc.property(reductions, ([x, [axis = 0]]) => {
        same(tf, [x], ([t]) => (t as Tensor).argMax(axis), false);
        same(tf, [x], ([t]) => (t as Tensor).argMin(axis), false);
      }),
      RUNS,
    );
  });

  it('softmax and its logarithm', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 2, max: 6 })).chain((shape) => given(shape)),
        (x) => {
          same(tf, [x], ([t]) => (t as Tensor).softmax());
          same(tf, [x], ([t]) => (t as Tensor).logSoftmax());
        },
      ),
      RUNS,
    );
  });

  /** Whole numbers and truths, which have kernels of their own. */
  const WHOLE: [string, (a: Tensor, b: Tensor) => Tensor][] = [
    ['add', (a, b) => a.add(b)],
    ['sub', (a, b) => a.sub(b)],
    ['mul', (a, b) => a.mul(b)],
    ['div', (a, b) => a.div(b)],
    ['floorDiv', (a, b) => a.floorDiv(b)],
    ['maximum', (a, b) => a.maximum(b)],
    ['minimum', (a, b) => a.minimum(b)],
    ['squaredDifference', (a, b) => a.squaredDifference(b)],
    ['bitwiseAnd', (a, b) => tf.bitwiseAnd(a, b)],
    ['equal', (a, b) => a.equal(b)],
    ['less', (a, b) => a.less(b)],
    ['where', (a, b) => tf.where(a.greater(b), a, b)],
    ['mixed with fractions', (a, b) => a.toFloat().mul(0.5).add(b)],
    ['truths', (a, b) => a.greater(b).logicalXor(a.equal(2)).logicalNot()],
    ['truths as numbers', (a, b) => a.greater(b).toInt().add(a.toBool().toInt())],
    ['sum', (a) => a.sum(0)],
    ['sum of truths', (a, b) => a.greater(b).sum(1)],
    ['prod', (a) => a.prod(1)],
    ['max', (a) => a.max(1)],
    ['mean', (a) => a.mean(1)],
    ['all', (a, b) => a.notEqual(b).all(1)],
    ['abs and neg', (a) => a.neg().abs()],
    ['clip', (a) => a.clipByValue(-1, 2)],
    ['cumsum', (a) => a.cumsum(1)],
    ['concat', (a, b) => tf.concat([a, b], 1)],
    [
      'pad',
      (a) =>
        a.pad(
          [
            [1, 0],
            [0, 2],
          ],
          7,
        ),
    ],
    ['tile', (a) => a.tile([2, 1])],
    ['transpose', (a) => a.transpose()],
    ['oneHot', (a) => tf.oneHot(a, 3, 2, -1)],
    ['topk', (a) => tf.topk(a, 2).values],
  ];
  it.each(WHOLE)('of whole numbers: %s', (_name, work) => {
    const whole = fc.array(fc.constantFrom(-3, -2, -1, 1, 2, 3), { minLength: 6, maxLength: 6 });
    const tensor = whole.map((values): Given => ({ shape: [2, 3], dtype: 'int32', values }));
    fc.assert(
      fc.property(tensor, tensor, (x, y) => same(tf, [x, y], ([a, b]) => work(a as Tensor, b as Tensor), false)),
      RUNS,
    );
  });
});
