/**
 * Where in a sequence something stands, for layers that do not see order by themselves. All take `[…, steps, features]`
 * and give the same shape.
 */
import type { LayerVariable, Shape, Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../../../backend/tensorflow.ts';
import { type Layer, type LayerOptions, lazily, lengthOf, only } from './layer.ts';

/** Options of {@link learnedPosition}. */
export interface LearnedPositionOptions extends LayerOptions {
  /** The longest sequence there will be. */
  steps: number;
}

/** Options of {@link rotaryPosition}. */
export interface RotaryPositionOptions extends LayerOptions {
  /** How slowly the slowest features turn; 10,000 when not given. */
  base?: number;
}

/**
 * The table of {@link sinusoidalPosition}: for position p, feature 2i is `sin(p / 10000^(2i/features))` and feature
 * 2i + 1 its cosine (Vaswani et al. 2017, section 3.5).
 * @returns row by row, `[steps, features]`
 */
export function sinusoids(steps: number, features: number): Float32Array {
  const table = new Float32Array(steps * features);
  for (let position = 0; position < steps; position++) {
    for (let feature = 0; feature < features; feature++) {
      const angle = position / 10_000 ** ((feature - (feature % 2)) / features);
      table[position * features + feature] = feature % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }
  }
  return table;
}

/**
 * Turns pairs of features by an angle that grows with the position, so that products of two such vectors depend on
 * their distance alone (Su et al. 2021). Feature i is paired with feature i + half.
 * @param x `[…, steps, features]`, features even
 */
export function rotate(tf: TensorFlow, x: Tensor, base = 10_000): Tensor {
  const features = x.shape.at(-1) ?? 0;
  const steps = x.shape.at(-2) ?? 1;
  if (features % 2 !== 0) throw new RangeError(`rotary positions need an even number of features, not ${features}`);
  const half = features / 2;
  const angles = Float32Array.from({ length: steps * half }, (_, index) => {
    const position = Math.floor(index / half);
    return position / base ** ((2 * (index % half)) / features);
  });
  const table = (of: (angle: number) => number): Tensor => tf.tensor2d(angles.map(of), [steps, half]);
  const [first, second] = tf.split(x, 2, -1);
  if (!first || !second) throw new RangeError('there are no features to turn');
  const [cosine, sine] = [table(Math.cos), table(Math.sin)];
  return tf.concat([first.mul(cosine).sub(second.mul(sine)), second.mul(cosine).add(first.mul(sine))], -1);
}

/** Classes of this file. */
export const positions = lazily((tf) => {
  class SinusoidalPosition extends tf.layers.Layer {
    static className = 'SinusoidalPosition';

    constructor(options: LayerOptions = {}) {
      super(options);
      this.supportsMasking = true;
    }
    override computeOutputShape(inputShape: Shape): Shape {
      return inputShape;
    }
    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => {
        const x = only(inputs);
        const [steps = 1, features = 1] = x.shape.slice(-2);
        return x.add(tf.tensor2d(sinusoids(steps, features), [steps, features]));
      });
    }
  }

  class LearnedPosition extends tf.layers.Layer {
    static className = 'LearnedPosition';
    readonly #steps: number;
    #table: LayerVariable | undefined;

    constructor(options: LearnedPositionOptions) {
      super(options);
      this.#steps = options.steps;
      this.supportsMasking = true;
    }
    override build(inputShape: Shape): void {
      const steps = inputShape.at(-2);
      if (typeof steps === 'number') this.#fits(steps);
      const features = lengthOf(inputShape, -1, this.name);
      const initializer = tf.initializers.randomNormal({ mean: 0, stddev: 0.02 });
      this.#table = this.addWeight('table', [this.#steps, features], 'float32', initializer);
    }
    override computeOutputShape(inputShape: Shape): Shape {
      return inputShape;
    }
    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => {
        const x = only(inputs);
        const steps = x.shape.at(-2) ?? 1;
        this.#fits(steps);
        const table = this.#table?.read();
        return table ? x.add(table.slice([0, 0], [steps, -1])) : x;
      });
    }
    override getConfig() {
      return { ...super.getConfig(), steps: this.#steps };
    }
    #fits(steps: number): void {
      if (steps <= this.#steps) return;
      throw new RangeError(
        `${this.name} knows ${this.#steps} positions and was given ${steps}: raise its \`steps\`, or cut the sequence`,
      );
    }
  }

  class RotaryPosition extends tf.layers.Layer {
    static className = 'RotaryPosition';
    readonly #base: number;

    constructor(options: RotaryPositionOptions = {}) {
      super(options);
      this.#base = options.base ?? 10_000;
      this.supportsMasking = true;
    }
    override computeOutputShape(inputShape: Shape): Shape {
      return inputShape;
    }
    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => rotate(tf, only(inputs), this.#base));
    }
    override getConfig() {
      return { ...super.getConfig(), base: this.#base };
    }
  }

  for (const layer of [SinusoidalPosition, LearnedPosition, RotaryPosition]) tf.serialization.registerClass(layer);
  return { SinusoidalPosition, LearnedPosition, RotaryPosition };
});

/** Adds waves of many lengths (Vaswani et al. 2017). Has no weights, and takes sequences of any length. */
export const sinusoidalPosition = (options: LayerOptions = {}): Layer => new (positions().SinusoidalPosition)(options);

/**
 * Adds a vector that is learned for each position.
 * @throws RangeError when a sequence is longer than `steps`
 */
export const learnedPosition = (options: LearnedPositionOptions): Layer => new (positions().LearnedPosition)(options);

/** Turns pairs of features by their position (Su et al. 2021). Attention does so itself with `rotary: true`. */
export const rotaryPosition = (options: RotaryPositionOptions = {}): Layer => new (positions().RotaryPosition)(options);
