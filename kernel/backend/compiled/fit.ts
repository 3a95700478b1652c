/**
 * Makes `model.fit` of layers models run compiled, without anyone asking (`inference.ts` does so for the rest): the function that trains on one batch is
 * run with an optimizer that only notes the gradients. What cannot be compiled trains as before, and a line says why,
 * once for each model.
 */
import type { Optimizer, Tensor, Variable } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow.ts';
import type { Heap } from './heap.ts';
import { compileInference } from './inference.ts';
import { nativeFailure } from './native.ts';
import { specOf } from './optimizer/spec.ts';
import { CannotCompile } from './recording.ts';
import { Trainer } from './trainer.ts';
import { withUndo } from './undo.ts';

/** One step of training: batch in, loss and metrics out. */
type TrainFunction = (data: Tensor[]) => Tensor[];

/** What is used of a layers model beyond its public face. */
interface Model {
  name: string;
  stateful: boolean;
  makeTrainFunction(): TrainFunction;
  optimizer_: Optimizer;
  collectedTrainableWeights: { read(): Variable }[];
}

/** A model's training, as long as it has this optimizer. */
interface Prepared {
  optimizer: Optimizer;
  trainer: Trainer | undefined;
  /** Which of the train function's tensors there are: weights of examples may be missing. */
  present: boolean[];
}

/**
 * Patches `fit` of all layers models.
 * @returns why nothing was patched, or undefined
 */
export function compileFit(tf: TensorFlow, heap: Heap): string | undefined {
  const failure = nativeFailure();
  if (failure !== undefined) return failure;
  compileInference(tf, heap);
  const prototype: Model = Object(tf.LayersModel.prototype);
  const original = prototype.makeTrainFunction;
  const known = new WeakMap<object, Prepared>();

  prototype.makeTrainFunction = function (this: Model): TrainFunction {
    const eager = original.call(this);
    return (data) => {
      if (tf.getBackend() !== 'wasm') return eager(data);
      let prepared = known.get(this);
      if (prepared?.optimizer !== this.optimizer_) {
        prepared?.trainer?.dispose();
        prepared = prepare(this, eager, this.optimizer_);
        known.set(this, prepared);
      }
      const { trainer } = prepared;
      if (!trainer) return eager(data);
      prepared.present = data.map(isTensor);
      const variables = this.collectedTrainableWeights.map((weight) => weight.read());
      const pass = trainer.compute(data.filter(isTensor), variables);
      const figures = pass.figures.map((figure) => (typeof figure === 'number' ? tf.scalar(figure) : figure.clone()));
      pass.take();
      pass.dispose();
      return figures;
    };
  };

  const trainers = new Set<WeakRef<Trainer>>();
  /** A model that is disposed of does not say so; its weights do. */
  function freeForgotten(): void {
    for (const reference of trainers) {
      const trainer = reference.deref();
      if (trainer && !trainer.update.variables.some(({ isDisposed }) => isDisposed)) continue;
      trainer?.dispose();
      trainers.delete(reference);
    }
  }

  function prepare(model: Model, eager: TrainFunction, optimizer: Optimizer): Prepared {
    const prepared: Prepared = { optimizer, trainer: undefined, present: [] };
    freeForgotten();
    try {
      if (model.stateful) throw new CannotCompile('it has layers that remember from batch to batch');
      prepared.trainer = new Trainer({
        tf,
        heap,
        name: model.name,
        variables: [],
        update: { spec: specOf(tf, optimizer), accumulate: 1 },
        reason: undefined,
        work: (inputs, variables) => {
          let at = 0;
          const all = prepared.present.map((given) => (given ? inputs[at++] : null)) as Tensor[];
          return noting(tf, model, variables, () => eager(all));
        },
      });
      trainers.add(new WeakRef(prepared.trainer));
    } catch (error) {
      if (!(error instanceof CannotCompile)) throw error;
      console.warn(`${model.name} trains uncompiled, which is slower: ${error.message}`);
    }
    return prepared;
  }
  return undefined;
}

const isTensor = (value: unknown): value is Tensor => value !== null && value !== undefined;

/** Runs a train function with an optimizer in the model's place that differentiates and changes nothing. */
function noting(
  tf: TensorFlow,
  model: Model,
  variables: readonly Variable[],
  train: () => Tensor[],
): { figures: Tensor[]; gradients: (Tensor | undefined)[] } {
  const optimizer = model.optimizer_;
  let gradients: (Tensor | undefined)[] = [];
  const minimize = (work: () => Tensor): Tensor => {
    const { value, grads } = tf.variableGrads(() => work().asScalar(), [...variables]);
    gradients = variables.map(({ name }) => grads[name]);
    return value;
  };
  const giveBack = (): void => {
    model.optimizer_ = optimizer;
  };
  return withUndo(giveBack, () => {
    model.optimizer_ = Object.assign(Object.create(optimizer), { minimize });
    return { figures: train(), gradients };
  });
}
