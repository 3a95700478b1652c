/**
 * How much a model computes. A multiplication and the addition after it are two operations, as in
 * `torch.utils.flop_counter` and in Molchanov et al. 2017, appendix A.1; elsewhere they are often counted as one
 * ("MACs"): halve the figure to compare. What is done to each number by itself, an exponential say, is one operation.
 */
import type { LayersModel, layers } from '@tensorflow/tfjs';
import { type Flow, flowsOf, sizeOf } from '../../../backend/guard/flow.ts';
import { loadTensorFlow } from '../../../backend/tensorflow.ts';

/** Operations of one layer. */
export interface LayerFlops {
  name: string;
  kind: string;
  /** For all of the batch; undefined where the kind of layer is not known. */
  flops: number | undefined;
  /** How they were counted. */
  formula: string;
}

/** Operations of one forward pass. */
export interface Flops {
  /** For all of the batch, in the layers whose kind is known. */
  total: number;
  /** Of a step of training: the backward pass takes about twice the forward one (Kaplan et al. 2020, section 2.1). */
  training: number;
  layers: LayerFlops[];
  /** Layers whose kind is not known; they are not in the total. */
  unknown: string[];
  /** Where the way of counting comes from. */
  source: string;
}

const SOURCE =
  'A multiply-add is 2 operations, as torch.utils.flop_counter counts; formulas after Molchanov et al. 2017, appendix A.1';

/**
 * Counts the operations of one forward pass.
 * @param inputShape of one input, or of each, with the batch; a batch of one when not given
 * @throws RangeError when a shape does not fit the model's input
 * @example nn.flops(model).total // of one example
 */
export function flops(model: LayersModel, inputShape?: readonly number[] | readonly (readonly number[])[]): Flops {
  const counted = flowsOf(model, shapesOf(inputShape)).map(flopsOf);
  const total = counted.reduce((sum, { flops: own }) => sum + (own ?? 0), 0);
  return {
    total,
    training: 3 * total,
    layers: counted,
    unknown: counted.flatMap(({ name, flops: own }) => (own === undefined ? [name] : [])),
    source: SOURCE,
  };
}

/** One shape or several, as several. */
export const shapesOf = (given: readonly number[] | readonly (readonly number[])[] = []): (readonly number[])[] => {
  const whole = given.filter((each) => typeof each === 'number');
  return whole.length > 0 ? [whole] : given.filter((each) => typeof each !== 'number');
};

type Count = (flow: Flow) => [flops: number, formula: string];

/** Operations of one application of a layer. */
export function flopsOf(flow: Flow): LayerFlops {
  const { layer } = flow;
  const kind = layer.getClassName();
  if (layer instanceof loadTensorFlow().LayersModel) {
    return { name: layer.name, kind, flops: flops(layer, flow.inputs).total, formula: 'the sum of its layers' };
  }
  const [own, formula] = COUNTS[kind]?.(flow) ?? [undefined, 'this kind of layer is not known'];
  return { name: layer.name, kind, flops: own, formula };
}

const weightsOf = (layer: layers.Layer, ending: RegExp): number[][] =>
  layer.weights
    .filter(({ originalName }) => ending.test(originalName))
    .map(({ shape }) => shape.map((each) => each ?? 1));
const output = ({ outputs }: Flow): number => sizeOf(outputs[0] ?? []);
const inputSize = ({ inputs }: Flow): number => sizeOf(inputs[0] ?? []);
/** Places that the output has, over the batch: all axes but that of the channels, which come last. */
const places = (shape: readonly number[] | undefined): number => sizeOf((shape ?? []).slice(0, -1));
const biasOf = (flow: Flow): number => (weightsOf(flow.layer, /bias/).length > 0 ? output(flow) : 0);

const each =
  (operations: number, formula: string): Count =>
  (flow) => [operations * output(flow), formula];
const none: Count = () => [0, 'moves numbers, computes nothing'];
const window: Count = (flow) => {
  const size = numbersIn(flow.layer.getConfig().poolSize);
  return [sizeOf(size) * output(flow), 'window × outputs'];
};
const convolution: Count = (flow) => {
  const kernels = weightsOf(flow.layer, /kernel$/).reduce((sum, shape) => sum + sizeOf(shape), 0);
  return [2 * kernels * places(flow.outputs[0]) + biasOf(flow), '2 · kernel · output places + bias'];
};
const recurrent: Count = ({ layer, inputs }) => {
  const [batch = 1, steps = 1] = inputs[0] ?? [];
  const kernels = weightsOf(layer, /kernel$/).reduce((sum, shape) => sum + sizeOf(shape), 0);
  const bias = weightsOf(layer, /bias$/).reduce((sum, shape) => sum + sizeOf(shape), 0);
  return [batch * steps * (2 * kernels + bias), 'steps · (2 · (kernel + recurrent kernel) + bias)'];
};
const merge: Count = (flow) => [(flow.inputs.length - 1) * output(flow), '(inputs - 1) · outputs'];
const all: Count = (flow) => [inputSize(flow), 'inputs'];
const attention: Count = ({ layer, inputs }) => {
  const [query = [], key = query] = inputs;
  const [batch = 1, queries = 1] = query;
  const keys = key[1] ?? 1;
  const inner = weightsOf(layer, /query_kernel$/)[0]?.[1] ?? 1;
  let projections = 0;
  for (const [name, steps] of Object.entries({ query: queries, key: keys, value: keys, output: queries })) {
    const [from = 0, to = 0] = weightsOf(layer, new RegExp(`${name}_kernel$`))[0] ?? [];
    projections += 2 * steps * from * to + (weightsOf(layer, new RegExp(`${name}_bias$`)).length > 0 ? steps * to : 0);
  }
  // Scores, and what is gathered by them; the softmax between is not counted.
  return [batch * (projections + 2 * 2 * queries * keys * inner), 'projections + 4 · queries · keys · heads · keySize'];
};
const COUNTS: Readonly<Record<string, Count>> = {
  Dense: (flow) => {
    const [kernel = []] = weightsOf(flow.layer, /kernel$/);
    return [2 * sizeOf(kernel) * places(flow.outputs[0]) + biasOf(flow), '2 · in · out · places + bias'];
  },
  Conv1D: convolution,
  Conv2D: convolution,
  Conv3D: convolution,
  SeparableConv2D: convolution,
  DepthwiseConv2D: convolution,
  Conv2DTranspose: (flow) => {
    const [kernel = []] = weightsOf(flow.layer, /kernel$/);
    return [2 * sizeOf(kernel) * places(flow.inputs[0]) + biasOf(flow), '2 · kernel · input places + bias'];
  },
  LSTM: recurrent,
  GRU: recurrent,
  SimpleRNN: recurrent,
  Bidirectional: recurrent,
  MultiHeadAttention: attention,
  BatchNormalization: each(2, '2 a number: scale and shift'),
  LayerNormalization: each(7, '7 a number: mean, variance, scale and shift'),
  LayerNorm: each(7, '7 a number: mean, variance, scale and shift'),
  GroupNorm: each(7, '7 a number: mean, variance, scale and shift'),
  RMSNorm: each(4, '4 a number: square, mean, scale, γ'),
  SinusoidalPosition: each(1, '1 a number'),
  LearnedPosition: each(1, '1 a number'),
  RotaryPosition: each(3, '3 a number: two products and a sum'),
  SequencePooling: all,
  GlobalAveragePooling1D: all,
  GlobalAveragePooling2D: all,
  GlobalMaxPooling1D: all,
  GlobalMaxPooling2D: all,
  MaxPooling1D: window,
  MaxPooling2D: window,
  AveragePooling1D: window,
  AveragePooling2D: window,
  Add: merge,
  Multiply: merge,
  Average: merge,
  Maximum: merge,
  Minimum: merge,
  ...Object.fromEntries(
    ['Activation', 'ReLU', 'LeakyReLU', 'PReLU', 'ELU', 'Softmax', 'ThresholdedReLU', 'Rescaling'].map((kind) => [
      kind,
      each(1, '1 a number'),
    ]),
  ),
  ...Object.fromEntries(
    [
      ...['InputLayer', 'Flatten', 'Reshape', 'Permute', 'Dropout', 'SpatialDropout1D', 'GaussianNoise', 'Embedding'],
      ...['GaussianDropout', 'AlphaDropout', 'Concatenate', 'ZeroPadding2D', 'Cropping2D', 'UpSampling2D', 'Masking'],
      ...['RepeatVector'],
    ].map((kind) => [kind, none]),
  ),
};

const numbersIn = (value: unknown): number[] =>
  typeof value === 'number' ? [value] : Array.isArray(value) ? value.filter((each) => typeof each === 'number') : [];
