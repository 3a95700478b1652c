/** Tensors that are given to a model, each with the place there that it is for. */
import type { LayersModel, Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow.ts';
import { BadInput } from './bad-input.ts';
import type { Place } from './shapes.ts';

/** A tensor, and its place. */
export interface Given extends Place {
  tensor: Tensor;
}

/**
 * Tensors given for the inputs or outputs of a model, each with its place there.
 * @param data what people call them
 * @param value a tensor, a list of them, or an object of them by name
 * @throws BadInput when it is something else, or they are not as many as the model has places
 */
export function given(tf: TensorFlow, model: LayersModel, role: Given['role'], data: string, value: unknown): Given[] {
  const isTarget = role === 'target';
  const ends = isTarget ? model.outputs : model.inputs;
  const names = isTarget ? model.outputNames : model.inputNames;
  if (value === undefined || value === null) {
    throw new BadInput(`${data} is ${value}: ${isTarget ? 'targets' : 'inputs'} are missing`);
  }
  const listed = listOf(tf, data, value, names);
  if (listed.length !== ends.length) {
    const what = isTarget ? 'output' : 'input';
    const named = ends.length > 1 ? ` (${names.join(', ')})` : '';
    throw new BadInput(
      `${data} has ${listed.length} tensor${listed.length === 1 ? '' : 's'}, and ${model.name} has ${ends.length} ${what}${ends.length === 1 ? '' : 's'}${named}`,
    );
  }
  return listed.map(({ name, tensor }, index) => {
    const end = ends[index];
    if (tensor.isDisposed) throw new BadInput(`${name} was disposed of before it could be used`);
    return {
      data: name,
      tensor,
      shape: tensor.shape,
      dtype: tensor.dtype,
      // Looked for when it is to be said.
      get layer() {
        return isTarget ? (end?.sourceLayer.name ?? '') : firstLayer(model, index);
      },
      // A model of a fixed batch size is still given all examples.
      wanted: [null, ...(end?.shape.slice(1) ?? [])],
      role,
      loss: isTarget ? lossOf(model, index) : undefined,
    };
  });
}

function listOf(
  tf: TensorFlow,
  data: string,
  value: unknown,
  names: readonly string[],
): { name: string; tensor: Tensor }[] {
  if (value instanceof tf.Tensor) return [{ name: data, tensor: value }];
  if (Array.isArray(value)) {
    return value.map((each: unknown, index) => {
      if (each instanceof tf.Tensor) return { name: value.length === 1 ? data : `${data}[${index}]`, tensor: each };
      throw new BadInput(`${data} is ${plain(value)}: make a tensor of it first, tf.tensor(${data})`);
    });
  }
  if (ArrayBuffer.isView(value) || typeof value !== 'object' || value === null) {
    throw new BadInput(`${data} is ${plain(value)}: make a tensor of it first, tf.tensor(${data}, [examples, …])`);
  }
  return names.map((name) => {
    const tensor: unknown = Reflect.get(value, name);
    if (tensor instanceof tf.Tensor) return { name: `${data}.${name}`, tensor };
    throw new BadInput(`${data} has no tensor for ${name}; it has ${Object.keys(value).join(', ') || 'nothing'}`);
  });
}

const plain = (value: unknown): string =>
  Array.isArray(value)
    ? 'an array of values'
    : ArrayBuffer.isView(value)
      ? `a ${value.constructor.name}`
      : `a ${typeof value}`;

/** The layer that first does something with an input: its own name says nothing. */
function firstLayer(model: LayersModel, index: number): string {
  const input = model.inputs[index];
  const takes = model.layers.find((layer) => {
    const nodes: unknown = layer.getClassName() === 'InputLayer' ? [] : layer.inboundNodes;
    return (
      Array.isArray(nodes) && nodes.some((node) => node.inputTensors.some(({ id }: { id: number }) => id === input?.id))
    );
  });
  const name = model.inputNames[index] ?? 'the input';
  return takes && model.inputs.length === 1 ? `the layer ${takes.name}` : `the input ${name}`;
}

/** The loss of an output by its name, in lower case without underscores; undefined for a function. */
function lossOf(model: LayersModel, index: number): string | undefined {
  const { loss }: { loss?: unknown } = model;
  const name: unknown = model.outputNames[index];
  const own: unknown = Array.isArray(loss)
    ? loss[index]
    : typeof loss === 'object' && loss !== null && typeof name === 'string'
      ? Reflect.get(loss, name)
      : loss;
  return typeof own === 'string' ? own.replaceAll('_', '').toLowerCase() : undefined;
}
