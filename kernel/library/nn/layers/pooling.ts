/** From a sequence to one vector, heeding which of its steps are real. */
import type { Shape, Tensor } from '@tensorflow/tfjs';
import { type CallOptions, type Layer, type LayerOptions, lazily, maskOf, only } from './layer.ts';

/** How a sequence becomes one vector: the mean or the greatest of each feature, or the first or last step. */
export type Pooling = 'mean' | 'max' | 'first' | 'last';

/** Options of {@link sequencePooling}. */
export interface PoolingOptions extends LayerOptions {
  /** `mean` when not given. */
  by?: Pooling;
}

const KINDS: readonly Pooling[] = ['mean', 'max', 'first', 'last'];

/** Classes of this file. */
export const poolings = lazily((tf) => {
  class SequencePooling extends tf.layers.Layer {
    static className = 'SequencePooling';
    readonly #by: Pooling;

    constructor(options: PoolingOptions = {}) {
      super(options);
      this.#by = options.by ?? 'mean';
      if (!KINDS.includes(this.#by)) {
        throw new RangeError(`sequencePooling by "${this.#by}" is not known; it can be ${KINDS.join(', ')}`);
      }
    }
    override computeOutputShape(inputShape: Shape): Shape {
      return [...inputShape.slice(0, 1), ...inputShape.slice(2)];
    }
    override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor {
      return tf.tidy(() => {
        const x = only(inputs);
        const [batch = 1, steps = 1] = x.shape;
        const mask = maskOf(options, batch, steps)?.expandDims(-1);
        const at = (step: number): Tensor => x.slice([0, step], [-1, 1]).squeeze([1]);
        switch (this.#by) {
          case 'first':
            return at(0);
          case 'last': {
            if (!mask) return at(steps - 1);
            // 1 at the last real step of each sequence: where a mask ends, counted from behind.
            const behind = mask.reverse(1).cumsum(1).reverse(1);
            return x.mul(mask.mul(behind.lessEqual(1).toFloat())).sum(1);
          }
          case 'max':
            return (mask ? x.add(tf.sub(1, mask).mul(-1e9)) : x).max(1);
          case 'mean':
            return mask ? x.mul(mask).sum(1).div(mask.sum(1).maximum(1)) : x.mean(1);
        }
      });
    }
    override getConfig() {
      return { ...super.getConfig(), by: this.#by };
    }
  }

  tf.serialization.registerClass(SequencePooling);
  return { SequencePooling };
});

/** `[batch, steps, features]` → `[batch, features]`. Steps that `maskZero` marks as padding do not count. */
export const sequencePooling = (options: PoolingOptions = {}): Layer => new (poolings().SequencePooling)(options);
