/**
 * What compiling gives: one function that takes a step of training, whatever engine runs it. Everything above it (`fit`,
 * checkpoints, benchmarks) is written against these types alone, and cannot tell whether a step runs compiled.
 */
import type { LayersModel, Optimizer, Scalar, Tensor, Variable } from '@tensorflow/tfjs';
import type { OptimizerSpec } from '../../backend/compiled/optimizer/rules.ts';

/** A hand-written model: weights, and a function from inputs to predictions. */
export interface Trainable {
  readonly name?: string;
  /** Weights that training changes, always in the same order. */
  trainable(): readonly Variable[];
  /** Weights that a step changes by itself, such as moving averages; kept in checkpoints. */
  kept?(): readonly Variable[];
  /** Predictions for a batch. `training` is true in steps, where dropout and batch normalisation differ. */
  apply(inputs: readonly Tensor[], options: { training: boolean }): Tensor | Tensor[];
}

/** What can be trained. */
export type Model = LayersModel | Trainable;

/** From targets and predictions to a scalar; the names are those of `model.compile`. */
export type Loss = string | ((target: Tensor, prediction: Tensor) => Tensor);
/** As a loss, averaged over the batch and reported by its name. */
export type Metric = string | ((target: Tensor, prediction: Tensor) => Tensor);

/** How the gradients become an update. A tfjs optimizer, its name, or a specification of ours. */
export interface UpdateOptions {
  optimizer: OptimizerSpec | OptimizerSpec['kind'] | Optimizer;
  /** Gradients longer than this (over all weights, Euclidean) are scaled down to it. */
  clipNorm?: number;
  /** Each number of a gradient is kept within ± this, after `clipNorm` where both are given. */
  clipValue?: number;
  /** How many calls make one update, of the mean of their gradients; 1 when not given. */
  accumulate?: number;
  /** Weights that stay as they are. */
  frozen?: readonly Variable[];
}

export interface CompileOptions extends UpdateOptions {
  /** One for all outputs, one for each, or by the outputs' names. */
  loss: Loss | readonly Loss[] | Readonly<Record<string, Loss>>;
  /** How much each output's loss counts; 1 when not given. */
  lossWeights?: readonly number[];
  metrics?: readonly Metric[];
  /** `false`: never compiled. */
  compiled?: boolean;
  /** Says at once where NaN or infinity first appears: step, layer or operation. Slower. */
  checkNumbers?: boolean;
}

/** Loss first, then metrics by their names. */
export type Figures = { loss: number } & Record<string, number>;

/** What an optimizer remembers, as plain numbers: enough to go on as if nothing had happened. */
export interface OptimizerState {
  kind: OptimizerSpec['kind'];
  /** Updates made. */
  updates: number;
  /** For each trained weight, in their order: its vectors, each as long as the weight. */
  slots: Float32Array[][];
  /** Gradients gathered since the last update, for each trained weight, and of how many calls. */
  gathered?: { calls: number; gradients: Float32Array[] };
}

/** Trains on one batch, and what surrounds that. */
export interface TrainStep {
  /**
   * Takes one step. Tensors given stay the caller's.
   * @param weights of the examples, `[batch]`; all 1 when not given
   * @throws Error that names the layer and both shapes when they disagree, or the label that is out of range
   */
  (inputs: Tensor | readonly Tensor[], targets: Tensor | readonly Tensor[], weights?: Tensor): Promise<Figures>;
  /** What runs now: known after the first step; `undefined` before. */
  readonly engine: 'compiled' | 'eager' | undefined;
  /** Why it is not compiled, naming operation and line; undefined when it is. */
  readonly reason: string | undefined;
  /** Weights that it changes, in the order of {@link OptimizerState.slots}. */
  readonly trained: readonly Variable[];
  /** Updates made so far. */
  readonly updates: number;
  /** Learning rate of the next update. Setting it replaces a schedule. */
  learningRate: number;
  state(): Promise<OptimizerState>;
  /** @throws Error when the state is of another optimizer or of weights of other shapes */
  restore(state: OptimizerState): void;
  /** Frees what it holds; the model stays. */
  dispose(): void;
}

/** Figures over many batches, without training. Averages are weighted by the examples of each batch. */
export type Evaluate = (
  inputs: Tensor | readonly Tensor[],
  targets: Tensor | readonly Tensor[],
  options?: { batchSize?: number },
) => Promise<Figures>;

/** Predictions; the tensors returned are the caller's to dispose of. */
export type Predict = (inputs: Tensor | readonly Tensor[], options?: { batchSize?: number }) => Promise<Tensor[]>;

/** A function to a scalar, compiled with its gradients. */
export interface CompiledGradient {
  /** @returns the value, and one gradient for each of `variables`, which are the caller's to dispose of */
  (...inputs: Tensor[]): Promise<{ value: Scalar; gradients: Tensor[] }>;
  readonly variables: readonly Variable[];
  readonly engine: 'compiled' | 'eager' | undefined;
  readonly reason: string | undefined;
  dispose(): void;
}
