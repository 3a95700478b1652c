/** `model.fit` compiled beside the same `fit` computed step by step by the WebAssembly backend. */
import type { Sequential, Tensor } from '@tensorflow/tfjs';
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { prepareBackend } from '../choose.ts';
import { loadTensorFlow, type TensorFlow } from '../tensorflow.ts';
import { compileFit } from './fit.ts';
import { Heap } from './heap.ts';
import { nativeFailure } from './native.ts';

let tf: TensorFlow;
let seed = 0;
/** The same random numbers for whoever asks in the same order. */
const kernelInitializer = () => tf.initializers.glorotUniform({ seed: ++seed });

const MODELS: Record<string, () => Sequential> = {
  dense: () => {
    const { layers } = tf;
    const model = tf.sequential();
    model.add(layers.dense({ units: 7, activation: 'relu', inputShape: [5], kernelInitializer: kernelInitializer() }));
    model.add(
      layers.dense({ units: 6, activation: 'tanh', kernelInitializer: kernelInitializer(), kernelRegularizer: 'l1l2' }),
    );
    model.add(layers.dense({ units: 3, activation: 'softmax', kernelInitializer: kernelInitializer() }));
    return model;
  },
  convolution: () => {
    const { layers } = tf;
    const model = tf.sequential();
    const options = { activation: 'relu' as const, kernelSize: 3 };
    model.add(layers.reshape({ targetShape: [8, 8, 1], inputShape: [64] }));
    model.add(layers.conv2d({ ...options, filters: 3, kernelInitializer: kernelInitializer() }));
    model.add(layers.maxPooling2d({ poolSize: 2 }));
    model.add(layers.batchNormalization());
    model.add(layers.flatten());
    model.add(layers.dense({ units: 3, activation: 'softmax', kernelInitializer: kernelInitializer() }));
    return model;
  },
  plain: () => {
    const model = tf.sequential();
    model.add(tf.layers.dense({ units: 3, activation: 'softmax', inputShape: [5] }));
    return model;
  },
  recurrent: () => {
    const { layers } = tf;
    const model = tf.sequential();
    const recurrentInitializer = () => tf.initializers.orthogonal({ seed: ++seed });
    model.add(layers.reshape({ targetShape: [4, 2], inputShape: [8] }));
    model.add(
      layers.lstm({ units: 4, kernelInitializer: kernelInitializer(), recurrentInitializer: recurrentInitializer() }),
    );
    model.add(layers.dense({ units: 3, activation: 'softmax', kernelInitializer: kernelInitializer() }));
    return model;
  },
};
const WIDTH: Record<string, number> = { dense: 5, plain: 5, convolution: 64, recurrent: 8 };

interface Trained {
  history: Record<string, (number | Tensor)[]>;
  weights: number[];
}

/** Trains a fresh model on 21 examples, with a batch at the end that is smaller. */
async function train(kind: string, optimizer: () => string | ReturnType<TensorFlow['train']['sgd']>): Promise<Trained> {
  seed = 0;
  const model = MODELS[kind]?.();
  if (!model) throw new Error(`no model ${kind}`);
  model.compile({ optimizer: optimizer(), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const width = WIDTH[kind] ?? 1;
  const x = tf.tensor2d(
    Array.from({ length: 21 * width }, (_, index) => Math.sin(index * 1.7)),
    [21, width],
  );
  const y = tf
    .oneHot(
      tf.tensor1d(
        Array.from({ length: 21 }, (_, index) => index % 3),
        'int32',
      ),
      3,
    )
    .toFloat();
  const options = { epochs: 4, batchSize: 8, shuffle: false, verbose: 0 as const, validationSplit: 0.2 };
  const { history } = await model.fit(x, y, options);
  const weights = model.getWeights().flatMap((weight) => Array.from(weight.dataSync()));
  tf.dispose([x, y]);
  model.dispose();
  return { history, weights };
}

function close(mine: Trained, reference: Trained): void {
  const apart = (a: number[], b: number[]): number =>
    Math.max(...a.map((value, index) => Math.abs(value - (b[index] ?? 9))));
  for (const [key, values] of Object.entries(reference.history)) {
    expect(apart((mine.history[key] ?? []).map(Number), values.map(Number)), key).toBeLessThan(1e-4);
  }
  expect(mine.weights).toHaveLength(reference.weights.length);
  expect(apart(mine.weights, reference.weights)).toBeLessThan(1e-3);
}

describe.skipIf(nativeFailure() !== undefined)('fit, compiled', () => {
  const CASES: [string, () => Parameters<typeof train>[1]][] = [
    ['dense', () => () => 'adam'],
    ['dense', () => () => 'sgd'],
    ['dense', () => () => 'rmsprop'],
    ['dense', () => () => 'adagrad'],
    ['dense', () => () => 'adamax'],
    ['convolution', () => () => 'sgd'],
    ['recurrent', () => () => 'adam'],
  ];
  const references: Trained[] = [];
  let eagerGrowth = Number.NaN;
  /** Tensors that three trainings leave behind. */
  const growth = async (): Promise<number> => {
    await train('plain', () => 'adam');
    const before = tf.memory().numTensors;
    for (let round = 0; round < 3; round++) await train('plain', () => 'adam');
    return tf.memory().numTensors - before;
  };
  beforeAll(async () => {
    tf = loadTensorFlow();
    process.env.TRIALROOM_BACKEND = 'wasm';
    await prepareBackend(tf);
    eagerGrowth = await growth();
    for (const [kind, optimizer] of CASES) references.push(await train(kind, optimizer()));
    const backend = tf.backend();
    if (!(backend instanceof BackendWasm)) throw new Error('the WebAssembly backend is missing');
    expect(compileFit(tf, new Heap(backend))).toBeUndefined();
  });

  it.each(CASES.map(([kind, optimizer], index) => ({ kind, optimizer, index, name: optimizer()() })))(
    'gives the curves and weights of $kind with $name',
    async ({ kind, optimizer, index }) => {
      const warn = vi.spyOn(console, 'warn');
      const mine = await train(kind, optimizer());
      expect(warn).not.toHaveBeenCalled();
      warn.mockRestore();
      const reference = references[index];
      if (!reference) throw new Error('there is no reference');
      close(mine, reference);
    },
  );

  it('follows a learning rate that a callback changes, keeps frozen layers and weights that others hold', async () => {
    seed = 0;
    const model = MODELS.dense?.();
    if (!model) throw new Error('no model');
    const [first] = model.layers;
    if (first) first.trainable = false;
    const optimizer = tf.train.sgd(0.5);
    model.compile({ optimizer, loss: 'categoricalCrossentropy' });
    const held = model.layers[1]?.getWeights()[0]?.clone();
    const kernels = (): number[][] => model.layers.map((layer) => Array.from(layer.getWeights()[0]?.dataSync() ?? []));
    const before = kernels();
    const x = tf.ones([8, 5]);
    const y = tf.oneHot(tf.zeros([8], 'int32'), 3).toFloat();
    const rates = [0.5, 0];
    const after: number[][][] = [];
    await model.fit(x, y, {
      epochs: 2,
      verbose: 0,
      callbacks: {
        onEpochBegin: async (epoch) => void Reflect.set(optimizer, 'learningRate', rates[epoch]),
        onEpochEnd: async () => void after.push(kernels()),
      },
    });
    expect(after[0]?.[0]).toEqual(before[0]);
    expect(after[0]?.[1]).not.toEqual(before[1]);
    expect(after[1]).toEqual(after[0]);
    expect(Array.from(held?.dataSync() ?? [])).toEqual(before[1]);
  });

  it('draws new masks in every step, the same forward and backward', async () => {
    const model = tf.sequential();
    model.add(tf.layers.dropout({ rate: 0.5, inputShape: [64] }));
    model.add(tf.layers.dense({ units: 1, useBias: false, kernelInitializer: 'zeros' }));
    model.compile({ optimizer: tf.train.sgd(1), loss: 'meanSquaredError' });
    const x = tf.ones([1, 64]);
    const y = tf.ones([1, 1]);
    const moved: Set<string> = new Set();
    for (let step = 0; step < 4; step++) {
      model.setWeights([tf.zeros([64, 1])]);
      await model.fit(x, y, { epochs: 1, verbose: 0 });
      const weights = Array.from(model.getWeights()[0]?.dataSync() ?? []);
      // From zero a weight moves by 2 · input, and the input is 0 where masked and 2 where kept.
      expect(new Set(weights.map((weight) => Math.round(weight * 1000)))).toEqual(new Set([0, 4000]));
      moved.add(weights.map((weight) => (weight === 0 ? '-' : 'x')).join(''));
    }
    expect(moved.size).toBe(4);
  });

  it('says once why a model trains uncompiled, and trains it', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const model = tf.sequential();
    model.add(tf.layers.dense({ units: 1, inputShape: [4] }));
    // Reads numbers in the middle of the step.
    const loss = (target: Tensor, prediction: Tensor) =>
      target
        .sub(prediction)
        .square()
        .mul(target.dataSync().length > 0 ? 1 : 0);
    model.compile({ optimizer: 'sgd', loss });
    const { history } = await model.fit(tf.ones([8, 4]), tf.ones([8, 1]), { epochs: 3, verbose: 0 });
    expect(history.loss).toHaveLength(3);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(String(warn.mock.calls[0]?.[0])).toMatch(/trains uncompiled, which is slower: it reads the numbers/);
    warn.mockRestore();
  });

  it('leaves no more tensors behind than fit does by itself', async () => {
    expect(await growth()).toBe(eagerGrowth);
  });
});
