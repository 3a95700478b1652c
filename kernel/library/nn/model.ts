/** Models with several inputs or outputs, by name. */
import type { LayersModel, Shape, SymbolicTensor } from '@tensorflow/tfjs';
import { loadTensorFlow } from '../../backend/tensorflow.ts';
import { type BuildOptions, type InputOptions, one, seeded } from './parts.ts';

/** Shape of one example of an input, or that and its type. */
export type InputSpec = Shape | ({ shape: Shape } & Omit<InputOptions, 'name'>);

/** What a model is made of. */
export interface ModelSpec<Name extends string> extends BuildOptions {
  /** Inputs by name. Data are given in this order, or by these names. */
  inputs: Readonly<Record<Name, InputSpec>>;
  /** From inputs to one output, or to several by name. */
  outputs(inputs: Readonly<Record<Name, SymbolicTensor>>): SymbolicTensor | Readonly<Record<string, SymbolicTensor>>;
}

/**
 * A model of any shape. Named outputs get their names, under which losses and metrics are given and reported.
 * @throws TypeError when there is no input or no output
 * @example
 * const model = nn.model({
 *   inputs: { text: { shape: [64], dtype: 'int32' }, about: [4] },
 *   outputs: ({ text, about }) => {
 *     const words = nn.embedding({ vocabulary: 5000, units: 32, pool: 'mean' })(text);
 *     return nn.dense({ units: 1, activation: 'sigmoid' })(nn.concatenate([words, about]));
 *   },
 * });
 */
export function model<const Name extends string>(spec: ModelSpec<Name>): LayersModel {
  return seeded(spec.seed, () => {
    const tf = loadTensorFlow();
    const entries: [string, InputSpec][] = Object.entries(spec.inputs);
    const made = entries.map(([name, given]): [string, SymbolicTensor] => [
      name,
      'shape' in given ? tf.input({ ...given, name }) : tf.input({ shape: [...given], name }),
    ]);
    const byName = Object.fromEntries(made);
    const outputs = spec.outputs(complete(spec.inputs, byName));
    const list = outputs instanceof tf.SymbolicTensor ? [outputs] : Object.entries(outputs).map(named);
    if (made.length === 0 || list.length === 0) throw new TypeError('nn.model needs one input and one output or more');
    return tf.model({
      inputs: made.map(([, tensor]) => tensor),
      outputs: list,
      ...(spec.name === undefined ? {} : { name: spec.name }),
    });
  });
}

const complete = <Name extends string>(
  wanted: Readonly<Record<Name, InputSpec>>,
  made: Readonly<Record<string, SymbolicTensor>>,
): Record<Name, SymbolicTensor> => {
  const isWhole = (given: Readonly<Record<string, SymbolicTensor>>): given is Record<Name, SymbolicTensor> =>
    Object.keys(wanted).every((name) => given[name] !== undefined);
  if (!isWhole(made)) throw new TypeError('an input is missing');
  return made;
};

/** An output is called what the layer that gives it is called. */
function named([name, tensor]: [string, SymbolicTensor]): SymbolicTensor {
  if (tensor.sourceLayer.name === name) return tensor;
  return one(loadTensorFlow().layers.activation({ activation: 'linear', name }).apply(tensor));
}
