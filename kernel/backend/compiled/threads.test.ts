/** Training on one thread, on two, and on a number that changes on the way. */
import type { Sequential } from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { prepareBackend } from '../choose.ts';
import { loadTensorFlow, type TensorFlow } from '../tensorflow.ts';
import { KEPT_MS } from './following.ts';
import { nativeFailure } from './native.ts';

let tf: TensorFlow;
let seed = 0;
const random = () => tf.initializers.glorotUniform({ seed: ++seed });

/** Large enough that the runtime has something to divide. */
const MODELS: Record<string, { shape: number[]; make(): Sequential }> = {
  dense: {
    shape: [96, 784],
    make: () =>
      tf.sequential({
        layers: [
          tf.layers.dense({ units: 256, activation: 'relu', inputShape: [784], kernelInitializer: random() }),
          tf.layers.dense({ units: 128, activation: 'tanh', kernelInitializer: random() }),
          tf.layers.dense({ units: 10, activation: 'softmax', kernelInitializer: random() }),
        ],
      }),
  },
  convolution: {
    shape: [32, 28, 28, 1],
    make: () =>
      tf.sequential({
        layers: [
          tf.layers.conv2d({
            ...{ filters: 16, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] },
            kernelInitializer: random(),
          }),
          tf.layers.batchNormalization(),
          tf.layers.maxPooling2d({ poolSize: 2 }),
          tf.layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu', kernelInitializer: random() }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 10, activation: 'softmax', kernelInitializer: random() }),
        ],
      }),
  },
  recurrent: {
    shape: [32, 12, 16],
    make: () =>
      tf.sequential({
        layers: [
          tf.layers.lstm({
            ...{ units: 48, inputShape: [12, 16] },
            kernelInitializer: random(),
            recurrentInitializer: random(),
          }),
          tf.layers.dense({ units: 10, activation: 'softmax', kernelInitializer: random() }),
        ],
      }),
  },
};

/** Weights after some steps, of which each has as many threads as `threads` says. */
async function trained(kind: string, threads: (step: number) => number): Promise<Float32Array[]> {
  const { shape, make } = MODELS[kind] ?? { shape: [], make: () => tf.sequential() };
  seed = 0;
  const model = make();
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy' });
  const x = tf.randomNormal(shape, 0, 1, 'float32', 1);
  const classes = tf.tensor1d(
    Array.from({ length: shape[0] ?? 0 }, (_, index) => index % 10),
    'int32',
  );
  const y = tf.oneHot(classes, 10);
  for (let step = 0; step < 8; step++) {
    vi.stubEnv('TRIALROOM_THREADS', String(threads(step)));
    // Sessions are kept for so long.
    vi.setSystemTime(Date.now() + KEPT_MS);
    await model.trainOnBatch(x, y);
  }
  const weights = await Promise.all(model.getWeights().map(async (weight) => Float32Array.from(await weight.data())));
  tf.dispose([x, y, classes]);
  model.dispose();
  return weights;
}

describe.skipIf(nativeFailure() !== undefined)('the number of threads', () => {
  beforeAll(async () => {
    tf = loadTensorFlow();
    await prepareBackend(tf);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });

  it.each(Object.keys(MODELS))('changes no bit of what is trained: %s', async (kind) => {
    vi.useFakeTimers({ toFake: ['performance', 'Date'] });
    const one = await trained(kind, () => 1);
    expect(one.flatMap((weight) => [...weight]).every(Number.isFinite)).toBe(true);
    expect(await trained(kind, () => 2)).toEqual(one);
    expect(await trained(kind, () => 4)).toEqual(one);
    expect(await trained(kind, (step) => (step < 3 || step > 5 ? 2 : 1))).toEqual(one);
  });
});
