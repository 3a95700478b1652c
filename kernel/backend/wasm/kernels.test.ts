import type { Tensor, TensorInfo } from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { prepareBackend } from '../choose.ts';
import { loadTensorFlow, type TensorFlow } from '../tensorflow.ts';

/** Every kernel of ours is checked against the JavaScript backend, whose kernels are the reference implementation. */
let tf: TensorFlow;

beforeAll(async () => {
  tf = loadTensorFlow();
  // Whatever better engine there is here.
  process.env.TRIALROOM_BACKEND = 'wasm';
  const report = await prepareBackend(tf);
  expect(report.name).toBe('wasm');
});

const RUNS = { seed: 20, numRuns: 60 };

/** Runs `compute` on one backend, and returns its values; fails when a tensor or a data id was left behind. */
async function on(name: 'wasm' | 'cpu', compute: () => Tensor): Promise<{ shape: number[]; values: Float32Array }> {
  await tf.setBackend(name);
  const before = { tensors: tf.memory().numTensors, ids: tf.backend().numDataIds() };
  const out = tf.tidy(compute);
  const result = { shape: out.shape, values: Float32Array.from(out.dataSync()) };
  out.dispose();
  expect({ tensors: tf.memory().numTensors, ids: tf.backend().numDataIds() }).toEqual(before);
  return result;
}

/** Checks that both backends give the same shape and, within rounding of a sum of `terms` products, the same values. */
async function same(compute: () => Tensor): Promise<void> {
  const expected = await on('cpu', compute);
  const actual = await on('wasm', compute);
  expect(actual.shape).toEqual(expected.shape);
  for (const [i, value] of expected.values.entries()) {
    const got = actual.values[i] ?? Number.NaN;
    if (Number.isNaN(value)) expect(got).toBeNaN();
    else if (Math.abs(got - value) > 1e-4 * (1 + Math.abs(value))) {
      throw new Error(`value ${i} of ${expected.values.length}: wasm ${got}, cpu ${value}`);
    }
  }
}

/** Values from -1 to 1, the same for the same shape and seed on every backend. */
const values = (shape: number[], seed: number): Tensor => tf.randomUniform(shape, -1, 1, 'float32', seed);

const side = fc.integer({ min: 1, max: 9 });
const channels = fc.integer({ min: 1, max: 5 });
const small = fc.integer({ min: 1, max: 4 });
const stride = fc.integer({ min: 1, max: 3 });
const seeds = fc.integer({ min: 1, max: 1e6 });

const convolutions = fc
  .record({
    batch: small,
    height: side,
    width: side,
    inputs: channels,
    outputs: channels,
    filterHeight: small,
    filterWidth: small,
    strides: fc.tuple(stride, stride),
    pad: fc.oneof(fc.constantFrom('same' as const, 'valid' as const), fc.integer({ min: 0, max: 3 })),
    seed: seeds,
  })
  .filter(({ height, width, filterHeight, filterWidth }) => filterHeight <= height && filterWidth <= width)
  // One number for all sides is right in TensorFlow.js only where filter and stride are square.
  .map((c) => {
    if (typeof c.pad !== 'number') return c;
    const filter = Math.min(c.filterHeight, c.filterWidth);
    return {
      ...c,
      filterHeight: filter,
      filterWidth: filter,
      strides: [c.strides[0], c.strides[0]] satisfies [number, number],
    };
  });

describe('convolution gradients', () => {
  it('of the filter agree with the reference', async () => {
    await fc.assert(
      fc.asyncProperty(convolutions, (c) =>
        same(() => {
          const x = values([c.batch, c.height, c.width, c.inputs], c.seed).as4D(c.batch, c.height, c.width, c.inputs);
          const filter = values([c.filterHeight, c.filterWidth, c.inputs, c.outputs], c.seed + 1);
          const dy = weights(() => tf.conv2d(x, four(filter), c.strides, c.pad, 'NHWC', 1, rounding(c.pad)), c.seed);
          return tf.grad((w: Tensor) => tf.conv2d(x, four(w), c.strides, c.pad, 'NHWC', 1, rounding(c.pad)))(
            filter,
            dy,
          );
        }),
      ),
      RUNS,
    );
  });

  it('of the input agree with the reference, at any stride', async () => {
    await fc.assert(
      fc.asyncProperty(convolutions, (c) =>
        same(() => {
          const x = values([c.batch, c.height, c.width, c.inputs], c.seed);
          const filter = four(values([c.filterHeight, c.filterWidth, c.inputs, c.outputs], c.seed + 1));
          const run = (input: Tensor): Tensor =>
            tf.conv2d(four(input), filter, c.strides, c.pad, 'NHWC', 1, rounding(c.pad));
          return tf.grad(run)(
            x,
            weights(() => run(x), c.seed),
          );
        }),
      ),
      RUNS,
    );
  });

  it.each(['filter', 'input'] as const)('of a depthwise %s agree with the reference', async (which) => {
    await fc.assert(
      fc.asyncProperty(convolutions, (c) => {
        const pad = typeof c.pad === 'number' ? 'same' : c.pad;
        const strides: [number, number] = [c.strides[0], c.strides[0]];
        return same(() => {
          const x = values([c.batch, c.height, c.width, c.inputs], c.seed);
          const filter = values([c.filterHeight, c.filterWidth, c.inputs, 1 + (c.outputs % 3)], c.seed + 1);
          const run = (input: Tensor, w: Tensor): Tensor => tf.depthwiseConv2d(four(input), four(w), strides, pad);
          const dy = weights(() => run(x, filter), c.seed);
          return which === 'filter'
            ? tf.grad((w: Tensor) => run(x, w))(filter, dy)
            : tf.grad((input: Tensor) => run(input, filter))(x, dy);
        });
      }),
      RUNS,
    );
  });
});

describe('pooling gradients', () => {
  it.each(['max', 'avg'] as const)('of %s pooling agree with the reference', async (kind) => {
    await fc.assert(
      fc.asyncProperty(convolutions, (c) =>
        same(() => {
          // Few distinct values, so that windows have ties.
          const x = four(values([c.batch, c.height, c.width, c.inputs], c.seed).mul(3).round());
          // Where there is padding, the reference's gradient of the mean is not that of its mean: see the next test.
          const pad = kind === 'avg' ? 'valid' : typeof c.pad === 'number' ? 'same' : c.pad;
          const pool = kind === 'max' ? tf.maxPool<typeof x> : tf.avgPool<typeof x>;
          const run = (input: Tensor): Tensor => pool(four(input), [c.filterHeight, c.filterWidth], c.strides, pad);
          return tf.grad(run)(
            x,
            weights(() => run(x), c.seed),
          );
        }),
      ),
      RUNS,
    );
  });

  it('of the mean are its transpose, padding or not', async () => {
    await tf.setBackend('wasm');
    fc.assert(
      fc.property(convolutions, fc.constantFrom('same' as const, 'valid' as const), (c, pad) => {
        tf.tidy(() => {
          const x = four(values([c.batch, c.height, c.width, c.inputs], c.seed));
          const run = (input: Tensor): Tensor =>
            tf.avgPool(four(input), [c.filterHeight, c.filterWidth], c.strides, pad);
          const y = run(x);
          const dy = weights(() => y, c.seed);
          const forward = y.mul(dy).sum().dataSync()[0] ?? Number.NaN;
          const backward = tf.grad(run)(x, dy).mul(x).sum().dataSync()[0] ?? Number.NaN;
          expect(Math.abs(forward - backward)).toBeLessThan(1e-3 * Math.max(1, Math.abs(forward)));
        });
      }),
      RUNS,
    );
  });

  it('pass nothing on from a window of NaN', async () => {
    await same(() => {
      const x = tf.tensor4d([Number.NaN, Number.NaN, Number.NaN, Number.NaN, 1, 2, 3, 4], [2, 2, 2, 1]);
      return tf.grad((input: Tensor) => tf.maxPool(four(input), 2, 2, 'valid'))(x);
    });
  });
});

describe('matrix products', () => {
  it('agree with the reference, transposed and in batches that broadcast', async () => {
    const size = fc.integer({ min: 1, max: 40 });
    const cases = fc.record({
      batch: fc.constantFrom([[], []], [[3], [3]], [[2, 3], [3]], [[1], [4]]),
      rows: size,
      inner: size,
      columns: size,
      transposeA: fc.boolean(),
      transposeB: fc.boolean(),
      seed: seeds,
    });
    await fc.assert(
      fc.asyncProperty(cases, ({ batch, rows, inner, columns, transposeA, transposeB, seed }) =>
        same(() => {
          const a = values([...(batch[0] ?? []), ...(transposeA ? [inner, rows] : [rows, inner])], seed);
          const b = values([...(batch[1] ?? []), ...(transposeB ? [columns, inner] : [inner, columns])], seed + 1);
          return tf.matMul(a, b, transposeA, transposeB);
        }),
      ),
      RUNS,
    );
  });

  it('broadcast both batches against each other', async () => {
    // The reference backend is wrong here, so the operands are repeated by hand for it.
    const a = values([2, 1, 3, 4], 1);
    const b = values([1, 3, 4, 5], 2);
    const actual = await on('wasm', () => tf.matMul(a, b));
    const expected = await on('wasm', () => tf.matMul(a.tile([1, 3, 1, 1]), b.tile([2, 1, 1, 1])));
    tf.dispose([a, b]);
    expect(actual.shape).toEqual([2, 3, 3, 5]);
    expect(actual.values).toEqual(expected.values);
  });

  it('agree with the reference for an einsum', async () => {
    for (const equation of ['ij,jk->ik', 'bij,bjk->bik', 'ij,ij->', 'ij->ji']) {
      await same(() => {
        const operands = equation.split('->')[0]?.split(',') ?? [];
        const sizes = { i: 3, j: 4, k: 5, b: 2 };
        return tf.einsum(
          equation,
          ...operands.map((axes, index) =>
            values(
              [...axes].map((axis) => Object.entries(sizes).find(([name]) => name === axis)?.[1] ?? 1),
              index + 1,
            ),
          ),
        );
      });
    }
  });
});

describe('gather', () => {
  it('has a gradient that agrees with the reference', async () => {
    const cases = fc.record({
      rows: fc.integer({ min: 1, max: 9 }),
      width: small,
      picks: fc.array(fc.nat(1000), { minLength: 1, maxLength: 30 }),
      seed: seeds,
    });
    await fc.assert(
      fc.asyncProperty(cases, ({ rows, width, picks, seed }) =>
        same(() => {
          const indices = tf.tensor1d(
            picks.map((pick) => pick % rows),
            'int32',
          );
          const dy = values([picks.length, width], seed + 1);
          return tf.grad((table: Tensor) => tf.gather(table, indices))(values([rows, width], seed), dy);
        }),
      ),
      RUNS,
    );
  });

  it('ignores segment ids outside the segments', async () => {
    await same(() =>
      tf.unsortedSegmentSum(tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]), tf.tensor1d([1, -1, 1], 'int32'), 2),
    );
  });
});

/** An output gradient of the right shape whose values differ. */
const weights = (run: () => Tensor, seed: number): Tensor => values(run().shape, seed + 2);
const rounding = (pad: number | 'same' | 'valid'): 'floor' | undefined =>
  typeof pad === 'number' ? 'floor' : undefined;
const four = (x: Tensor) => {
  const [a = 1, b = 1, c = 1, d = 1] = (x satisfies TensorInfo).shape;
  return x.as4D(a, b, c, d);
};

describe('gather', () => {
  it('takes rows by their numbers, from tensors of any rank', () =>
    fc.assert(
      fc.asyncProperty(
        side,
        fc.array(side, { maxLength: 3 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
        seeds,
        (rows, rest, picks, seed) =>
          same(() => {
            const indices = tf.tensor1d(
              picks.map((pick) => pick % rows),
              'int32',
            );
            return tf.gather(values([rows, ...rest], seed), indices);
          }),
      ),
      { ...RUNS, numRuns: 30 },
    ));
});
