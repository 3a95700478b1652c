/**
 * Attention (Vaswani et al. 2017, section 3.2) by matrix products alone, so that it can be differentiated and compiled:
 * TensorFlow.js has no gradient of einsum.
 */
import type { LayerVariable, Shape, Tensor } from '@tensorflow/tfjs';
import {
  brackets,
  type CallOptions,
  isTraining,
  type Layer,
  type LayerOptions,
  lazily,
  lengthOf,
  maskOf,
  shapesOf,
} from './layer.ts';
import { rotate } from './position.ts';

/** Options of {@link multiHeadAttention}. */
export interface AttentionOptions extends LayerOptions {
  /** How many heads look at once. */
  heads: number;
  /** Features of a key in one head; features of the query / heads when not given. */
  keySize?: number;
  /** Features of the result; as many as the query has when not given. */
  units?: number;
  /** Share of the attention weights dropped in training; 0 when not given. */
  dropout?: number;
  /** Whether the four projections add a bias; true when not given. */
  bias?: boolean;
  /** Whether a position sees only itself and what comes before it; false when not given. */
  causal?: boolean;
  /** Whether queries and keys are turned by their positions ({@link rotate}); false when not given. */
  rotary?: boolean;
  /**
   * Whether the last input is a mask, 1 where a query may look and 0 where not: `[batch, keys]` or
   * `[batch, queries, keys]`. False when not given. Attention of a sequence to itself also obeys the mask that
   * `nn.embedding({ maskZero: true })` sends along.
   */
  mask?: boolean;
}

/** Added to the score of what may not be looked at: its weight becomes 0. */
const NEVER = -1e9;

/** Classes of this file. */
export const attentions = lazily((tf) => {
  class MultiHeadAttention extends tf.layers.Layer {
    static className = 'MultiHeadAttention';
    readonly #options: AttentionOptions;
    #keySize = 0;
    #projections = new Map<string, { kernel: LayerVariable; bias: LayerVariable | undefined }>();

    constructor(options: AttentionOptions) {
      super(options);
      const { heads, dropout = 0 } = options;
      if (!Number.isInteger(heads) || heads < 1) throw new RangeError(`attention needs one head or more, not ${heads}`);
      if (!(dropout >= 0 && dropout < 1))
        throw new RangeError(`attention: dropout is ${dropout}, not from 0 to below 1`);
      this.#options = options;
      this.supportsMasking = true;
    }

    override build(inputShape: Shape | Shape[]): void {
      const { heads, keySize, bias = true } = this.#options;
      const [query, key, value] = this.#sources(shapesOf(inputShape));
      for (const shape of [query, key, value]) {
        if (shape.length === 3) continue;
        throw new RangeError(`${this.name} takes [batch, steps, features], and was given ${brackets(shape)}`);
      }
      const features = lengthOf(query, -1, this.name);
      this.#keySize = keySize ?? features / heads;
      if (!Number.isInteger(this.#keySize)) {
        throw new RangeError(`${this.name}: ${features} features cannot be split into ${heads} heads: give a keySize`);
      }
      if (this.#options.rotary && this.#keySize % 2 !== 0) {
        throw new RangeError(`${this.name}: rotary positions need an even keySize, not ${this.#keySize}`);
      }
      const inner = heads * this.#keySize;
      const project = (name: string, from: number, to: number): void => {
        const kernel = this.addWeight(`${name}_kernel`, [from, to], 'float32', tf.initializers.glorotUniform({}));
        const offset = bias ? this.addWeight(`${name}_bias`, [to], 'float32', tf.initializers.zeros()) : undefined;
        this.#projections.set(name, { kernel, bias: offset });
      };
      project('query', features, inner);
      project('key', lengthOf(key, -1, this.name), inner);
      project('value', lengthOf(value, -1, this.name), inner);
      project('output', inner, this.#options.units ?? features);
    }

    override computeOutputShape(inputShape: Shape | Shape[]): Shape {
      const [query] = this.#sources(shapesOf(inputShape));
      return [...query.slice(0, -1), this.#options.units ?? query.at(-1) ?? null];
    }

    override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor {
      return tf.tidy(() => {
        const { dropout = 0, rotary = false } = this.#options;
        const given = Array.isArray(inputs) ? inputs : [inputs];
        const [query, key, value] = this.#sources(given);
        const turned = (x: Tensor): Tensor => (rotary ? rotate(tf, x) : x);
        const queries = turned(this.#split('query', query)).mul(1 / Math.sqrt(this.#keySize));
        const keys = turned(this.#split('key', key));
        let scores = queries.matMul(keys, false, true);
        for (const never of this.#never(given, query, key, options)) scores = scores.add(never);
        let weights = tf.softmax(scores);
        if (dropout > 0 && isTraining(options)) weights = tf.dropout(weights, dropout);
        const [batch = 1, steps = 1] = query.shape;
        const seen = weights.matMul(this.#split('value', value)).transpose([0, 2, 1, 3]);
        return this.#project('output', seen.reshape([batch, steps, this.#options.heads * this.#keySize]));
      });
    }

    override getConfig() {
      const { heads, keySize, units, dropout, bias, causal, rotary, mask } = this.#options;
      const own = { heads, keySize, units, dropout, bias, causal, rotary, mask };
      return { ...super.getConfig(), ...JSON.parse(JSON.stringify(own)) };
    }

    /** Query, key and value among the inputs: one input is all three, two are the query and both others. */
    #sources<T>(inputs: readonly T[]): [T, T, T] {
      const sources = this.#options.mask ? inputs.slice(0, -1) : inputs;
      const [query, key = query, value = key] = sources;
      if (query === undefined || key === undefined || value === undefined || sources.length > 3) {
        const wanted = this.#options.mask ? '1 to 3 inputs and a mask' : '1 to 3 inputs';
        throw new RangeError(`${this.name} takes ${wanted}, and was given ${inputs.length}`);
      }
      return [query, key, value];
    }

    #project(name: string, x: Tensor): Tensor {
      const { kernel, bias } = this.#projections.get(name) ?? {};
      if (!kernel) throw new Error(`${this.name} is not built`);
      const [batch = 1, steps = 1, features = 1] = x.shape;
      const flat = x.reshape([batch * steps, features]).matMul(kernel.read());
      return (bias ? flat.add(bias.read()) : flat).reshape([batch, steps, flat.shape.at(-1) ?? 1]);
    }

    /** `[batch, steps, features]` projected, as `[batch, heads, steps, keySize]`. */
    #split(name: string, x: Tensor): Tensor {
      const [batch = 1, steps = 1] = x.shape;
      return this.#project(name, x).reshape([batch, steps, this.#options.heads, this.#keySize]).transpose([0, 2, 1, 3]);
    }

    /** What is added to the scores `[batch, heads, queries, keys]` so that nothing forbidden is looked at. */
    #never(given: readonly Tensor[], query: Tensor, key: Tensor, options: CallOptions): Tensor[] {
      const [batch = 1, queries = 1] = query.shape;
      const keys = key.shape[1] ?? 1;
      const forbid = (mask: Tensor): Tensor => tf.sub(1, mask.toFloat()).mul(NEVER);
      const found: Tensor[] = [];
      if (this.#options.causal) {
        // The last query stands where the last key stands.
        const later = (index: number): boolean => (index % keys) - (keys - queries) > Math.floor(index / keys);
        const table = Float32Array.from({ length: queries * keys }, (_, index) => (later(index) ? NEVER : 0));
        found.push(tf.tensor(table, [1, 1, queries, keys]));
      }
      const mask = this.#options.mask ? given.at(-1) : undefined;
      if (mask) {
        const fits = mask.size === batch * keys || mask.size === batch * queries * keys;
        if (!fits) {
          throw new RangeError(
            `${this.name}: a mask of shape [${mask.shape}] fits neither [${batch}, ${keys}] (keys) nor [${batch}, ${queries}, ${keys}] (queries, keys)`,
          );
        }
        found.push(forbid(mask).reshape([batch, 1, mask.size === batch * keys ? 1 : queries, keys]));
      }
      const sent = query === key ? maskOf(options, batch, keys) : undefined;
      if (sent) found.push(forbid(sent).reshape([batch, 1, 1, keys]));
      return found;
    }
  }

  tf.serialization.registerClass(MultiHeadAttention);
  return { MultiHeadAttention };
});

/**
 * Attention with many heads. Called on one tensor `[batch, steps, features]` it lets the sequence look at itself; on
 * `[query, memory]` or `[query, keys, values]` at another one.
 * @throws RangeError when the features cannot be split into the heads
 * @example const y = nn.multiHeadAttention({ heads: 4, causal: true }).apply(x)
 */
export const multiHeadAttention = (options: AttentionOptions): Layer => new (attentions().MultiHeadAttention)(options);
