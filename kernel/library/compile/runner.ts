/** A step of training from batch to figures: what is checked before, what runs, and what is checked before weights change. */
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { Heap } from '../../backend/compiled/heap.ts';
import type { UpdateSettings } from '../../backend/compiled/optimizer/update.ts';
import { type Pass, Trainer } from '../../backend/compiled/trainer.ts';
import type { TensorFlow } from '../../backend/tensorflow.ts';
import type { Figures } from './contract.ts';
import { differentiate } from './differentiate.ts';
import { checkLabels } from './labels.ts';
import { spellShape, type View } from './model.ts';
import { findFault, NumbersError, notingChance } from './numbers.ts';
import type { Batch, Objective } from './objective.ts';

export interface RunnerOptions {
  tf: TensorFlow;
  view: View;
  objective: Objective;
  heap: Heap | undefined;
  frozen: ReadonlySet<Variable>;
  update: UpdateSettings;
  checkNumbers: boolean;
  /** Why it is not compiled; undefined when it is to be. */
  reason: string | undefined;
}

export class StepRunner {
  readonly trainer: Trainer;
  readonly #options: RunnerOptions;
  /** Backend that weights and optimizer are on. */
  readonly #backend: string;
  /** How the batch that is being computed divides into inputs, targets and weights. */
  #layout = { inputs: 1, targets: 1 };
  #calls = 0;
  #disposed = false;

  constructor(options: RunnerOptions) {
    const { tf, view, heap, objective, update, reason } = options;
    this.#options = options;
    this.#backend = tf.getBackend();
    this.trainer = new Trainer({
      tf,
      heap,
      name: view.name,
      variables: this.#trained(),
      update,
      work: (tensors, variables) => differentiate(tf, variables, () => this.#measure(tensors)),
      reason,
      // Losses and models written by hand may use numbers of their own that change.
      recheck: objective.handwritten || view.outputs === undefined ? [1, 9, 99, 999] : [1],
    });
  }

  async step(batch: Batch): Promise<Figures> {
    const { tf, view, objective, checkNumbers } = this.#options;
    const tensors = this.#check(batch);
    const variables = this.#trained();
    if (variables.length === 0) throw new Error(`${view.name} has no weights to train: all are frozen, or it has none`);
    for (const { isDisposed, name } of variables) {
      if (isDisposed) throw new Error(`${view.name} cannot be trained: its weight ${name} was disposed of`);
    }
    this.#layout = { inputs: batch.inputs.length, targets: batch.targets.length };
    this.#calls++;
    if (checkNumbers) return this.#checked(batch, tensors, variables);
    const pass = this.trainer.compute(tensors, variables);
    try {
      const late = this.#checkLabels(batch);
      pass.take();
      const figures = await read(tf, pass);
      await late?.();
      return objective.figures(figures);
    } finally {
      pass.dispose();
    }
  }

  /** A step whose loss and gradient are looked at before the weights change. */
  async #checked(batch: Batch, tensors: Tensor[], variables: Variable[]): Promise<Figures> {
    const { tf, objective, view } = this.#options;
    const kept = view.kept().map((variable) => ({ variable, before: variable.clone() }));
    const { result: pass, drawn } = notingChance(() => this.trainer.compute(tensors, variables));
    try {
      const late = this.#checkLabels(batch);
      const [figures, length] = [await read(tf, pass), await pass.length()];
      if (Number.isFinite(figures[0]) && Number.isFinite(length)) {
        pass.take();
        await late?.();
        return objective.figures(figures);
      }
      const restore = (): void => {
        for (const { variable, before } of kept) variable.assign(before);
      };
      restore();
      const named = tensors.map((tensor, index) => ({ name: this.#nameOf(index), tensor }));
      const work = (): void => void differentiate(tf, variables, () => this.#measure(tensors));
      const fault = await findFault(tf, { batch: named, variables, drawn, work });
      restore();
      throw new NumbersError(this.#calls, fault);
    } finally {
      pass.dispose();
      for (const { before } of kept) before.dispose();
    }
  }

  dispose(): void {
    this.#disposed = true;
    this.trainer.dispose();
  }

  #measure(tensors: readonly Tensor[]): ReturnType<Objective['measure']> {
    const { inputs, targets } = this.#layout;
    const batch = {
      inputs: tensors.slice(0, inputs),
      targets: tensors.slice(inputs, inputs + targets),
      weights: tensors[inputs + targets],
    };
    return this.#options.objective.measure(batch, true);
  }

  #trained(): Variable[] {
    const { view, frozen } = this.#options;
    const trainable = view.trainable();
    return frozen.size === 0 ? trainable : trainable.filter((variable) => !frozen.has(variable));
  }

  /** @returns the tensors of the batch in order */
  #check({ inputs, targets, weights }: Batch): Tensor[] {
    const { tf, view } = this.#options;
    if (this.#disposed) throw new Error('this step was disposed of; compile the model again');
    if (tf.getBackend() !== this.#backend) {
      throw new Error(
        `the model was compiled on the backend ${this.#backend}, and ${tf.getBackend()} is set now: compile it again`,
      );
    }
    const tensors = weights ? [...inputs, ...targets, weights] : [...inputs, ...targets];
    for (const [index, { isDisposed, shape }] of tensors.entries()) {
      if (!isDisposed) continue;
      this.#layout = { inputs: inputs.length, targets: targets.length };
      throw new Error(`${this.#nameOf(index)} ${spellShape(shape)} was disposed of before its step`);
    }
    view.check(inputs);
    const examples = inputs[0]?.shape[0];
    if (examples === 0) throw new Error(`the batch is empty: ${spellShape(inputs[0]?.shape ?? [])}`);
    if (weights && (weights.rank !== 1 || weights.size !== examples)) {
      throw new Error(`the weights of the examples are ${spellShape(weights.shape)}, and the batch has ${examples}`);
    }
    return tensors;
  }

  #nameOf(index: number): string {
    const { inputs, targets } = this.#layout;
    const numbered = (what: string, at: number, of: number): string => (of === 1 ? what : `${what} ${at}`);
    if (index < inputs) return numbered('the input', index, inputs);
    if (index < inputs + targets) return numbered('the target', index - inputs, targets);
    return 'the weights of the examples';
  }

  /** Looks at class numbers now, where that costs nothing; elsewhere gives what looks at them after the step. */
  #checkLabels({ targets }: Batch): (() => Promise<void>) | undefined {
    const { objective } = this.#options;
    const labels = objective.labels(targets);
    if (labels.length === 0) return undefined;
    if (!LOCAL.has(this.#backend)) {
      return async () => {
        for (const one of labels) checkLabels(await one.target.data(), one);
      };
    }
    for (const one of labels) checkLabels(one.target.dataSync(), one);
    return undefined;
  }
}

/** Backends whose numbers lie in this process's memory. */
const LOCAL = new Set(['wasm', 'cpu', 'tensorflow']);

async function read(tf: TensorFlow, { figures }: Pass): Promise<ArrayLike<number>> {
  const tensors = figures.filter((figure) => typeof figure !== 'number');
  if (tensors.length === 0) return figures.filter((figure) => typeof figure === 'number');
  const values = tf.tidy(() => tf.stack(tensors.map((figure) => figure.toFloat())));
  try {
    return await values.data();
  } finally {
    values.dispose();
  }
}

/** A tensor, or a list of tensors, as a list. */
export function listOf(tf: TensorFlow, given: Tensor | readonly Tensor[]): readonly Tensor[] {
  return given instanceof tf.Tensor ? [given] : given;
}
