/**
 * `compile`: from a model, a loss and an optimizer to a function that takes one step of training. The step runs
 * compiled where that can be, and kernel by kernel elsewhere; the numbers are the same.
 */
import type { Tensor } from '@tensorflow/tfjs';
import { prepareBackend } from '../../backend/choose.ts';
import { heapOf } from '../../backend/compiled/heap.ts';
import type { Rate } from '../../backend/compiled/optimizer/rules.ts';
import { optimizerSpec } from '../../backend/compiled/optimizer/spec.ts';
import { loadTensorFlow } from '../../backend/tensorflow.ts';
import type { CompileOptions, Figures, Model, OptimizerState, TrainStep } from './contract.ts';
import { viewOf } from './model.ts';
import { Objective } from './objective.ts';
import { withProperties } from './properties.ts';
import { listOf, StepRunner } from './runner.ts';

/**
 * Compiles a step of training.
 * @throws Error when the optimizer, a loss or a metric does not exist, or a number of the options makes no sense
 * @example
 * const step = await compile(model, { optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
 * const { loss, accuracy } = await step(images, labels);
 */
export async function compile(model: Model, options: CompileOptions): Promise<TrainStep> {
  const tf = loadTensorFlow();
  const { name: engine } = await prepareBackend(tf);
  const { accumulate = 1, clipNorm, clipValue, frozen = [] } = options;
  positive('clipNorm', clipNorm);
  positive('clipValue', clipValue);
  if (!Number.isInteger(accumulate) || accumulate < 1) {
    throw new RangeError(`accumulate is ${accumulate}: give how many calls make one update, from 1`);
  }
  const view = viewOf(tf, model);
  const objective = new Objective(tf, view, options);
  const spec = optimizerSpec(tf, options.optimizer);
  let rate: Rate = spec.learningRate;
  const rateAt = (update: number): number => (typeof rate === 'number' ? rate : rate(update));
  const runner = new StepRunner({
    tf,
    view,
    objective,
    heap: heapOf(tf),
    frozen: new Set(frozen),
    update: { spec: { ...spec, learningRate: rateAt }, clipNorm, clipValue, accumulate },
    checkNumbers: options.checkNumbers ?? false,
    reason:
      options.compiled === false
        ? 'compiled is false'
        : engine === 'compiled'
          ? view.obstacle
          : `the engine is ${engine}`,
  });
  const { trainer } = runner;
  const { update } = trainer;

  const step = (
    inputs: Tensor | readonly Tensor[],
    targets: Tensor | readonly Tensor[],
    weights?: Tensor,
  ): Promise<Figures> => runner.step({ inputs: listOf(tf, inputs), targets: listOf(tf, targets), weights });

  return withProperties(step, {
    get engine() {
      return trainer.engine;
    },
    get reason() {
      return trainer.reason;
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
      return { kind: spec.kind, ...(await update.state()) };
    },
    restore(state: OptimizerState): void {
      if (state.kind !== spec.kind) {
        throw new Error(`the state is of the optimizer ${state.kind}, and the one here is ${spec.kind}`);
      }
      update.restore(state);
    },
    dispose: () => runner.dispose(),
  });
}

function positive(name: string, value: number | undefined): void {
  if (value === undefined || value > 0) return;
  throw new RangeError(`${name} is ${value}: give a number above 0, or leave it out`);
}
