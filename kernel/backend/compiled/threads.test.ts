/** Training on one thread, on two, and on a number that changes on the way. */
import { availableParallelism } from 'node:os';
import type { Sequential } from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryHost } from '../../library/trial/memory-host.ts';
import { SHARED } from '../../process/channel.ts';
import { installHost } from '../../process/host.ts';
import { noteThreads, ThreadShare } from '../../process/threads.ts';
import { prepareBackend } from '../choose.ts';
import { loadTensorFlow, type TensorFlow } from '../tensorflow.ts';
import { KEPT_MS } from './following.ts';
import { nativeFailure } from './native.ts';
import { MOST_REPEATABLE, repeatFromNow, threadsNow } from './threads.ts';

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
    share(threads(step));
    // Sessions are kept for so long.
    vi.advanceTimersByTime(KEPT_MS);
    await model.trainOnBatch(x, y);
  }
  const weights = await Promise.all(model.getWeights().map(async (weight) => Float32Array.from(await weight.data())));
  tf.dispose([x, y, classes]);
  model.dispose();
  return weights;
}

const shared = new Int32Array(new SharedArrayBuffer(4 * Object.keys(SHARED).length));
/** What the server says that this kernel may take. */
const share = (threads: number): void => noteThreads(shared, threads);

/** How many are the same, bit by bit. */
const alike = (some: Float32Array[], others: Float32Array[]): number =>
  some.filter((one, index) => others[index]?.every((value, at) => Object.is(value, one[at]))).length;

describe.skipIf(nativeFailure() !== undefined)('the number of threads', () => {
  beforeAll(async () => {
    const threads = new ThreadShare(shared);
    installHost(Object.assign(new MemoryHost(), { updateThreads: () => threads.update() }));
    tf = loadTensorFlow();
    await prepareBackend(tf);
  });
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance', 'Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });

  it('is the share of the cores, or what the environment says', () => {
    share(3);
    expect(threadsNow()).toBe(3);
    share(1);
    expect(threadsNow()).toBe(1);
    vi.stubEnv('TRIALROOM_THREADS', '5');
    expect(threadsNow()).toBe(5);
  });

  // Comes first: what is asked for below holds for the whole process.
  it.each(Object.keys(MODELS))('changes nothing but last digits: %s', async (kind) => {
    const one = await trained(kind, () => 1);
    expect(alike(await trained(kind, () => 1), one)).toBe(one.length);
    const changing = await trained(kind, (step) => (step < 3 || step > 5 ? 2 : 1));
    for (const [at, weight] of changing.entries()) {
      const furthest = weight.reduce((most, value, i) => Math.max(most, Math.abs(value - (one[at]?.[i] ?? 0))), 0);
      // Adam makes whole steps of the smallest gradients.
      expect(furthest).toBeLessThan(0.01);
    }
  });

  it.each(Object.keys(MODELS))(
    'is always the same where a run is to repeat, so that no bit changes: %s',
    async (kind) => {
      repeatFromNow();
      share(1);
      expect(threadsNow()).toBe(Math.min(MOST_REPEATABLE, availableParallelism()));
      const alone = await trained(kind, () => availableParallelism());
      expect(alike(await trained(kind, (step) => (step < 3 || step > 5 ? 2 : 1)), alone)).toBe(alone.length);
    },
  );
});
