/**
 * The models that are measured, from TensorFlow.js's own layers; `models.py` has the same ones in PyTorch. Each comes
 * with a few fixed batches, so that the loss can be seen to fall.
 */
import type { LayersModel, SymbolicTensor, Tensor } from '@tensorflow/tfjs';
import type { tensorflow } from 'trialroom';
import { attentionLayer, positionLayer } from './attention.ts';

type TensorFlow = Awaited<ReturnType<typeof tensorflow>>;

/** A model, ready to be compiled, and what its batches look like. */
interface Subject {
  build(tf: TensorFlow): LayersModel;
  batch: number;
  /** Shape of one example. */
  input: number[];
  /** Inputs are whole numbers below this instead of normal ones. */
  vocabulary?: number;
  /** How many classes; 2 means one logistic output. */
  classes: number;
}

export type ModelName = 'mlp' | 'cnn' | 'resnet1d' | 'lstm' | 'transformer' | 'logistic';

export const MODELS: Record<ModelName, Subject> = {
  mlp: {
    batch: 128,
    input: [784],
    classes: 10,
    build: (tf) =>
      tf.sequential({
        layers: [
          tf.layers.dense({ units: 512, activation: 'relu', inputShape: [784] }),
          tf.layers.dense({ units: 256, activation: 'relu' }),
          tf.layers.dense({ units: 10, activation: 'softmax' }),
        ],
      }),
  },
  cnn: {
    batch: 64,
    input: [28, 28, 1],
    classes: 10,
    build: (tf) =>
      tf.sequential({
        layers: [
          tf.layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }),
          tf.layers.maxPooling2d({ poolSize: 2 }),
          tf.layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
          tf.layers.maxPooling2d({ poolSize: 2 }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 128, activation: 'relu' }),
          tf.layers.dense({ units: 10, activation: 'softmax' }),
        ],
      }),
  },
  resnet1d: { batch: 32, input: [4096, 1], classes: 10, build: resnet },
  lstm: {
    batch: 64,
    input: [128, 16],
    classes: 10,
    build: (tf) =>
      tf.sequential({
        layers: [
          tf.layers.lstm({ units: 64, recurrentActivation: 'sigmoid', inputShape: [128, 16] }),
          tf.layers.dense({ units: 10, activation: 'softmax' }),
        ],
      }),
  },
  transformer: { batch: 32, input: [128], vocabulary: 64, classes: 10, build: transformer },
  logistic: {
    batch: 32,
    input: [30],
    classes: 2,
    build: (tf) => tf.sequential({ layers: [tf.layers.dense({ units: 1, activation: 'sigmoid', inputShape: [30] })] }),
  },
};

/** He et al. (2015): a stem, four stages of two basic blocks, and a dense layer. 16 channels at first, in one dimension. */
function resnet(tf: TensorFlow): LayersModel {
  const { layers } = tf;
  const convolution = (x: SymbolicTensor, filters: number, kernelSize: number, strides: number): SymbolicTensor => {
    const made = layers.conv1d({ filters, kernelSize, strides, padding: 'same', useBias: false }).apply(x);
    return symbolic(layers.batchNormalization({}).apply(made));
  };
  const relu = (x: SymbolicTensor): SymbolicTensor => symbolic(layers.reLU().apply(x));
  const input = tf.input({ shape: [4096, 1] });
  let x = relu(convolution(input, 16, 7, 2));
  x = symbolic(layers.maxPooling1d({ poolSize: 3, strides: 2, padding: 'same' }).apply(x));
  for (const [stage, filters] of [16, 32, 64, 128].entries()) {
    for (const block of [0, 1]) {
      const strides = stage > 0 && block === 0 ? 2 : 1;
      const inner = convolution(relu(convolution(x, filters, 3, strides)), filters, 3, 1);
      const shortcut = strides === 1 ? x : convolution(x, filters, 1, strides);
      x = relu(symbolic(layers.add().apply([inner, shortcut])));
    }
  }
  const pooled = layers.globalAveragePooling1d({}).apply(x);
  const outputs = symbolic(layers.dense({ units: 10, activation: 'softmax' }).apply(pooled));
  return tf.model({ inputs: input, outputs });
}

/** Four encoder layers, normalised first, over 128 tokens; the mean of what comes out is classified. */
function transformer(tf: TensorFlow): LayersModel {
  const { layers } = tf;
  const [width, heads, length] = [128, 4, 128];
  const input = tf.input({ shape: [length] });
  const embedded = layers.embedding({ inputDim: 64, outputDim: width }).apply(input);
  let x = symbolic(positionLayer(tf, length, width).apply(embedded));
  for (let layer = 0; layer < 4; layer++) {
    const attended = attentionLayer(tf, width, heads).apply(layers.layerNormalization({ epsilon: 1e-5 }).apply(x));
    x = symbolic(layers.add().apply([x, symbolic(attended)]));
    const normal = layers.layerNormalization({ epsilon: 1e-5 }).apply(x);
    const wide = layers.dense({ units: 4 * width, activation: 'relu' }).apply(normal);
    const narrow = layers.dense({ units: width }).apply(wide);
    x = symbolic(layers.add().apply([x, symbolic(narrow)]));
  }
  const normal = layers.layerNormalization({ epsilon: 1e-5 }).apply(x);
  const pooled = layers.globalAveragePooling1d({}).apply(normal);
  const outputs = symbolic(layers.dense({ units: 10, activation: 'softmax' }).apply(pooled));
  return tf.model({ inputs: input, outputs });
}

function symbolic(value: unknown): SymbolicTensor {
  if (Array.isArray(value) || !isSymbolic(value)) throw new Error('a layer gave something other than one tensor');
  return value;
}

const isSymbolic = (value: unknown): value is SymbolicTensor =>
  typeof value === 'object' && value !== null && 'sourceLayer' in value;

/** Batches that a model can learn: the class is what a fixed random projection of the example says. */
export function batches(tf: TensorFlow, name: ModelName, count: number): { x: Tensor; y: Tensor }[] {
  const { batch, input, classes, vocabulary } = MODELS[name];
  const projected = input.reduce((product, length) => product * length, 1);
  const projection = tf.randomNormal([projected, classes], 0, 1, 'float32', 7);
  return Array.from({ length: count }, (_, index) =>
    tf.tidy(() => {
      const shape = [batch, ...input];
      const x = vocabulary
        ? tf.randomUniform(shape, 0, vocabulary, 'int32', index + 1)
        : tf.randomNormal(shape, 0, 1, 'float32', index + 1);
      const scores = tf.matMul(x.reshape([batch, projected]).cast('float32'), projection);
      const classOf = scores.argMax(1);
      const y = classes === 2 ? classOf.cast('float32').reshape([batch, 1]) : tf.oneHot(classOf, classes);
      return { x: x.cast('float32'), y: y.cast('float32') };
    }),
  );
}
