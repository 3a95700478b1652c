/**
 * Stands before `fit`, `trainOnBatch`, `evaluate` and `predict` of layers models, and refuses data that cannot work, in
 * words that help. Shapes are looked at each time, numbers once.
 */
import type { LayersModel, Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow.ts';
import { BadInput } from './bad-input.ts';
import { withinMemory } from './memory.ts';
import { checkFinite } from './numbers.ts';
import { checkPlaces, type Place } from './shapes.ts';
import { checkTargets } from './targets.ts';

interface Given extends Place {
  tensor: Tensor;
}

/**
 * Guards all layers models of `tf` from now on.
 * @param warn says something that is odd, but not wrong
 */
export function guardTraining(tf: TensorFlow, warn: (message: string) => void): void {
  const prototype: object = tf.LayersModel.prototype;
  /** What targets were found good for: tensors never change. */
  const known = new WeakMap<Tensor, string>();
  /** Models whose `trainOnBatch` was looked at, and how often. */
  const looked = new WeakMap<object, number>();

  const checkNumbers = async (all: readonly Given[]): Promise<void> => {
    for (const { data, tensor } of all) await checkFinite(data, tensor);
    for (const { data, tensor, loss, role, wanted } of all) {
      const classes = wanted.at(-1);
      const asked = `${loss} of ${classes}`;
      if (role === 'input' || typeof classes !== 'number' || !needsLabels(loss) || known.get(tensor) === asked)
        continue;
      const found = checkTargets({ data, values: await tensor.data(), shape: tensor.shape, classes, loss });
      for (const odd of found) warn(odd);
      known.set(tensor, asked);
    }
  };

  /** Trains on batches of this size, if there is memory for it. */
  const train = (model: LayersModel, all: readonly Given[], size: number, work: () => Promise<unknown>) => {
    const examples = all.filter(({ role }) => role === 'input').map(({ shape }) => shape.slice(1));
    return withinMemory(model, examples, size, work);
  };

  around(prototype, 'fit', async (model: LayersModel, args, fit) => {
    const [x, y, settings] = args;
    const all = [...given(tf, model, 'input', 'x', x), ...given(tf, model, 'target', 'y', y)];
    checkPlaces(all);
    const examples = all[0]?.shape[0] ?? 0;
    checkSplit(field(settings, 'validationSplit'), examples);
    const validation = field(settings, 'validationData');
    const held = Array.isArray(validation)
      ? [
          ...given(tf, model, 'input', 'validationData[0]', validation[0]),
          ...given(tf, model, 'target', 'validationData[1]', validation[1]),
        ]
      : [];
    checkPlaces(held);
    await checkNumbers([...all, ...held.filter(({ role }) => role === 'input')]);
    return withFloats([...all, ...held], args, (floats) =>
      train(model, all, Math.min(examples, sizeIn(settings)), () => fit(floats)),
    );
  });

  around(prototype, 'trainOnBatch', async (model: LayersModel, [x, y], step) => {
    const all = [...given(tf, model, 'input', 'x', x), ...given(tf, model, 'target', 'y', y)];
    checkPlaces(all);
    const times = looked.get(model) ?? 0;
    // Every batch is new; reading all of them would cost more than some steps do.
    if (times < FIRST_BATCHES) {
      looked.set(model, times + 1);
      await checkNumbers(all);
    }
    return withFloats(all, [x, y], (floats) => train(model, all, all[0]?.shape[0] ?? 1, () => step(floats)));
  });

  around(prototype, 'evaluate', (model: LayersModel, [x, y, settings], evaluate) => {
    const all = [...given(tf, model, 'input', 'x', x), ...given(tf, model, 'target', 'y', y)];
    checkPlaces(all);
    return withFloats(all, [x, y, settings], evaluate);
  });

  around(prototype, 'predict', (model: LayersModel, [x, settings], predict) => {
    checkPlaces(given(tf, model, 'input', 'x', x));
    return predict([x, settings]);
  });
}

/** How many batches of a model are looked through. */
const FIRST_BATCHES = 3;

function around<Model extends object>(
  prototype: object,
  name: string,
  wrap: (model: Model, args: unknown[], original: (args: unknown[]) => Promise<unknown>) => unknown,
): void {
  const original: unknown = Reflect.get(prototype, name);
  if (typeof original !== 'function') throw new Error(`TensorFlow.js has no LayersModel.${name}`);
  const wrapped = function (this: Model, ...args: unknown[]): unknown {
    return wrap(this, args, (given) => Reflect.apply(original, this, given));
  };
  Reflect.set(prototype, name, wrapped);
}

/**
 * Class numbers are whole numbers to everyone but the losses of TensorFlow.js: `work` gets them as float32.
 * @param args inputs, targets, and settings that may hold others to judge by
 */
function withFloats<T>(all: readonly Given[], args: unknown[], work: (args: unknown[]) => T): T {
  const floats = new Map<unknown, Tensor>();
  for (const { tensor, role, dtype } of all) {
    if (role === 'target' && dtype !== 'float32' && !floats.has(tensor)) floats.set(tensor, tensor.toFloat());
  }
  if (floats.size === 0) return work(args);
  const dispose = (): void => {
    for (const float of floats.values()) float.dispose();
  };
  const replaced = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replaced);
    const plainObject =
      typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
    if (!plainObject) return floats.get(value) ?? value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, replaced(each)]));
  };
  let result: T | undefined;
  try {
    const [x, y, settings, ...rest] = args;
    const validation = field(settings, 'validationData');
    const held = Array.isArray(validation)
      ? { ...Object(settings), validationData: validation.map(replaced) }
      : settings;
    result = work([x, replaced(y), held, ...rest]);
    return result;
  } finally {
    if (result instanceof Promise) result.then(dispose, dispose);
    else dispose();
  }
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
const sizeIn = (settings: unknown): number => {
  const size = field(settings, 'batchSize');
  return typeof size === 'number' && size > 0 ? size : 32;
};
const needsLabels = (loss: string | undefined): boolean => loss?.endsWith('crossentropy') ?? false;

function checkSplit(split: unknown, examples: number): void {
  if (typeof split !== 'number' || split <= 0 || split >= 1) return;
  if (Math.floor(examples * (1 - split)) === 0) {
    throw new BadInput(`validationSplit ${split} of ${examples} examples leaves none to train on`);
  }
}

/** Tensors given for the inputs or outputs of a model, each with its place there. */
function given(tf: TensorFlow, model: LayersModel, role: Given['role'], data: string, value: unknown): Given[] {
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
