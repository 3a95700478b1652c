/** From gradients to changed weights, whatever engine computes: what the ways of doing it have in common. */
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { OptimizerSpec } from './rules.ts';

/** How gradients become an update. */
export interface UpdateSettings {
  spec: OptimizerSpec;
  /** Greatest Euclidean length of the gradient over all weights. */
  clipNorm?: number | undefined;
  /** Greatest absolute value of each number of it, after that. */
  clipValue?: number | undefined;
  /** How many gradients make one update, by their mean. */
  accumulate: number;
}

/** What an optimizer remembers, as plain numbers. */
export interface UpdateState {
  updates: number;
  /** For each weight: its vectors. */
  slots: Float32Array[][];
  gathered?: { calls: number; gradients: Float32Array[] };
}

/** An optimizer at work on some weights. */
export interface Update {
  /** Updates made so far. */
  readonly updates: number;
  /** Weights that it knows, in the order of their slots. */
  readonly variables: readonly Variable[];
  /**
   * Takes gradients, and changes the weights when enough have come. Weights without one stay as they are.
   * @param gradients in the order of `variables`; they stay the caller's
   */
  take(variables: readonly Variable[], gradients: readonly (Tensor | undefined)[]): void;
  /** Makes place for weights that are not known yet, in this order. */
  know(variables: readonly Variable[]): void;
  state(): Promise<UpdateState>;
  /** @throws Error when the state is of other weights */
  restore(state: UpdateState): void;
  dispose(): void;
}

/**
 * Checks that a state fits.
 * @param vectors how many vectors the optimizer keeps of each weight
 * @throws Error that says what differs
 */
export function checkState(state: UpdateState, variables: readonly Variable[], vectors: number): void {
  const { slots, gathered } = state;
  if (slots.length !== variables.length) {
    throw new Error(`the state is of ${slots.length} weights, and ${variables.length} are trained here`);
  }
  for (const [index, { name, size, shape }] of variables.entries()) {
    const slot = slots[index] ?? [];
    if (slot.length !== vectors) {
      throw new Error(`the state keeps ${slot.length} vectors for ${name}, and the optimizer here ${vectors}`);
    }
    for (const vector of [...slot, gathered?.gradients[index]]) {
      if (vector === undefined || vector.length === size) continue;
      throw new Error(`the state of ${name} holds ${vector.length} numbers, and the weight is [${shape}]`);
    }
  }
  if (gathered && gathered.gradients.length !== variables.length) {
    throw new Error(`the state gathers ${gathered.gradients.length} gradients, of ${variables.length} weights`);
  }
}
