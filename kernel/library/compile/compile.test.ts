/** Steps of training, whatever runs them. */
import type { Sequential, Tensor, Variable } from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { prepareBackend } from '../../backend/choose.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import { compile } from './compile.ts';
import type { Trainable } from './contract.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = loadTensorFlow();
  await prepareBackend(tf);
});
const made: { dispose(): void }[] = [];
const keep = <T extends { dispose(): void }>(thing: T): T => {
  made.push(thing);
  return thing;
};
afterEach(() => {
  for (const thing of made.splice(0)) thing.dispose();
});

function dense(): Sequential {
  const { layers, initializers } = tf;
  const kernel = (seed: number) => initializers.glorotUniform({ seed });
  return keep(
    tf.sequential({
      layers: [
        layers.dense({ units: 7, activation: 'tanh', inputShape: [5], kernelInitializer: kernel(1) }),
        layers.dense({ units: 3, activation: 'softmax', kernelInitializer: kernel(2) }),
      ],
    }),
  );
}

const inputs = (count = 8): Tensor =>
  keep(
    tf.tensor2d(
      Array.from({ length: count * 5 }, (_, index) => Math.sin(index * 1.7)),
      [count, 5],
    ),
  );
const labels = (count = 8): Tensor =>
  keep(
    tf.tensor1d(
      Array.from({ length: count }, (_, index) => index % 3),
      'int32',
    ),
  );
const weightsOf = (model: Sequential): number[] =>
  model.getWeights().flatMap((weight) => Array.from(weight.dataSync()));

/** y = x · w, written by hand. */
function line(start: number[]): Trainable & { weight: Variable } {
  const weight = keep(tf.variable(tf.tensor2d(start, [start.length, 1])));
  return { weight, trainable: () => [weight], apply: ([x]) => tf.matMul(x ?? weight, weight) };
}

describe('compile', () => {
  it('trains a layers model as model.fit does', async () => {
    const [mine, theirs] = [dense(), dense()];
    const [x, y] = [inputs(), labels()];
    const step = keep(
      await compile(mine, { optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] }),
    );
    theirs.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    for (let round = 0; round < 5; round++) {
      const figures = await step(x, y);
      const { history } = await theirs.fit(x, keep(y.toFloat()), { batchSize: 8, epochs: 1, verbose: 0 });
      expect(figures.loss).toBeCloseTo(Number(history.loss?.[0]), 5);
      expect(figures.accuracy).toBeCloseTo(Number(history.acc?.[0]), 5);
    }
    expect(step.updates).toBe(5);
    const reference = weightsOf(theirs);
    for (const [index, weight] of weightsOf(mine).entries()) expect(weight).toBeCloseTo(reference[index] ?? 9, 4);
  });

  it('trains a hand-written model, follows a schedule, and keeps frozen weights', async () => {
    const model = line([0, 0]);
    const step = keep(
      await compile(model, {
        optimizer: { kind: 'sgd', learningRate: (update) => 1 / update },
        loss: (target, prediction) => target.sub(prediction).square(),
      }),
    );
    const [x, y] = [keep(tf.tensor2d([[1, 0]])), keep(tf.tensor2d([[1]]))];
    expect(step.learningRate).toBe(1);
    expect(await step(x, y)).toEqual({ loss: 1 });
    expect(Array.from(model.weight.dataSync())).toEqual([2, 0]);
    expect(step.learningRate).toBe(0.5);
    step.learningRate = 0.25;
    await step(x, y);
    expect(Array.from(model.weight.dataSync())).toEqual([1.5, 0]);
    const still = keep(await compile(model, { optimizer: 'sgd', loss: 'meanSquaredError', frozen: [model.weight] }));
    await expect(still(x, y)).rejects.toThrow('has no weights to train');
  });

  it('clips, and updates by the mean of several calls', async () => {
    const model = line([0, 0]);
    const options = { optimizer: { kind: 'sgd', learningRate: 1 } as const, loss: 'meanSquaredError' };
    const step = keep(await compile(model, { ...options, accumulate: 2 }));
    const y = keep(tf.tensor2d([[1]]));
    await step(keep(tf.tensor2d([[1, 0]])), y);
    expect(Array.from(model.weight.dataSync())).toEqual([0, 0]);
    await step(keep(tf.tensor2d([[0, 1]])), y);
    expect(Array.from(model.weight.dataSync())).toEqual([1, 1]);
    expect(step.updates).toBe(1);
    const clipped = line([0, 0]);
    // The gradient is [-6, -8].
    const x = keep(tf.tensor2d([[3, 4]]));
    await keep(await compile(clipped, { ...options, clipNorm: 5 }))(x, y);
    expect(Array.from(clipped.weight.dataSync())).toEqual([3, 4]);
    clipped.weight.assign(tf.zeros([2, 1]));
    await keep(await compile(clipped, { ...options, clipValue: 7 }))(x, y);
    expect(Array.from(clipped.weight.dataSync())).toEqual([6, 7]);
  });

  it('goes on from a state as if it had never stopped', async () => {
    const [x, y] = [inputs(), labels()];
    const options = {
      optimizer: { kind: 'adamw', learningRate: 0.05 } as const,
      loss: 'sparseCategoricalCrossentropy',
      accumulate: 2,
    };
    const whole = dense();
    const step = keep(await compile(whole, options));
    for (let round = 0; round < 7; round++) await step(x, y);
    const stopped = dense();
    const first = keep(await compile(stopped, options));
    for (let round = 0; round < 3; round++) await first(x, y);
    const state = await first.state();
    expect(state.gathered?.calls).toBe(1);
    const second = keep(await compile(stopped, options));
    second.restore(state);
    for (let round = 0; round < 4; round++) await second(x, y);
    expect(second.updates).toBe(3);
    expect(weightsOf(stopped)).toEqual(weightsOf(whole));
    const other = keep(await compile(stopped, { ...options, optimizer: 'lion' }));
    expect(() => other.restore(state)).toThrow('the state is of the optimizer adamw, and the one here is lion');
  });

  it('has several inputs and outputs, with a loss and a weight for each', async () => {
    const a = tf.input({ shape: [2], name: 'a' });
    const b = tf.input({ shape: [3], name: 'b' });
    const both = tf.layers.concatenate().apply([a, b]);
    if (Array.isArray(both) || both instanceof tf.Tensor) throw new Error('not symbolic');
    const sum = tf.layers.dense({ units: 1, name: 'sum', kernelInitializer: 'ones' }).apply(both);
    const sign = tf.layers.dense({ units: 1, name: 'sign', activation: 'sigmoid', kernelInitializer: 'zeros' });
    const out = sign.apply(both);
    if (Array.isArray(sum) || sum instanceof tf.Tensor || Array.isArray(out) || out instanceof tf.Tensor)
      throw new Error();
    const model = keep(tf.model({ inputs: [a, b], outputs: [sum, out] }));
    const step = keep(
      await compile(model, {
        optimizer: 'sgd',
        loss: { sum: 'meanSquaredError', sign: 'binaryCrossentropy' },
        lossWeights: [1, 0.5],
        metrics: ['mae'],
      }),
    );
    const batch = [keep(tf.ones([4, 2])), keep(tf.ones([4, 3]))];
    const figures = await step(batch, [keep(tf.zeros([4, 1])), keep(tf.ones([4, 1]))]);
    expect(Object.keys(figures)).toEqual(['loss', 'sum_loss', 'sign_loss', 'sum_mae', 'sign_mae']);
    expect(figures.sum_loss).toBeCloseTo(25, 4);
    expect(figures.sign_loss).toBeCloseTo(Math.log(2), 4);
    expect(figures.loss).toBeCloseTo(25 + Math.log(2) / 2, 4);
    expect(figures.sum_mae).toBeCloseTo(5, 4);
  });

  it('says what does not fit', async () => {
    const model = dense();
    const options = { optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' } as const;
    const step = keep(await compile(model, options));
    await expect(step(keep(tf.ones([8, 4])), labels())).rejects.toThrow(/takes \[any, 5\], and was given \[8, 4\]/);
    await expect(step(inputs(), keep(tf.ones([8, 3])))).rejects.toThrow(/gives \[8, 3\], and its target is \[8, 3\]/);
    const before = weightsOf(model);
    await expect(step(inputs(3), keep(tf.tensor1d([0, 3, 1])))).rejects.toThrow(
      /the label of example 1 is 3, and .* has 3 classes/,
    );
    expect(weightsOf(model)).toEqual(before);
    await expect(compile(model, { ...options, loss: 'l33t' })).rejects.toThrow('there is no loss "l33t"; there are');
    await expect(compile(model, { ...options, metrics: ['l33t'] })).rejects.toThrow('there is no metric "l33t"');
    await expect(compile(model, { ...options, clipNorm: -1 })).rejects.toThrow('clipNorm is -1');
    const gone = inputs();
    gone.dispose();
    await expect(step(gone, labels())).rejects.toThrow('was disposed of before its step');
    step.dispose();
    await expect(step(inputs(), labels())).rejects.toThrow('was disposed of');
  });

  it('weighs examples', async () => {
    const model = line([0, 0]);
    const step = keep(await compile(model, { optimizer: { kind: 'sgd', learningRate: 1 }, loss: 'meanSquaredError' }));
    const x = keep(
      tf.tensor2d([
        [1, 0],
        [0, 1],
      ]),
    );
    const figures = await step(x, keep(tf.ones([2, 1])), keep(tf.tensor1d([1, 0])));
    expect(figures.loss).toBe(0.5);
    expect(Array.from(model.weight.dataSync())).toEqual([1, 0]);
  });

  it('leaves no tensors behind', async () => {
    const model = dense();
    const [x, y] = [inputs(), labels()];
    const round = async (): Promise<void> => {
      const step = await compile(model, {
        optimizer: 'adam',
        loss: 'sparseCategoricalCrossentropy',
        accumulate: 2,
        metrics: ['accuracy'],
      });
      for (let index = 0; index < 3; index++) await step(x, y);
      step.dispose();
    };
    await round();
    const before = tf.memory().numTensors;
    for (let index = 0; index < 3; index++) await round();
    expect(tf.memory().numTensors).toBe(before);
  });
});
