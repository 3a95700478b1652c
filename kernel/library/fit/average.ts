/**
 * Exponential moving averages of the weights (Polyak & Juditsky 1992). They follow training at a distance, and often
 * predict better than the weights themselves.
 */
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { TensorFlow } from '../../backend/tensorflow.ts';
import type { HostArray } from '../data/source.ts';
import { copyOut, tensorOf } from './weights.ts';

export class Averages {
  readonly #tf: TensorFlow;
  readonly #variables: readonly Variable[];
  readonly #decay: number;
  #averages: Tensor[];
  /** The weights themselves, while the averages are in their place. */
  #own: Tensor[] = [];

  /** @throws RangeError unless the decay is between 0 and 1 */
  constructor(tf: TensorFlow, variables: readonly Variable[], decay: number) {
    if (!(decay > 0 && decay < 1)) throw new RangeError(`ema is ${decay}: give a decay between 0 and 1, e.g. 0.999`);
    this.#tf = tf;
    this.#variables = variables;
    this.#decay = decay;
    this.#averages = variables.map((variable) => tf.keep(variable.clone()));
  }

  /** Takes in the weights after an update, whose number counts from 1: the first ones weigh less in the average. */
  follow(update: number): void {
    const share = 1 - Math.min(this.#decay, (1 + update) / (10 + update));
    this.#replace(
      this.#tf.tidy(() =>
        this.#averages.map((average, index) => {
          const variable = this.#variables[index];
          return variable ? this.#tf.keep(average.add(variable.sub(average).mul(share))) : average;
        }),
      ),
    );
  }

  /** Runs `work` with the averages in place of the weights. */
  async within<T>(work: () => Promise<T>): Promise<T> {
    this.#own = this.#variables.map((variable) => this.#tf.keep(variable.clone()));
    this.settle();
    try {
      return await work();
    } finally {
      this.#giveBack();
    }
  }

  /** Makes the averages the weights. */
  settle(): void {
    for (const [index, variable] of this.#variables.entries()) {
      const average = this.#averages[index];
      if (average) variable.assign(average);
    }
  }

  numbers(): Promise<HostArray[]> {
    return copyOut(this.#averages);
  }

  restore(arrays: readonly HostArray[]): void {
    this.#replace(arrays.map((array) => this.#tf.keep(tensorOf(this.#tf, array))));
  }

  /** Frees them. The weights are the model's own again, also in the middle of {@link within}. */
  dispose(): void {
    this.#giveBack();
    this.#replace([]);
  }

  #giveBack(): void {
    for (const [index, weight] of this.#own.splice(0).entries()) {
      this.#variables[index]?.assign(weight);
      weight.dispose();
    }
  }

  #replace(averages: Tensor[]): void {
    this.#tf.dispose(this.#averages);
    this.#averages = averages;
  }
}
