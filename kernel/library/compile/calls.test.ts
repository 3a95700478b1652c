/** Gradients of any function, predictions and evaluations: compiled beside uncompiled. */
import type { Tensor } from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { prepareBackend } from '../../backend/choose.ts';
import { nativeFailure } from '../../backend/compiled/native.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import { compileEvaluate } from './evaluate.ts';
import { compileGrad } from './gradient.ts';
import { compilePredict } from './predict.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = loadTensorFlow();
  await prepareBackend(tf);
});

const close = (mine: ArrayLike<number>, reference: ArrayLike<number>, tolerance = 1e-5): void => {
  expect(mine).toHaveLength(reference.length);
  for (let index = 0; index < reference.length; index++) {
    expect(Math.abs((mine[index] ?? 9) - (reference[index] ?? 0))).toBeLessThan(tolerance);
  }
};

describe('compileGrad', () => {
  it('gives the gradients that finite differences give', async () => {
    const weight = tf.variable(tf.tensor2d([0.3, -0.2, 0.5, 0.1], [2, 2]));
    const bias = tf.variable(tf.tensor1d([0.1, -0.1]));
    const unused = tf.variable(tf.ones([3]));
    const fn = (x: Tensor): Tensor => tf.matMul(x, weight).add(bias).tanh().square().mean();
    const gradient = await compileGrad(fn, { variables: [weight, bias, unused] });
    const x = tf.tensor2d([1, 2, -1, 0.5, 0.2, 0.7], [3, 2]);
    const before = tf.memory().numTensors;
    for (let round = 0; round < 3; round++) {
      const { value, gradients } = await gradient(x);
      tf.tidy(() => close(value.dataSync(), fn(x).dataSync()));
      const [first, second, third] = gradients;
      close(
        first?.dataSync() ?? [],
        differences(weight, () => fn(x)),
        2e-3,
      );
      close(
        second?.dataSync() ?? [],
        differences(bias, () => fn(x)),
        2e-3,
      );
      expect(Array.from(third?.dataSync() ?? [])).toEqual([0, 0, 0]);
      tf.dispose([value, ...gradients]);
      tf.tidy(() => weight.assign(weight.mul(1.5)));
    }
    if (nativeFailure() === undefined) expect(gradient.engine).toBe('compiled');
    expect(tf.memory().numTensors).toBe(before);
    gradient.dispose();
    tf.dispose([weight, bias, unused, x]);
  });

  it('falls back once, with the operation, when the function cannot be compiled', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const weight = tf.variable(tf.scalar(2));
    const gradient = await compileGrad(() => weight.mul(weight.dataSync()[0] ?? 0).asScalar(), { variables: [weight] });
    for (let round = 0; round < 2; round++) {
      const { value, gradients } = await gradient();
      expect([value.dataSync()[0], gradients[0]?.dataSync()[0]]).toEqual([4, 2]);
      tf.dispose([value, ...gradients]);
    }
    expect(gradient.engine).toBe('eager');
    if (nativeFailure() === undefined) {
      expect(warn).toHaveBeenCalledTimes(1);
      expect(gradient.reason).toMatch(/reads the numbers of a tensor/);
    }
    warn.mockRestore();
    weight.dispose();
  });
});

describe('compilePredict and compileEvaluate', () => {
  it('give what model.predict and model.evaluate give', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 6, activation: 'relu', inputShape: [4], kernelRegularizer: tf.regularizers.l2() }),
        tf.layers.dropout({ rate: 0.5 }),
        tf.layers.dense({ units: 3, activation: 'softmax' }),
      ],
    });
    const loss = 'categoricalCrossentropy';
    model.compile({ optimizer: 'sgd', loss, metrics: ['accuracy'] });
    const [x, y] = [tf.randomNormal([22, 4]), tf.oneHot(tf.randomUniform([22], 0, 3, 'int32'), 3).toFloat()];
    const before = tf.memory().numTensors;
    const reference = model.predict(x, { batchSize: 22 });
    const [referenceLoss, referenceAccuracy] = [model.evaluate(x, y, { batchSize: 22 })].flat();
    if (Array.isArray(reference) || !referenceLoss || !referenceAccuracy) throw new Error('one output');
    for (const compiled of [true, false]) {
      const predict = await compilePredict(model, { compiled });
      const [output] = await predict(x, { batchSize: 8 });
      expect(output?.shape).toEqual([22, 3]);
      close(output?.dataSync() ?? [], reference.dataSync());
      const evaluate = await compileEvaluate(model, { loss, metrics: ['accuracy'], compiled });
      const figures = await evaluate(x, y, { batchSize: 8 });
      expect(figures.loss).toBeCloseTo(referenceLoss.dataSync()[0] ?? 9, 5);
      expect(figures.accuracy).toBeCloseTo(referenceAccuracy.dataSync()[0] ?? 9, 5);
      output?.dispose();
      predict.dispose();
      evaluate.dispose();
    }
    tf.dispose([reference, referenceLoss, referenceAccuracy]);
    expect(tf.memory().numTensors).toBe(before);
    const predict = await compilePredict(model);
    await expect(predict(x, { batchSize: 0 })).rejects.toThrow('batchSize is 0');
    await expect(predict(tf.ones([2, 5]))).rejects.toThrow('takes [any, 4], and was given [2, 5]');
    tf.dispose([x, y]);
    model.dispose();
  });
});

/** The gradient of `fn` by finite differences. */
function differences(variable: ReturnType<TensorFlow['variable']>, fn: () => Tensor): number[] {
  const start = Array.from(variable.dataSync());
  const step = 1e-2;
  const at = (values: number[]): number =>
    tf.tidy(() => {
      variable.assign(tf.tensor(values, variable.shape));
      return fn().dataSync()[0] ?? Number.NaN;
    });
  const slopesOf = start.map((value, index) => {
    const [up, down] = [start.with(index, value + step), start.with(index, value - step)];
    return (at(up) - at(down)) / (2 * step);
  });
  tf.tidy(() => variable.assign(tf.tensor(start, variable.shape)));
  return slopesOf;
}
