/** What `fit` is told, and what it gives back. */

import type { CompileOptions, Evaluate, Figures, TrainStep } from '../compile/contract.ts';
import type { Trial } from '../trial/trial.ts';
import type { FitData } from './arrays.ts';
import type { Ending } from './loop.ts';
import type { ClassWeights } from './mix.ts';
import type { Direction, Schedule } from './schedule.ts';

/** When the run is to end before its last epoch. */
export interface EarlyStopping {
  /** Epochs without improvement; 5 when not given. */
  patience?: number;
  /** Less than this is no improvement; 0 when not given. */
  minDelta?: number;
  /** Whether the model ends with its best weights rather than its last; true when not given. */
  restoreBest?: boolean;
}

/** Where checkpoints go and when they are written: after each epoch, when nothing is said. */
export interface CheckpointOptions {
  folder: string;
  everyEpochs?: number;
  /** In batches. */
  everySteps?: number;
  everyMinutes?: number;
  /** How many of the newest are kept; 2 when not given. */
  keep?: number;
  /** How many of the best are kept beside them; 1 when not given. */
  keepBest?: number;
}

/** Called by `fit`; a call that gives `'stop'` ends the run after its step, as a stop by a person does. */
export interface FitCallback {
  /** After each batch. `step` counts the batches of the run, from 1. */
  onStep?(at: { step: number; epoch: number; batch: number; figures: Figures }): FitAnswer;
  /** After each epoch and its validation. `epoch` counts from 0. */
  onEpoch?(at: { epoch: number; step: number; figures: Figures }): FitAnswer;
  /** After a checkpoint was written. */
  onCheckpoint?(at: { path: string; step: number }): FitAnswer;
}
/** `'stop'`, or a promise of it; everything else means to go on. */
type FitAnswer = unknown;

export interface FitOptions extends Partial<CompileOptions> {
  /** How often the data are gone through; 1 when not given. With `resume`, in all. */
  epochs?: number;
  /** Examples of one batch of tensors or arrays, 32 when not given. A source of batches has its own. */
  batchSize?: number;
  /**
   * The same seed gives the same run: shuffles, masks, noise, mixing, and on one machine the same last bits. Drawn from
   * `Math.random` when not given.
   */
  seed?: number;
  /** Whether examples of tensors or arrays come in another order in each epoch; true when not given. */
  shuffle?: boolean;
  /** A step compiled before, instead of optimizer and loss. It stays the caller's. */
  step?: TrainStep;
  /** Judges validation data for a `step` of one's own; made from the loss otherwise. */
  evaluate?: Evaluate;
  /** The learning rate of each update; the optimizer's own when not given. */
  schedule?: Schedule;
  /** What is judged by after each epoch: a share of tensors or arrays, drawn by chance, or other data. */
  validation?: number | FitData;
  /** What early stopping, best weights, best checkpoints and plateaus go by: `val_loss`, or `loss` without validation. */
  monitor?: string | { key: string; direction: Direction };
  /** A number is its patience. */
  earlyStopping?: number | EarlyStopping;
  /** A text is the folder. */
  checkpoints?: string | CheckpointOptions;
  /** Goes on from the newest checkpoint that is whole, if there is one, or from that of a path. */
  resume?: boolean | string;
  /** The decay of moving averages of the weights, which are judged and kept in the weights' place at the end. */
  ema?: number;
  /** How much an example of each class counts. */
  classWeights?: ClassWeights;
  /** Mixes each example with another; the α of the mixing, e.g. 0.2. */
  mixup?: number;
  callbacks?: readonly FitCallback[];
  /** Gets all figures and the progress, and may pause and stop the run. It stays open. */
  trial?: Pick<Trial, 'log' | 'progress' | 'stopping' | 'pausing' | 'pausePoint' | 'step'> &
    Partial<Pick<Trial, 'checkpoint' | 'goesOnFrom'>>;
  /** Ends the run after its step when aborted. */
  signal?: AbortSignal;
  /** `false`: no bar, and no line for each epoch. */
  progress?: boolean;
}

export interface FitResult {
  /** The figures of each epoch, those of validation by names that begin with `val_`. */
  history: readonly Figures[];
  /** `early`: by early stopping. `stopped`: by a person, a callback or a signal. */
  ending: Ending;
  /** Epochs that are done, batches trained on and updates made, all since the very beginning. */
  epochs: number;
  steps: number;
  updates: number;
  /** The epoch, from 0, that was best by what is watched; undefined before there is one. */
  best: { epoch: number; value: number } | undefined;
  seed: number;
  /** The newest checkpoint that was written. */
  checkpoint: string | undefined;
  /** What the steps ran on, and why it is not compiled. */
  engine: TrainStep['engine'];
  reason: string | undefined;
}
