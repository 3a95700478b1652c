/** Layers models and hand-written ones, seen as the same thing. */
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { TensorFlow } from '../../backend/tensorflow.ts';
import type { Model } from './contract.ts';

/** What training needs of a model. */
export interface View {
  name: string;
  /** Weights to train now: layers may be frozen and thawed between steps. */
  trainable(): Variable[];
  /** Weights that a step may change by itself. */
  kept(): Variable[];
  apply(inputs: readonly Tensor[], training: boolean): Tensor[];
  /** Why its steps cannot be compiled; undefined when they may be. */
  obstacle: string | undefined;
  /** What regularizers add to the loss. */
  penalties(): Tensor[];
  /** Names of the outputs; undefined when only a call tells how many there are. */
  outputs: readonly string[] | undefined;
  /** @throws Error that names the layer and both shapes when the inputs are of other shapes */
  check(inputs: readonly Tensor[]): void;
}

/** The model as training sees it. */
export function viewOf(tf: TensorFlow, model: Model): View {
  if (!(model instanceof tf.LayersModel)) {
    const { name = 'the model' } = model;
    return {
      name,
      trainable: () => model.trainable().filter(({ trainable }) => trainable),
      kept: () => [...(model.kept?.() ?? [])],
      obstacle: undefined,
      apply: (inputs, training) => {
        const outputs = model.apply(inputs, { training });
        return Array.isArray(outputs) ? outputs : [outputs];
      },
      penalties: () => [],
      outputs: undefined,
      check: () => {},
    };
  }
  return {
    name: model.name,
    trainable: () => variablesOf(tf, model.trainableWeights),
    kept: () => variablesOf(tf, model.nonTrainableWeights),
    obstacle: model.stateful ? 'it has layers that remember from batch to batch' : undefined,
    apply: (inputs, training) => {
      const outputs: unknown = model.apply([...inputs], { training });
      return (Array.isArray(outputs) ? outputs : [outputs]).filter((output) => output instanceof tf.Tensor);
    },
    penalties: () => model.calculateLosses(),
    outputs: model.outputs.map(({ sourceLayer }) => sourceLayer.name),
    check: (inputs) => {
      if (inputs.length !== model.inputs.length) {
        const names = model.inputs.map(({ sourceLayer }) => sourceLayer.name).join(', ');
        throw new Error(`${model.name} takes ${model.inputs.length} inputs (${names}), and was given ${inputs.length}`);
      }
      for (const [index, { shape, sourceLayer }] of model.inputs.entries()) {
        const given = inputs[index]?.shape ?? [];
        const fits = shape.length === given.length && shape.every((length, axis) => !length || length === given[axis]);
        if (fits) continue;
        throw new Error(
          `${model.name}: the input ${sourceLayer.name} takes ${spellShape(shape)}, and was given ${spellShape(given)}`,
        );
      }
    },
  };
}

/** The variables of a layers model's weights. */
function variablesOf(tf: TensorFlow, weights: readonly { read(): Tensor }[]): Variable[] {
  const variables: Variable[] = [];
  for (const weight of weights) {
    const variable = weight.read();
    if (variable instanceof tf.Variable) variables.push(variable);
  }
  return variables;
}

/** A shape in brackets; a length that may be anything is spelled `any`. */
export const spellShape = (shape: readonly (number | null)[]): string =>
  `[${shape.map((length) => length ?? 'any').join(', ')}]`;
