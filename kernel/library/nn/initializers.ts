/** Initial weights from a seed: each one asked for is different, and the same in every run. */
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import { generator } from '../seed.ts';

type Initializers = TensorFlow['initializers'];
type Initializer = ReturnType<Initializers['glorotUniform']>;

/** Initialisers that draw from one seed. */
export interface SeededInitializers {
  /** For tanh, sigmoid and linear layers (Glorot and Bengio 2010). */
  glorotUniform(): Initializer;
  glorotNormal(): Initializer;
  /** For rectifiers (He et al. 2015). */
  heUniform(): Initializer;
  heNormal(): Initializer;
  /** For selu (LeCun et al. 1998). */
  lecunUniform(): Initializer;
  lecunNormal(): Initializer;
  /** Square matrices that keep lengths, times `gain`; for recurrent weights (Saxe et al. 2014). */
  orthogonal(gain?: number): Initializer;
  uniform(minimum: number, maximum: number): Initializer;
  normal(deviation: number, mean?: number): Initializer;
  /** Normal, without what is more than two deviations off. */
  truncatedNormal(deviation: number, mean?: number): Initializer;
}

/**
 * Initialisers for `kernelInitializer` and the like. To seed a whole model, give `seed` to what builds it instead.
 * @example const from = nn.initializers(42); tf.layers.dense({ units: 8, kernelInitializer: from.heNormal() })
 */
export function initializers(seed: number): SeededInitializers {
  const random = generator(seed);
  const { initializers: make } = loadTensorFlow();
  // TensorFlow.js takes a seed of 0 for none.
  const next = (): { seed: number } => ({ seed: 1 + Math.floor(random() * 0x7ffffffe) });
  return {
    glorotUniform: () => make.glorotUniform(next()),
    glorotNormal: () => make.glorotNormal(next()),
    heUniform: () => make.heUniform(next()),
    heNormal: () => make.heNormal(next()),
    lecunUniform: () => make.leCunUniform(next()),
    lecunNormal: () => make.leCunNormal(next()),
    orthogonal: (gain = 1) => make.orthogonal({ gain, ...next() }),
    uniform: (minval, maxval) => make.randomUniform({ minval, maxval, ...next() }),
    normal: (stddev, mean = 0) => make.randomNormal({ mean, stddev, ...next() }),
    truncatedNormal: (stddev, mean = 0) => make.truncatedNormal({ mean, stddev, ...next() }),
  };
}
