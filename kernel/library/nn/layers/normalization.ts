/** Normalisation over the features of each example, which needs no statistics of a batch. */
import type { LayerVariable, Shape, Tensor } from '@tensorflow/tfjs';
import { type Layer, type LayerOptions, lazily, lengthOf, only } from './layer.ts';

/** Options of {@link layerNorm} and {@link rmsNorm}. */
export interface NormOptions extends LayerOptions {
  /** Added to the variance; 1e-5 when not given. */
  epsilon?: number;
}

/** Options of {@link groupNorm}. */
export interface GroupNormOptions extends NormOptions {
  /** How many groups the channels are split into; 32, or fewer when there are fewer channels. 1 is one group of all. */
  groups?: number;
}

/** Classes of this file. */
export const normalizations = lazily((tf) => {
  /** What they share: ε, and γ and β, one of each for each feature. */
  abstract class Normalization extends tf.layers.Layer {
    readonly #epsilon: number;
    #gamma: LayerVariable | undefined;
    #beta: LayerVariable | undefined;

    constructor(options: NormOptions = {}) {
      super(options);
      this.#epsilon = options.epsilon ?? 1e-5;
    }
    override computeOutputShape(inputShape: Shape): Shape {
      return inputShape;
    }
    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => {
        const normal = this.normal(only(inputs));
        const scaled = this.#gamma ? normal.mul(this.#gamma.read()) : normal;
        return this.#beta ? scaled.add(this.#beta.read()) : scaled;
      });
    }
    override getConfig() {
      return { ...super.getConfig(), epsilon: this.#epsilon };
    }
    /** The input, normalised. */
    protected abstract normal(x: Tensor): Tensor;
    /** 1 / √(mean(x²) + ε) over these axes. */
    protected scaleOf(x: Tensor, axes: number | number[]): Tensor {
      return x.square().mean(axes, true).add(this.#epsilon).rsqrt();
    }
    protected addWeights(features: number, shift: boolean): void {
      this.#gamma = this.addWeight('gamma', [features], 'float32', tf.initializers.ones());
      if (shift) this.#beta = this.addWeight('beta', [features], 'float32', tf.initializers.zeros());
    }
  }

  /** `(x - mean) / √(variance + ε) · γ + β` over the last axis. */
  class LayerNorm extends Normalization {
    static className = 'LayerNorm';

    constructor(options: NormOptions = {}) {
      super(options);
      this.supportsMasking = true;
    }
    override build(inputShape: Shape): void {
      this.addWeights(lengthOf(inputShape, -1, this.name), true);
    }
    protected override normal(x: Tensor): Tensor {
      const centred = x.sub(x.mean(-1, true));
      return centred.mul(this.scaleOf(centred, -1));
    }
  }

  /** `x / √(mean(x²) + ε) · γ` over the last axis. */
  class RMSNorm extends Normalization {
    static className = 'RMSNorm';

    constructor(options: NormOptions = {}) {
      super(options);
      this.supportsMasking = true;
    }
    override build(inputShape: Shape): void {
      this.addWeights(lengthOf(inputShape, -1, this.name), false);
    }
    protected override normal(x: Tensor): Tensor {
      return x.mul(this.scaleOf(x, -1));
    }
  }

  /** As {@link LayerNorm}, over all positions of a group of channels; γ and β are one for each channel. */
  class GroupNorm extends Normalization {
    static className = 'GroupNorm';
    readonly #wanted: number | undefined;
    #groups = 1;

    constructor(options: GroupNormOptions = {}) {
      super(options);
      this.#wanted = options.groups;
    }
    override build(inputShape: Shape): void {
      const channels = lengthOf(inputShape, -1, this.name);
      this.#groups = this.#wanted ?? greatestDivisor(channels, 32);
      if (!Number.isInteger(this.#groups) || this.#groups < 1 || channels % this.#groups !== 0) {
        throw new RangeError(`${this.name}: ${channels} channels cannot be split into ${this.#groups} equal groups`);
      }
      this.addWeights(channels, true);
    }
    protected override normal(x: Tensor): Tensor {
      const [batch = 1, ...rest] = x.shape;
      const channels = rest.at(-1) ?? 1;
      const positions = x.size / (batch * channels);
      const grouped = x.reshape([batch, positions, this.#groups, channels / this.#groups]);
      const centred = grouped.sub(grouped.mean([1, 3], true));
      return centred.mul(this.scaleOf(centred, [1, 3])).reshape(x.shape);
    }
    override getConfig() {
      return { ...super.getConfig(), ...(this.#wanted === undefined ? {} : { groups: this.#wanted }) };
    }
  }

  for (const layer of [LayerNorm, RMSNorm, GroupNorm]) tf.serialization.registerClass(layer);
  return { LayerNorm, RMSNorm, GroupNorm };
});

const greatestDivisor = (value: number, most: number): number => {
  let divisor = Math.min(value, most);
  while (value % divisor !== 0) divisor--;
  return divisor;
};

/**
 * Normalises the features of each position to mean 0 and variance 1 (Ba et al. 2016).
 * The same as `tf.layers.layerNormalization` over the last axis, in fewer operations.
 */
export const layerNorm = (options: NormOptions = {}): Layer => new (normalizations().LayerNorm)(options);

/** Divides the features of each position by their root mean square (Zhang and Sennrich 2019). */
export const rmsNorm = (options: NormOptions = {}): Layer => new (normalizations().RMSNorm)(options);

/**
 * Normalises groups of channels over all positions (Wu and He 2018); unlike batch normalisation the same in training
 * and after, and good for small batches.
 * @throws RangeError when it is built on channels that cannot be split into so many groups
 */
export const groupNorm = (options: GroupNormOptions = {}): Layer => new (normalizations().GroupNorm)(options);
