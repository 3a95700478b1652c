/** Blocks of convolutions: convolution, normalisation, activation, in one and two dimensions. */
import type { SymbolicTensor } from '@tensorflow/tfjs';
import { loadTensorFlow } from '../../../backend/tensorflow.ts';
import type { Layer } from '../layers/layer.ts';
import { groupNorm, layerNorm, rmsNorm } from '../layers/normalization.ts';
import { type Block, inSequence, join, one, type Part } from '../parts.ts';

/** Activations by the names that people use for them. */
export type ActivationName =
  | 'relu'
  | 'gelu'
  | 'silu'
  | 'tanh'
  | 'sigmoid'
  | 'elu'
  | 'selu'
  | 'mish'
  | 'softplus'
  | 'none';
/** Normalisations by name. */
export type NormName = 'batch' | 'layer' | 'rms' | 'group' | 'none';

/** An activation as a layer; `none` is none. */
export function activation(name: Exclude<ActivationName, 'none'>): Layer {
  // TensorFlow.js calls x · sigmoid(x) swish, as Ramachandran et al. did in 2017; others SiLU.
  return loadTensorFlow().layers.activation({ activation: name === 'silu' ? 'swish' : name });
}

/** `x · Φ(x)`, Φ being the normal distribution (Hendrycks and Gimpel 2016), by the error function, not an approximation. */
export const gelu = (): Layer => activation('gelu');
/** `x · sigmoid(x)` (Elfwing et al. 2017), also called swish. */
export const silu = (): Layer => activation('silu');

/** A normalisation as a layer. `gamma: 'zeros'` begins with nothing coming through, for the end of a residual branch. */
export function norm(name: Exclude<NormName, 'none'>, options: { gamma?: 'ones' | 'zeros' } = {}): Layer {
  switch (name) {
    case 'batch':
      return loadTensorFlow().layers.batchNormalization({ gammaInitializer: options.gamma ?? 'ones' });
    case 'layer':
      return layerNorm();
    case 'rms':
      return rmsNorm();
    case 'group':
      return groupNorm();
  }
}

/** Options of {@link convBlock1d} and {@link convBlock2d}. */
export interface ConvBlockOptions {
  /** Channels that come out. */
  filters: number;
  /** Width of the window; 3 when not given. */
  kernel?: number;
  /** How far the window moves; 1 when not given. */
  stride?: number;
  /** Steps between the taps of the window; 1 when not given. */
  dilation?: number;
  padding?: 'same' | 'valid';
  /** `batch` when not given. */
  norm?: NormName;
  /** `relu` when not given. */
  activation?: ActivationName;
  /** A convolution of each channel, then one across channels: fewer weights. Two dimensions only. */
  separable?: boolean;
  /** Share of the result dropped in training; 0 when not given. */
  dropout?: number;
  /** Begins with nothing coming through, for the end of a residual branch. Needs `norm: 'batch'`. */
  zero?: boolean;
}

/** Convolution over `[batch, steps, channels]`, normalisation, activation. */
export function convBlock1d(options: ConvBlockOptions): Block {
  if (options.separable) throw new TypeError('convBlock1d: `separable` is for two dimensions only');
  const { conv1d } = loadTensorFlow().layers;
  return inSequence([conv1d(windowOf(options)), ...after(options)]);
}

/** Convolution over `[batch, height, width, channels]`, normalisation, activation. */
export function convBlock2d(options: ConvBlockOptions): Block {
  const { conv2d, separableConv2d } = loadTensorFlow().layers;
  const { kernelInitializer, ...window } = windowOf(options);
  const convolution = options.separable
    ? separableConv2d({ ...window, depthwiseInitializer: kernelInitializer, pointwiseInitializer: kernelInitializer })
    : conv2d({ ...window, kernelInitializer });
  return inSequence([convolution, ...after(options)]);
}

/** Weights scaled for what a rectifier lets through (He et al. 2015). No bias where a normalisation would undo it. */
const windowOf = ({
  filters,
  kernel = 3,
  stride = 1,
  dilation = 1,
  padding = 'same',
  norm = 'batch',
}: ConvBlockOptions) => ({
  filters,
  kernelSize: kernel,
  strides: stride,
  dilationRate: dilation,
  padding,
  useBias: norm === 'none',
  kernelInitializer: 'heNormal' as const,
});

function after(options: ConvBlockOptions): Part[] {
  const { norm: kind = 'batch', activation: name = 'relu', dropout = 0, zero = false } = options;
  if (zero && kind !== 'batch') throw new TypeError("convBlock: `zero` needs norm: 'batch'");
  return [
    ...(kind === 'none' ? [] : [norm(kind, { gamma: zero ? 'zeros' : 'ones' })]),
    ...(name === 'none' ? [] : [activation(name)]),
    ...(dropout > 0 ? [loadTensorFlow().layers.dropout({ rate: dropout })] : []),
  ];
}

/** Options of {@link squeezeExcite}. */
export interface SqueezeExciteOptions {
  /** How many times fewer units the narrow layer has than there are channels; 16 when not given, 4 units at least. */
  ratio?: number;
}

/**
 * Weighs channels by what is in all of the picture or signal (Hu et al. 2018): mean of each channel → narrow dense
 * layer → one weight from 0 to 1 for each channel.
 */
export function squeezeExcite({ ratio = 16 }: SqueezeExciteOptions = {}): Block {
  return (x: SymbolicTensor) => {
    const { layers } = loadTensorFlow();
    const channels = x.shape.at(-1);
    const twoDimensional = x.shape.length === 4;
    if (typeof channels !== 'number' || (!twoDimensional && x.shape.length !== 3)) {
      throw new RangeError('squeezeExcite takes [batch, steps, channels] or [batch, height, width, channels]');
    }
    const weigh = inSequence([
      twoDimensional ? layers.globalAveragePooling2d({}) : layers.globalAveragePooling1d({}),
      layers.dense({ units: Math.max(4, Math.round(channels / ratio)), activation: 'relu' }),
      layers.dense({ units: channels, activation: 'sigmoid' }),
      layers.reshape({ targetShape: twoDimensional ? [1, 1, channels] : [1, channels] }),
    ]);
    return join(layers.multiply(), [x, weigh(x)]);
  };
}

/** Options of {@link residual}. */
export interface ResidualOptions {
  /** Applied to the sum; none when not given. */
  activation?: ActivationName;
}

/**
 * `x + parts(x)` (He et al. 2016). Where the parts change the shape, x goes through a convolution of width 1 with the
 * same stride, or a dense layer, and batch normalisation.
 * @throws RangeError when the parts change the shape in a way that a stride cannot
 */
export function residual(parts: readonly Part[], { activation: name = 'none' }: ResidualOptions = {}): Block {
  return (x) => {
    const { layers } = loadTensorFlow();
    const y = inSequence(parts)(x);
    const sum = join(layers.add(), [shortcut(x, y), y]);
    return name === 'none' ? sum : one(activation(name).apply(sum));
  };
}

function shortcut(x: SymbolicTensor, y: SymbolicTensor): SymbolicTensor {
  if (x.shape.length === y.shape.length && x.shape.every((length, axis) => length === y.shape[axis])) return x;
  const { layers } = loadTensorFlow();
  const filters = y.shape.at(-1);
  const wrong = (): RangeError =>
    new RangeError(`residual: [${x.shape}] cannot be added to what its parts give, [${y.shape}]`);
  if (x.shape.length !== y.shape.length || typeof filters !== 'number') throw wrong();
  const strides = x.shape.slice(1, -1).map((length, index) => {
    const to = y.shape[index + 1];
    if (length === null && to === null) return 1;
    if (typeof length !== 'number' || typeof to !== 'number' || to === 0) throw wrong();
    const stride = Math.ceil(length / to);
    if (Math.ceil(length / stride) !== to) throw wrong();
    return stride;
  });
  const options = {
    filters,
    kernelSize: 1,
    useBias: false,
    padding: 'same' as const,
    kernelInitializer: 'heNormal' as const,
  };
  const [height = 1, width = 1] = strides;
  switch (x.shape.length) {
    case 2:
      return one(layers.dense({ units: filters, useBias: false }).apply(x));
    case 3:
      return inSequence([layers.conv1d({ ...options, strides: height }), norm('batch')])(x);
    case 4:
      return inSequence([layers.conv2d({ ...options, strides: [height, width] }), norm('batch')])(x);
    default:
      throw wrong();
  }
}
