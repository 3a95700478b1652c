/** Blocks of transformers (Vaswani et al. 2017). */
import type { SymbolicTensor } from '@tensorflow/tfjs';
import { loadTensorFlow } from '../../../backend/tensorflow.ts';
import { type AttentionOptions, multiHeadAttention } from '../layers/attention.ts';
import type { Layer } from '../layers/layer.ts';
import { type Block, inSequence, join, one } from '../parts.ts';
import { type ActivationName, activation, norm } from './convolution.ts';

/** Options of {@link transformerEncoder} and {@link transformerDecoder}. */
export interface TransformerOptions {
  /** How many heads look at once. */
  heads: number;
  /** Units of the wide dense layer; four times the features when not given. */
  wide?: number;
  /** Share dropped in training, of attention weights and of each branch; 0 when not given. */
  dropout?: number;
  /** Normalises before each branch (steadier; Xiong et al. 2020) or after each sum, as first published; `before` when not given. */
  order?: 'before' | 'after';
  /** `layer` when not given. */
  norm?: 'layer' | 'rms';
  /** Of the wide layer; `gelu` when not given. */
  activation?: Exclude<ActivationName, 'none'>;
  /** Whether a step sees only what comes before it. False for encoders and true for decoders when not given. */
  causal?: boolean;
  /** Whether steps are told apart by rotary positions; false when not given. */
  rotary?: boolean;
  /** How many such blocks stand on one another; 1 when not given. */
  blocks?: number;
}

/**
 * Self-attention and a wide dense layer, each around a shortcut, over `[batch, steps, features]`.
 * With `causal: true` the block of a language model that only decodes.
 */
export function transformerEncoder(options: TransformerOptions): Block {
  return inSequence(
    Array.from({ length: options.blocks ?? 1 }, (): Block => {
      return (x) => {
        const attend = branch(options, x, (y) => one(attention(options, options.causal ?? false).apply(y)));
        return branch(options, attend, wideLayer(options, x));
      };
    }),
  );
}

/**
 * As {@link transformerEncoder}, causal, and between the two a look at `memory`, what an encoder gave.
 * @returns a function of the sequence, the memory `[batch, keys, features]` and, if there is padding in the memory, its
 * mask `[batch, keys]`, 1 where there is something
 */
export function transformerDecoder(
  options: TransformerOptions,
): (x: SymbolicTensor, memory: SymbolicTensor, mask?: SymbolicTensor) => SymbolicTensor {
  return (x, memory, mask) => {
    let at = x;
    for (let block = 0; block < (options.blocks ?? 1); block++) {
      at = branch(options, at, (y) => one(attention(options, options.causal ?? true).apply(y)));
      at = branch(options, at, (y) => {
        // Positions of another sequence say nothing about this one.
        const look = attention({ ...options, rotary: false }, false, mask !== undefined);
        return join(look, mask ? [y, memory, mask] : [y, memory]);
      });
      at = branch(options, at, wideLayer(options, x));
    }
    return at;
  };
}

function attention(options: TransformerOptions, causal: boolean, mask = false): Layer {
  const { heads, dropout = 0, rotary = false } = options;
  const given: AttentionOptions = { heads, dropout, rotary, causal, mask };
  return multiHeadAttention(given);
}

function wideLayer(options: TransformerOptions, x: SymbolicTensor): Block {
  const features = x.shape.at(-1);
  if (typeof features !== 'number') throw new RangeError('a transformer needs to know how many features there are');
  const { layers } = loadTensorFlow();
  const { wide = 4 * features, activation: name = 'gelu', dropout = 0 } = options;
  return inSequence([
    layers.dense({ units: wide }),
    activation(name),
    ...(dropout > 0 ? [layers.dropout({ rate: dropout })] : []),
    layers.dense({ units: features }),
  ]);
}

/** `x + work(norm(x))`, or `norm(x + work(x))`. */
function branch(options: TransformerOptions, x: SymbolicTensor, work: Block): SymbolicTensor {
  const { order = 'before', norm: kind = 'layer', dropout = 0 } = options;
  const { layers } = loadTensorFlow();
  const normal = norm(kind);
  const inner = work(order === 'before' ? one(normal.apply(x)) : x);
  const kept = dropout > 0 ? one(layers.dropout({ rate: dropout }).apply(inner)) : inner;
  const sum = join(layers.add(), [x, kept]);
  return order === 'before' ? sum : one(normal.apply(sum));
}
