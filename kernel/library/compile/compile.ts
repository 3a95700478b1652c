/**
 * `compile`: from a model, a loss and an optimizer to a function that takes one step of training. The step runs
 * compiled where that can be, and kernel by kernel elsewhere; the numbers are the same.
 */
import type { Tensor } from '@tensorflow/tfjs';
import { prepareBackend } from '../../backend/choose.ts';
import type { Rate } from '../../backend/compiled/optimizer/rules.ts';
import { optimizerSpec } from '../../backend/compiled/optimizer/spec.ts';
import { TensorUpdate } from '../../backend/compiled/optimizer/tensor-update.ts';
import { loadTensorFlow } from '../../backend/tensorflow.ts';
import type { CompileOptions, Figures, Model, OptimizerState, TrainStep } from './contract.ts';
import { type Differentiated, differentiate } from './eager.ts';
import { checkLabels } from './labels.ts';
import { spellShape, viewOf } from './model.ts';
import { type Batch, Objective } from './objective.ts';
import { withProperties } from './properties.ts';

/**
 * Compiles a step of training.
 * @throws Error when the optimizer, a loss or a metric does not exist, or a number of the options makes no sense
 * @example
 * const step = await compile(model, { optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
 * const { loss, accuracy } = await step(images, labels);
 */
export async function compile(model: Model, options: CompileOptions): Promise<TrainStep> {
  const tf = loadTensorFlow();
  await prepareBackend(tf);
  const { accumulate = 1, clipNorm, clipValue } = options;
  positive('clipNorm', clipNorm);
  positive('clipValue', clipValue);
  if (!Number.isInteger(accumulate) || accumulate < 1) {
    throw new RangeError(`accumulate is ${accumulate}: give how many calls make one update, from 1`);
  }
  const view = viewOf(tf, model);
  const objective = new Objective(tf, view, options);
  const frozen = new Set(options.frozen);
  const trained = (): ReturnType<typeof view.trainable> => view.trainable().filter((variable) => !frozen.has(variable));
  const asked = optimizerSpec(tf, options.optimizer);
  let rate: Rate = asked.learningRate;
  const rateAt = (update: number): number => (typeof rate === 'number' ? rate : rate(update));
  const update = new TensorUpdate(tf, trained(), {
    spec: { ...asked, learningRate: rateAt },
    clipNorm,
    clipValue,
    accumulate,
  });
  let engine: TrainStep['engine'];
  let disposed = false;

  const step = async (
    inputs: Tensor | readonly Tensor[],
    targets: Tensor | readonly Tensor[],
    weights?: Tensor,
  ): Promise<Figures> => {
    if (disposed) throw new Error('this step was disposed of; compile the model again');
    const batch: Batch = { inputs: listOf(tf.Tensor, inputs), targets: listOf(tf.Tensor, targets), weights };
    for (const tensor of [...batch.inputs, ...batch.targets]) {
      if (tensor.isDisposed) throw new Error(`a batch ${spellShape(tensor.shape)} was disposed of before its step`);
    }
    view.check(batch.inputs);
    const variables = trained();
    if (variables.length === 0) throw new Error(`${view.name} has no weights to train: all are frozen, or it has none`);
    engine = 'eager';
    const { figures, gradients }: Differentiated = differentiate(tf, variables, () => objective.measure(batch, true));
    try {
      const labels = [...objective.labels(batch.targets)];
      for (const one of labels) checkLabels(await one.target.data(), one);
      update.take(variables, gradients);
      const values = tf.tidy(() => tf.stack(figures.map((figure) => figure.toFloat())));
      try {
        return objective.figures(await values.data());
      } finally {
        values.dispose();
      }
    } finally {
      tf.dispose([...figures, ...gradients.filter((gradient) => gradient !== undefined)]);
    }
  };

  return withProperties(step, {
    get engine() {
      return engine;
    },
    get reason() {
      return engine === 'eager' ? 'it is not compiled yet' : undefined;
    },
    get trained() {
      return update.variables;
    },
    get updates() {
      return update.updates;
    },
    get learningRate() {
      return rateAt(update.updates + 1);
    },
    set learningRate(value: number) {
      rate = value;
    },
    async state(): Promise<OptimizerState> {
      return { kind: asked.kind, ...(await update.state()) };
    },
    restore(state: OptimizerState): void {
      if (state.kind !== asked.kind) {
        throw new Error(`the state is of the optimizer ${state.kind}, and the one here is ${asked.kind}`);
      }
      update.restore(state);
    },
    dispose(): void {
      disposed = true;
      update.dispose();
    },
  });
}

function positive(name: string, value: number | undefined): void {
  if (value === undefined || value > 0) return;
  throw new RangeError(`${name} is ${value}: give a number above 0, or leave it out`);
}

/** A tensor, or a list of tensors, as a list. */
function listOf(kind: typeof Tensor, given: Tensor | readonly Tensor[]): readonly Tensor[] {
  return given instanceof kind ? [given] : given;
}
