/**
 * A compiled training step: one native run gives loss, metrics and gradients, and puts the gradients where the
 * optimizer takes them from. It is compiled once for each shape of batch and each choice of weights to train.
 */
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { FunctionOptions, Target } from './function.ts';
import type { HeapUpdate } from './optimizer/heap-update.ts';
import { ShapeCache } from './shape-cache.ts';

/** What a step computes from its inputs, written with TensorFlow.js. */
export interface StepResult {
  /** Loss first, then metrics: scalars, given back after each step. */
  figures: Tensor[];
  /** One for each trained variable, in their order; undefined where the loss does not depend on it. */
  gradients: (Tensor | undefined)[];
}

/** What a training step is made of. */
export interface StepOptions extends FunctionOptions {
  update: HeapUpdate;
  work(inputs: Tensor[], variables: readonly Variable[]): StepResult;
  /** At which runs of a shape it is recorded once more, to see whether it still does the same. */
  recheck?: readonly number[];
}

/** Where the outcomes of one shape of batch are. */
interface Outcomes {
  /** Weights with a gradient. */
  variables: Variable[];
  figures: Float32Array[];
  targets: Target[];
}

/** What a run gave; nothing has changed yet. */
export interface Computed {
  /** Loss and metrics. */
  figures: number[];
  /** Weights whose gradients are in their places. */
  variables: readonly Variable[];
  /** Gives the variables that a step changes by itself, such as moving averages, their new values. */
  commit(): void;
}

/** A training step, compiled as shapes of batches come. */
export class CompiledStep {
  readonly #options: StepOptions;
  readonly #shapes: ShapeCache<Outcomes>;

  constructor(options: StepOptions) {
    this.#options = options;
    this.#shapes = new ShapeCache({ ...options, recheck: options.recheck ?? [1] });
  }

  /**
   * Computes loss, metrics and gradients of a batch.
   * @throws CannotCompile when the step cannot be compiled, or is not the same each time
   */
  compute(batch: readonly Tensor[], asked: readonly Variable[]): Computed {
    const { native, more } = this.#shapes.find(batch, asked, () => this.#prepare(asked));
    native.run(batch, more.targets);
    return {
      figures: more.figures.map((values) => values[0] ?? Number.NaN),
      variables: more.variables,
      commit: () => native.commit(),
    };
  }

  /** Gives back all memory. */
  dispose(): void {
    this.#shapes.dispose();
  }

  #prepare(asked: readonly Variable[]): { work(inputs: Tensor[]): Tensor[]; more(): Outcomes } {
    const { update, work } = this.#options;
    let figureCount = 0;
    let variables: Variable[] = [];
    return {
      work: (inputs) => {
        const { figures, gradients } = work(inputs, asked);
        figureCount = figures.length;
        variables = asked.filter((_, index) => gradients[index]);
        return [...figures, ...gradients.filter((gradient) => gradient !== undefined)];
      },
      more: () => {
        update.know(asked);
        const figures = Array.from({ length: figureCount }, () => new Float32Array(1));
        return { variables, figures, targets: [...figures, ...variables.map((variable) => update.gradient(variable))] };
      },
    };
  }
}
