/**
 * Building models from parts. A part is a layer of TensorFlow.js, or a block: a function that applies several layers,
 * with branches if it likes. The model that comes out is an ordinary `LayersModel` of ordinary layers.
 */
import type { LayersModel, ModelPredictConfig, Shape, SymbolicTensor, Tensor } from '@tensorflow/tfjs';
import { withUndo } from '../../backend/compiled/undo.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import { generator } from '../seed.ts';
import { brackets, type Layer, lazily } from './layers/layer.ts';

/** Applies layers to what it is given. */
export type Block = (x: SymbolicTensor) => SymbolicTensor;
/** What models are built from. */
export type Part = Layer | Block;

/** A model with one output: `predict` gives one tensor. */
export interface SingleModel extends LayersModel {
  predict(x: Tensor | Tensor[], options?: ModelPredictConfig): Tensor;
}

/** Type of an input's numbers. */
export interface InputOptions {
  /** `int32` for tokens and class numbers; `float32` when not given. */
  dtype?: 'float32' | 'int32' | 'bool';
  name?: string;
}

/** Options of building. */
export interface BuildOptions {
  name?: string;
  /** The same number gives the same initial weights, whatever was drawn before. Nothing else is affected. */
  seed?: number;
}

/**
 * Where data come in.
 * @param shape of one example, without the batch; `null` for a length that may differ between batches
 */
export function input(shape: Shape, options: InputOptions = {}): SymbolicTensor {
  return loadTensorFlow().input({ shape, ...options });
}

/**
 * A model of parts, one after the other. The first is `nn.input(…)`, or a layer that was given an `inputShape`.
 * @throws Error that names the part that does not take what the one before it gives, and the shape
 * @example
 * const model = nn.sequential([
 *   nn.input([28, 28, 1]),
 *   nn.convBlock2d({ filters: 32 }),
 *   nn.residual([nn.convBlock2d({ filters: 64, stride: 2 })]),
 *   tf.layers.globalAveragePooling2d({}),
 *   tf.layers.dense({ units: 10, activation: 'softmax' }),
 * ]);
 */
export function sequential(
  parts: readonly [SymbolicTensor | Layer, ...Part[]],
  options: BuildOptions = {},
): SingleModel {
  return seeded(options.seed, () => {
    const tf = loadTensorFlow();
    const [first, ...rest] = parts;
    if (first instanceof tf.SymbolicTensor) return single(first, inSequence(rest, 2)(first), options.name);
    const start = inputOf(tf, first);
    return single(start, inSequence([first, ...rest])(start), options.name);
  });
}

/** A model with one input and one output. */
export function single(start: SymbolicTensor, end: SymbolicTensor, name?: string): SingleModel {
  return new (singleModel())({ inputs: start, outputs: end, ...(name === undefined ? {} : { name }) });
}

const singleModel = lazily(
  (tf) =>
    class extends tf.LayersModel {
      override predict(x: Tensor | Tensor[], options?: ModelPredictConfig): Tensor {
        const given = super.predict(x, options);
        const [only] = Array.isArray(given) ? given : [given];
        if (!only) throw new Error(`${this.name} has no output`);
        return only;
      }
    },
);

function inputOf(tf: TensorFlow, layer: Layer): SymbolicTensor {
  const shape: unknown = Reflect.get(layer, 'batchInputShape');
  if (!Array.isArray(shape)) {
    throw new TypeError(
      `nn.sequential: what shape goes in is not known. Begin with nn.input([…]), or give ${layer.name} an inputShape`,
    );
  }
  return tf.input({ batchShape: shape, ...(layer.dtype ? { dtype: layer.dtype } : {}) });
}

/**
 * A block of parts, one after the other. Its errors name the part and the shape that it was given.
 * @param from number of the first part, as people count
 */
export function inSequence(parts: readonly Part[], from = 1): Block {
  return (x) => {
    let at = x;
    for (const [index, part] of parts.entries()) at = applied(part, at, `part ${from + index}`);
    return at;
  };
}

/** Applies one part. @throws Error that names it and the shape that it cannot take */
function applied(part: Part, x: SymbolicTensor, place: string): SymbolicTensor {
  try {
    const given = typeof part === 'function' ? part(x) : one(part.apply(x));
    // TensorFlow.js goes on with a length of -4.
    if (given.shape.some((length) => length !== null && length < 1)) {
      throw new RangeError(`it would give ${brackets(given.shape)}, its window being larger than that`);
    }
    return given;
  } catch (cause) {
    // A part of a part: both are named.
    if (cause instanceof DoesNotFit) throw new DoesNotFit(`${place}, ${cause.message}`, { cause });
    const name = typeof part === 'function' ? part.name || 'a block' : `${part.name} (${part.getClassName()})`;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DoesNotFit(`${place}, ${name}, does not take ${brackets(x.shape)}: ${reason}`, { cause });
  }
}

/** A part was given what it cannot take. */
class DoesNotFit extends Error {
  override name = 'DoesNotFit';
}

/** The one symbolic tensor that a layer gives. @throws TypeError when it gives anything else */
export function one(given: ReturnType<Layer['apply']>): SymbolicTensor {
  const { SymbolicTensor } = loadTensorFlow();
  if (given instanceof SymbolicTensor) return given;
  throw new TypeError('a layer within a model must give one output');
}

/** Applies one layer to several tensors. */
export const join = (layer: Layer, inputs: SymbolicTensor[]): SymbolicTensor => one(layer.apply(inputs));

/** Runs `build` with chance that depends on the seed alone, where there is one. */
export function seeded<T>(seed: number | undefined, build: () => T): T {
  if (seed === undefined) return build();
  const before = Math.random;
  const giveBack = (): void => {
    Math.random = before;
  };
  return withUndo(giveBack, () => {
    Math.random = generator(seed);
    return build();
  });
}

/** A dense layer as a block: `nn.dense({ units: 10, activation: 'softmax' })`. */
export const dense = (options: Parameters<TensorFlow['layers']['dense']>[0]): Block => {
  const layer = loadTensorFlow().layers.dense(options);
  return (x) => one(layer.apply(x));
};

/** Several tensors side by side, along their last axis. */
export const concatenate = (inputs: SymbolicTensor[]): SymbolicTensor =>
  join(loadTensorFlow().layers.concatenate({ axis: -1 }), inputs);
