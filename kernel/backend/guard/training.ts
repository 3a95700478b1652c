/**
 * Stands before `fit`, `fitDataset`, `trainOnBatch`, `evaluate`, `evaluateDataset` and `predict` of layers models, and
 * refuses data that cannot work, in words that help. Shapes are looked at each time, numbers once.
 */
import type { LayersModel, Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow.ts';
import { BadInput } from './bad-input.ts';
import { type Batch, checkedBatches, isBatches } from './batches.ts';
import { type Given, given } from './given.ts';
import { withinMemory } from './memory.ts';
import { checkFinite } from './numbers.ts';
import { checkPlaces } from './shapes.ts';
import { checkTargets } from './targets.ts';

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
    return whileThere([...all, ...held], () =>
      withFloats([...all, ...held], args, (floats) =>
        train(model, all, Math.min(examples, sizeIn(settings)), () => fit(floats)),
      ),
    );
  });

  /** Looks at each batch as it comes; numbers only of the first ones. */
  const looking =
    (model: LayersModel, training: boolean) =>
    async ({ xs, ys }: Batch, number: number): Promise<Batch> => {
      const all = [...given(tf, model, 'input', 'xs', xs), ...given(tf, model, 'target', 'ys', ys)];
      checkPlaces(all);
      if (training && number < FIRST_BATCHES) await checkNumbers(all);
      if (training) await train(model, all, all[0]?.shape[0] ?? 1, async () => {});
      // The engine disposes of what it is given.
      return { xs, ys: floating(ys) };
    };

  around(prototype, 'fitDataset', (model: LayersModel, [set, settings], fit) => {
    const validation = field(settings, 'validationData');
    const held = Array.isArray(validation)
      ? [
          ...given(tf, model, 'input', 'validationData[0]', validation[0]),
          ...given(tf, model, 'target', 'validationData[1]', validation[1]),
        ]
      : [];
    checkPlaces(held);
    const checked = isBatches(validation)
      ? { ...Object(settings), validationData: checkedBatches(validation, looking(model, false)) }
      : settings;
    const batches = isBatches(set) ? checkedBatches(set, looking(model, true)) : set;
    return withFloats(held, [batches, undefined, checked], ([, , floats]) => fit([batches, floats]));
  });

  around(prototype, 'evaluateDataset', (model: LayersModel, [set, settings], evaluate) =>
    evaluate([isBatches(set) ? checkedBatches(set, looking(model, false)) : set, settings]),
  );

  around(prototype, 'trainOnBatch', async (model: LayersModel, [x, y], step) => {
    const all = [...given(tf, model, 'input', 'x', x), ...given(tf, model, 'target', 'y', y)];
    checkPlaces(all);
    const times = looked.get(model) ?? 0;
    // Every batch is new; reading all of them would cost more than some steps do.
    if (times < FIRST_BATCHES) {
      looked.set(model, times + 1);
      await checkNumbers(all);
    }
    return whileThere(all, () =>
      withFloats(all, [x, y], (floats) => train(model, all, all[0]?.shape[0] ?? 1, () => step(floats))),
    );
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

/** An engine that misses a tensor in the middle of its work says so in words that nobody understands. */
async function whileThere<T>(all: readonly Given[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const gone = all.find(({ tensor }) => tensor.isDisposed);
    throw gone ? new BadInput(`${gone.data} was disposed of while it was trained on`, { cause: error }) : error;
  }
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

/** Targets with numbers of type float32; tensors of others are disposed of. */
function floating(targets: unknown): unknown {
  if (Array.isArray(targets)) return targets.map(floating);
  if (typeof targets !== 'object' || targets === null) return targets;
  if (Object.getPrototypeOf(targets) === Object.prototype) {
    return Object.fromEntries(Object.entries(targets).map(([name, each]) => [name, floating(each)]));
  }
  const tensor = targets as Tensor;
  if (tensor.dtype === 'float32') return tensor;
  const float = tensor.toFloat();
  tensor.dispose();
  return float;
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
