/**
 * Makes `model.fit` of layers models run compiled, without anyone asking: the function that trains on one batch is
 * recorded with an optimizer that only notes the gradients, and replaced. What cannot be compiled trains as before, and
 * a line says why, once for each model.
 */
import type { Optimizer, Tensor, Variable } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow.ts';
import type { Heap } from './heap.ts';
import { nativeFailure } from './native.ts';
import { ruleOf } from './optimizer/rules.ts';
import { specOf } from './optimizer/spec.ts';
import { CannotCompile } from './recorder.ts';
import { CompiledStep } from './step.ts';
import { withUndo } from './undo.ts';

/** One step of training: batch in, loss and metrics out. */
type TrainFunction = (data: Tensor[]) => Tensor[];

/** What is used of a layers model beyond its public face. */
interface Model {
  name: string;
  makeTrainFunction(): TrainFunction;
  optimizer_: Optimizer;
  collectedTrainableWeights: { read(): Variable }[];
}

interface Compiled {
  optimizer: Optimizer;
  variables: Variable[];
  step: CompiledStep;
}

/**
 * Patches `fit` of all layers models.
 * @returns why nothing was patched, or undefined
 */
export function compileFit(tf: TensorFlow, heap: Heap, random = () => Math.random()): string | undefined {
  const failure = nativeFailure();
  if (failure !== undefined) return failure;
  const prototype: Model = Object(tf.LayersModel.prototype);
  const original = prototype.makeTrainFunction;
  const compiled = new WeakMap<object, Compiled>();
  const refused = new WeakSet<object>();

  prototype.makeTrainFunction = function (this: Model): TrainFunction {
    const eager = original.call(this);
    return (data) => {
      const { optimizer_: optimizer } = this;
      if (refused.has(this) || tf.getBackend() !== 'wasm') return eager(data);
      try {
        const batch = data.filter((tensor) => tensor !== null && tensor !== undefined);
        const variables = this.collectedTrainableWeights.map((weight) => weight.read());
        const known = compiled.get(this);
        const still =
          known?.optimizer === optimizer &&
          known.variables.length === variables.length &&
          known.variables.every((variable, index) => variable === variables[index]);
        if (known && !still) known.step.dispose();
        const { step } = still && known ? known : prepare(this, eager, optimizer, variables, data);
        return step.run(batch).map((figure) => tf.scalar(figure));
      } catch (error) {
        if (!(error instanceof CannotCompile)) throw error;
        refused.add(this);
        console.warn(`${this.name} trains uncompiled, which is slower: ${error.message}`);
        return eager(data);
      }
    };
  };

  function prepare(
    model: Model,
    eager: TrainFunction,
    optimizer: Optimizer,
    variables: Variable[],
    data: Tensor[],
  ): Compiled {
    const present = data.map((tensor) => tensor !== null && tensor !== undefined);
    const step = new CompiledStep({
      tf,
      heap,
      variables,
      rule: ruleOf(specOf(tf, optimizer)),
      random,
      work: (inputs) => {
        let at = 0;
        const all = present.map((given) => (given ? inputs[at++] : null)) as Tensor[];
        const note = new NotingOptimizer(tf, variables);
        const giveBack = (): void => {
          model.optimizer_ = optimizer;
        };
        return withUndo(giveBack, () => {
          model.optimizer_ = note.optimizer;
          const figures = eager(all);
          return { figures, gradients: note.gradients };
        });
      },
    });
    const entry = { optimizer, variables, step };
    compiled.set(model, entry);
    return entry;
  }
  return undefined;
}

/** Takes the place of an optimizer: differentiates, keeps the gradients, changes nothing. */
class NotingOptimizer {
  gradients: Tensor[] = [];
  readonly optimizer: Optimizer;

  constructor(tf: TensorFlow, variables: readonly Variable[]) {
    const minimize = (work: () => Tensor, _cost: boolean, list: Variable[]): Tensor => {
      const { value, grads } = tf.variableGrads(() => work().asScalar(), list);
      this.gradients = variables.map((variable) => {
        const gradient = grads[variable.name];
        if (!gradient) throw new CannotCompile(`the loss does not depend on the weight ${variable.name}`);
        return gradient;
      });
      return value;
    };
    this.optimizer = Object.assign(tf.train.sgd(0), { minimize });
  }
}
