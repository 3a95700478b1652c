/**
 * A compiled training step: one native run gives loss, metrics and gradients, and puts the gradients where the
 * optimizer takes them from. It is compiled once for each shape of batch and each choice of weights to train.
 */
import type { Tensor, Variable } from '@tensorflow/tfjs';
import { CompiledFunction, type FunctionOptions } from './function.ts';
import type { Block } from './heap.ts';
import type { HeapUpdate } from './optimizer/heap-update.ts';
import { CannotCompile, dtypeOf, record } from './recorder.ts';
import { changeBetween } from './steady.ts';

/** What a step computes from its inputs, written with TensorFlow.js. */
export interface StepResult {
  /** Loss first, then metrics: scalars, given back after each step. */
  figures: Tensor[];
  /** One for each trained variable, in their order; undefined where the loss does not depend on it. */
  gradients: (Tensor | undefined)[];
}

export interface StepOptions extends FunctionOptions {
  update: HeapUpdate;
  work(inputs: Tensor[], variables: readonly Variable[]): StepResult;
  /** At which runs of a shape it is recorded once more, to see whether it still does the same. */
  recheck?: readonly number[];
}

/** More shapes of batches than this are not compiled: each takes memory and time of its own. */
const MOST_SHAPES = 16;

/** One shape of batch. */
interface Shaped {
  /** Lengths and types of the batch. */
  batch: { shape: number[]; dtype: string }[];
  /** Those asked for. */
  asked: readonly Variable[];
  native: CompiledFunction;
  /** Those with a gradient. */
  variables: Variable[];
  figures: Float32Array[];
  targets: (Float32Array | Block)[];
  /** Tensors from outside whose numbers went into it. */
  sources: object[];
  runs: number;
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
  #shapes: Shaped[] = [];

  constructor(options: StepOptions) {
    this.#options = options;
  }

  /**
   * Computes loss, metrics and gradients of a batch.
   * @throws CannotCompile when the step cannot be compiled, or is not the same each time
   */
  compute(batch: readonly Tensor[], variables: readonly Variable[]): Computed {
    const shaped = this.#shapedFor(batch, variables);
    this.#recheck(shaped);
    const { native, targets, figures } = shaped;
    native.run(batch, targets);
    shaped.runs++;
    return {
      figures: figures.map((values) => values[0] ?? Number.NaN),
      variables: shaped.variables,
      commit: () => native.commit(),
    };
  }

  /** Gives back all memory. */
  dispose(): void {
    for (const { native } of this.#shapes.splice(0)) native.dispose();
  }

  #shapedFor(batch: readonly Tensor[], variables: readonly Variable[]): Shaped {
    const { tf } = this.#options;
    const { tensorInfo } = tf.engine().state;
    const at = this.#shapes.findIndex((shaped) => fits(shaped, batch, variables));
    const known = this.#shapes[at];
    if (known?.sources.every((source) => tensorInfo.has(source))) {
      // The latest first: it will most likely be the next.
      if (at > 0) this.#shapes.unshift(...this.#shapes.splice(at, 1));
      return known;
    }
    // What it was recorded with is gone: it must be working with something else now.
    if (known) this.#shapes.splice(at, 1)[0]?.native.dispose();
    if (this.#shapes.length >= MOST_SHAPES) {
      const shapes = batch.map(({ shape }) => `[${shape}]`).join(' and ');
      throw new CannotCompile(
        `its batches come in more than ${MOST_SHAPES} shapes, the latest ${shapes}; batches of a few sizes would be compiled`,
      );
    }
    const shaped = this.#compile(batch, variables);
    this.#shapes.unshift(shaped);
    return shaped;
  }

  #compile(batch: readonly Tensor[], asked: readonly Variable[]): Shaped {
    const { update, work } = this.#options;
    let figureCount = 0;
    let variables: Variable[] = [];
    const native = new CompiledFunction(this.#options, batch.map(outlineOf), (inputs) => {
      const { figures, gradients } = work(inputs, asked);
      figureCount = figures.length;
      variables = asked.filter((_, index) => gradients[index]);
      return [...figures, ...gradients.filter((gradient) => gradient !== undefined)];
    });
    update.know(asked);
    const figures = Array.from({ length: figureCount }, () => new Float32Array(1));
    return {
      batch: batch.map(({ shape, dtype }) => ({ shape: [...shape], dtype })),
      asked: [...asked],
      native,
      variables,
      figures,
      targets: [...figures, ...variables.map((variable) => update.gradient(variable))],
      sources: native.recording.constants.flatMap(({ source }) => (source ? [source] : [])),
      runs: 0,
    };
  }

  /** A function may use numbers that are different the next time, which a recording knows nothing of. */
  #recheck({ native, runs, batch, asked }: Shaped): void {
    const { tf, recheck = [1], work } = this.#options;
    if (!recheck.includes(runs)) return;
    const again = record(tf, batch.map(outlineOf), (inputs) => {
      const { figures, gradients } = work(inputs, asked);
      return [...figures, ...gradients.filter((gradient) => gradient !== undefined)];
    });
    const change = changeBetween(native.recording, again);
    if (change !== undefined) throw new CannotCompile(change);
  }
}

const outlineOf = ({ shape, dtype }: { shape: readonly number[]; dtype: string }) => ({
  shape: [...shape],
  dtype: dtypeOf(dtype),
});

function fits(shaped: Shaped, batch: readonly Tensor[], variables: readonly Variable[]): boolean {
  return (
    shaped.batch.length === batch.length &&
    shaped.asked.length === variables.length &&
    batch.every(({ shape, dtype }, index) => {
      const known = shaped.batch[index];
      return known?.dtype === dtype && sameList(known.shape, shape);
    }) &&
    sameList(shaped.asked, variables)
  );
}

const sameList = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);
