/** What an evaluation is given. */
import type { Tensor } from '@tensorflow/tfjs';

/** Numbers in a row: an array, a typed array or a tensor. */
export type Numbers = ArrayLike<number> | Tensor;

/**
 * Inputs to show beside predictions: images (a tensor `[n, height, width, 1 | 3 | 4]` or `[n, height, width]`; 0…1 or 0…255),
 * texts, or rows of a table.
 */
export type Inputs = Tensor | readonly string[] | readonly Readonly<Record<string, unknown>>[];

interface Common {
  /** Of which examples; `test` when not given. A later evaluation of the same name replaces it. */
  name?: string;
  /** One input for each example. */
  inputs?: Inputs;
  /** A name for each example, by which two trials' predictions are paired; its place when not given. */
  ids?: ArrayLike<string | number>;
}

export interface ClassificationOptions extends Common {
  task?: 'classification';
  /** Names of the classes; their numbers when not given. */
  classes?: readonly string[];
  /** Class numbers from 0, class names, or one-hot rows `[n, classes]`. */
  truth: Numbers | readonly string[];
  /** Rows of probabilities `[n, classes]` that add up to 1; of two classes also `[n]` or `[n, 1]`: that of the second. */
  probabilities?: Tensor | ArrayLike<number> | readonly ArrayLike<number>[];
  /** What a softmax makes probabilities of, `[n, classes]`. */
  logits?: Tensor | readonly ArrayLike<number>[];
  /** Predicted classes, where there are no probabilities. */
  predictions?: Numbers | readonly string[];
  /** Where examples lie near each other, `[n, features]`: neighbours are looked up here; in the inputs when not given. */
  embeddings?: Tensor;
}

export interface RegressionOptions extends Common {
  task: 'regression';
  truth: Numbers;
  predictions: Numbers;
  /** What is predicted, e.g. `price in €`. */
  target?: string;
}

export type EvaluateOptions = ClassificationOptions | RegressionOptions;
