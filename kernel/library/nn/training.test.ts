/** Every block trains compiled, and one step gives what the same step gives when it is computed as always on the CPU. */
import type { LayersModel, SymbolicTensor, Tensor } from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { prepareBackend } from '../../backend/choose.ts';
import { nativeFailure } from '../../backend/compiled/native.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import * as nn from './index.ts';

let tf: TensorFlow;

interface Case {
  model(): LayersModel;
  /** Shapes of the inputs' batches; `tokens` are whole numbers below 7, with padding at the end. */
  inputs: { shape: number[]; tokens?: boolean }[];
}

const head = (): nn.Part[] => [nn.dense({ units: 3, activation: 'softmax' })];
const flat = (): nn.Part[] => [tf.layers.flatten(), ...head()];
const series = (parts: () => nn.Part[]): Case => ({
  model: () => nn.sequential([nn.input([6, 8]), ...parts(), ...flat()], { seed: 3 }),
  inputs: [{ shape: [4, 6, 8] }],
});
const picture = (parts: () => nn.Part[]): Case => ({
  model: () => nn.sequential([nn.input([6, 6, 4]), ...parts(), ...flat()], { seed: 3 }),
  inputs: [{ shape: [4, 6, 6, 4] }],
});

const CASES: Record<string, Case> = {
  'layer norm': series(() => [nn.layerNorm()]),
  'RMS norm': series(() => [nn.rmsNorm()]),
  'group norm': picture(() => [nn.groupNorm({ groups: 2 })]),
  gelu: series(() => [nn.dense({ units: 5 }), nn.gelu()]),
  silu: series(() => [nn.dense({ units: 5 }), nn.silu()]),
  'sinusoidal position': series(() => [nn.sinusoidalPosition(), nn.dense({ units: 5, activation: 'tanh' })]),
  'learned position': series(() => [nn.learnedPosition({ steps: 9 })]),
  'rotary position': series(() => [nn.rotaryPosition(), nn.dense({ units: 5, activation: 'tanh' })]),
  attention: series(() => [nn.multiHeadAttention({ heads: 2 })]),
  'causal rotary attention': series(() => [
    nn.multiHeadAttention({ heads: 2, keySize: 6, units: 5, causal: true, rotary: true, bias: false }),
  ]),
  'encoder, normalised before': series(() => [nn.transformerEncoder({ heads: 2, wide: 12, blocks: 2 })]),
  'encoder, normalised after': series(() => [
    nn.transformerEncoder({ heads: 2, wide: 12, order: 'after', norm: 'rms', activation: 'silu', rotary: true }),
  ]),
  'convolution in one dimension': series(() => [nn.convBlock1d({ filters: 5, stride: 2 })]),
  'convolution in one dimension, dilated': series(() => [
    nn.convBlock1d({ filters: 5, dilation: 2, norm: 'layer', activation: 'gelu' }),
  ]),
  'convolution in two dimensions': picture(() => [nn.convBlock2d({ filters: 5, stride: 2, activation: 'elu' })]),
  'separable convolution': picture(() => [nn.convBlock2d({ filters: 5, separable: true, norm: 'group' })]),
  'squeeze and excite': picture(() => [nn.squeezeExcite({ ratio: 2 })]),
  'squeeze and excite in one dimension': series(() => [nn.squeezeExcite({ ratio: 2 })]),
  'residual block': picture(() => [
    nn.residual([nn.convBlock2d({ filters: 6, stride: 2 }), nn.convBlock2d({ filters: 6, activation: 'none' })], {
      activation: 'relu',
    }),
  ]),
  'residual block of dense layers': series(() => [
    nn.sequencePooling({ by: 'max' }),
    nn.residual([nn.dense({ units: 6, activation: 'relu' })]),
    tf.layers.reshape({ targetShape: [6, 1] }),
  ]),
  resnet1d: {
    model: () => nn.resnet1d({ input: [32, 2], classes: 3, depth: 10, width: 4, zero: false, seed: 3 }),
    inputs: [{ shape: [4, 32, 2] }],
  },
  resnet2d: {
    model: () =>
      nn.resnet2d({ input: [8, 8, 2], classes: 3, depth: 10, width: 4, squeezeExcite: true, zero: false, seed: 3 }),
    inputs: [{ shape: [4, 8, 8, 2] }],
  },
  'stacked LSTM in both directions': series(() => [
    nn.lstm({ units: 3, layers: 2, bidirectional: true, sequences: true }),
  ]),
  'stacked GRU': series(() => [nn.gru({ units: 3, layers: 2 }), tf.layers.reshape({ targetShape: [3, 1] })]),
  'pooled embedding': {
    model: () =>
      nn.sequential(
        [
          nn.input([6], { dtype: 'int32' }),
          nn.embedding({ vocabulary: 7, units: 4, maskZero: true, position: 'learned', steps: 6, pool: 'mean' }),
          ...head(),
        ],
        { seed: 3 },
      ),
    inputs: [{ shape: [4, 6], tokens: true }],
  },
  'encoder of padded sentences': {
    model: () =>
      nn.sequential(
        [
          nn.input([6], { dtype: 'int32' }),
          nn.embedding({ vocabulary: 7, units: 4, maskZero: true, position: 'sinusoidal' }),
          nn.transformerEncoder({ heads: 2, blocks: 2 }),
          nn.sequencePooling({ by: 'last' }),
          ...head(),
        ],
        { seed: 3 },
      ),
    inputs: [{ shape: [4, 6], tokens: true }],
  },
  'decoder with a masked memory': {
    model: () =>
      nn.model({
        inputs: { x: [5, 4], memory: [6, 4], mask: [6] },
        outputs: ({ x, memory, mask }) => {
          const y = nn.transformerDecoder({ heads: 2, blocks: 2, rotary: true })(x, memory, mask);
          return nn.dense({ units: 3, activation: 'softmax' })(flatten(y));
        },
        seed: 3,
      }),
    inputs: [{ shape: [4, 5, 4] }, { shape: [4, 6, 4] }, { shape: [4, 6], tokens: true }],
  },
};

function flatten(x: SymbolicTensor): SymbolicTensor {
  const given = tf.layers.flatten().apply(x);
  if (!(given instanceof tf.SymbolicTensor)) throw new Error('flatten gave no symbolic tensor');
  return given;
}

const numbers = ({ shape, tokens }: Case['inputs'][number], which: number): Tensor => {
  const values = Array.from({ length: shape.reduce((all, length) => all * length, 1) }, (_, index) =>
    tokens ? ((index * 5 + which) % 7) * (index % 6 < 4 ? 1 : 0) : Math.sin(index * 1.7 + which),
  );
  return tf.tensor(values, shape, tokens ? 'int32' : 'float32');
};

/** One step on the engine that is set: its loss, and the weights after it. */
async function step({ inputs }: Case, model: LayersModel): Promise<{ loss: number; weights: Float32Array[] }> {
  model.compile({ optimizer: tf.train.sgd(0.5), loss: 'categoricalCrossentropy' });
  const x = inputs.map(numbers);
  const y = tf.oneHot(tf.tensor1d([0, 2, 1, 2], 'int32'), 3).toFloat();
  const loss = await model.trainOnBatch(x, y);
  tf.dispose([...x, y]);
  return {
    loss: Number(Array.isArray(loss) ? loss[0] : loss),
    weights: model.getWeights().map((weight) => Float32Array.from(weight.dataSync())),
  };
}

describe.skipIf(nativeFailure() !== undefined)('a step of training, compiled', () => {
  beforeAll(async () => {
    tf = loadTensorFlow();
    process.env.TRIALROOM_BACKEND = 'compiled';
    await prepareBackend(tf);
  });

  it.each(Object.keys(CASES))('%s', async (name) => {
    const tried = CASES[name];
    if (!tried) throw new Error('no such case');
    const warn = vi.spyOn(console, 'warn');
    const model = tried.model();
    const initial = model.getWeights().map((weight) => ({ shape: weight.shape, values: weight.dataSync() }));
    const mine = await step(tried, model);
    expect(warn.mock.calls.flat()).toEqual([]);
    warn.mockRestore();
    await tf.setBackend('cpu');
    try {
      model.setWeights(initial.map(({ shape, values }) => tf.tensor(values, shape)));
      const reference = await step(tried, model);
      expect(mine.loss).toBeCloseTo(reference.loss, 4);
      expect(mine.weights).toHaveLength(reference.weights.length);
      const moved = reference.weights.map((values, index) =>
        apart(values, Float32Array.from(initial[index]?.values ?? [])),
      );
      expect(Math.max(...moved)).toBeGreaterThan(1e-3);
      mine.weights.forEach((values, index) => {
        expect(apart(values, reference.weights[index] ?? values), model.weights[index]?.name).toBeLessThan(5e-4);
      });
    } finally {
      await tf.setBackend('wasm');
      model.dispose();
    }
  });
});

const apart = (a: Float32Array, b: Float32Array): number => {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((most, value, index) => Math.max(most, Math.abs(value - (b[index] ?? Number.NaN))), 0);
};
