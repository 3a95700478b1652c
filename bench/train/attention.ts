/** What a transformer needs beyond TensorFlow.js's layers, written as layers of a user's own would be. */
import type { LayersModel, Tensor } from '@tensorflow/tfjs';
import type { tensorflow } from 'trialroom';

type TensorFlow = Awaited<ReturnType<typeof tensorflow>>;
type Layer = LayersModel['layers'][number];

const only = (inputs: Tensor | Tensor[]): Tensor => {
  const tensor = Array.isArray(inputs) ? inputs[0] : inputs;
  if (!tensor) throw new Error('the layer was called without a tensor');
  return tensor;
};

/** Adds a learned vector to each place. */
export function positionLayer(tf: TensorFlow, length: number, width: number): Layer {
  class Positions extends tf.layers.Layer {
    static className = 'Positions';
    override build(): void {
      const initializer = tf.initializers.randomNormal({ stddev: 0.02, seed: 3 });
      this.positions = this.addWeight('positions', [length, width], 'float32', initializer);
      this.built = true;
    }
    positions: ReturnType<Layer['addWeight']> | undefined;
    override call(inputs: Tensor | Tensor[]): Tensor {
      if (!this.positions) throw new Error('the layer is not built');
      return tf.add(only(inputs), this.positions.read());
    }
    override computeOutputShape<Shape>(shape: Shape): Shape {
      return shape;
    }
  }
  return new Positions({});
}

/** Multi-head self-attention: [batch, length, width] → the same. */
export function attentionLayer(tf: TensorFlow, width: number, heads: number): Layer {
  const each = width / heads;
  class Attention extends tf.layers.Layer {
    static className = 'Attention';
    weightsOf: Record<'in' | 'inBias' | 'out' | 'outBias', ReturnType<Layer['addWeight']>> | undefined;
    override build(): void {
      const initializer = tf.initializers.glorotUniform({ seed: 5 });
      const zeros = tf.initializers.zeros();
      this.weightsOf = {
        in: this.addWeight('in', [width, 3 * width], 'float32', initializer),
        inBias: this.addWeight('inBias', [3 * width], 'float32', zeros),
        out: this.addWeight('out', [width, width], 'float32', initializer),
        outBias: this.addWeight('outBias', [width], 'float32', zeros),
      };
      this.built = true;
    }
    override call(inputs: Tensor | Tensor[]): Tensor {
      const { weightsOf } = this;
      if (!weightsOf) throw new Error('the layer is not built');
      return tf.tidy(() => {
        const x = only(inputs);
        const [batch = 1, length = 1] = x.shape;
        const flat = x.reshape([batch * length, width]);
        const all = tf.add(tf.matMul(flat, weightsOf.in.read()), weightsOf.inBias.read());
        // [3, batch, heads, length, each]
        const parts = all.reshape([batch, length, 3, heads, each]).transpose([2, 0, 3, 1, 4]);
        const [query, key, value] = tf.unstack(parts);
        if (!query || !key || !value) throw new Error('there are not three parts');
        const scores = tf.softmax(tf.mul(tf.matMul(query, key, false, true), 1 / Math.sqrt(each)));
        const mixed = tf
          .matMul(scores, value)
          .transpose([0, 2, 1, 3])
          .reshape([batch * length, width]);
        const out = tf.add(tf.matMul(mixed, weightsOf.out.read()), weightsOf.outBias.read());
        return out.reshape([batch, length, width]);
      });
    }
    override computeOutputShape<Shape>(shape: Shape): Shape {
      return shape;
    }
  }
  return new Attention({});
}
