/**
 * Memory: how much a step of training takes at least, whether there is as much, and what to say when there was not.
 */
import type { LayersModel } from '@tensorflow/tfjs';
import { flowsOf, sizeOf } from './flow.ts';

/** There is not as much memory as something needs. */
export class OutOfMemory extends RangeError {
  override name = 'OutOfMemory';
}

/** What a step of training keeps in memory, in bytes. */
export interface StepMemory {
  /** What layers give, kept until the gradients are there. */
  activations: number;
  /** Weights and their gradients. */
  weights: number;
}

/** Layers whose result is their input, seen otherwise. */
const SAME_NUMBERS = new Set(['InputLayer', 'Flatten', 'Reshape', 'Dropout', 'SpatialDropout1D']);

/**
 * What a step needs at the least: most engines keep about twice as much at their peak. Gradients of activations, what
 * kernels take for themselves and the optimizer come on top.
 * @param inputs shapes with the batch
 */
function stepMemory(model: LayersModel, inputs: readonly (readonly number[])[]): StepMemory {
  const activations = flowsOf(model, inputs)
    .filter(({ layer }) => !SAME_NUMBERS.has(layer.getClassName()))
    .reduce((sum, { outputs }) => sum + outputs.reduce((all, shape) => all + sizeOf(shape), 0) * 4, 0);
  const weights = model.weights.reduce((sum, { shape }) => sum + sizeOf(shape.map(Number)) * 4, 0);
  return { activations, weights: 2 * weights };
}

/**
 * Refuses a step that cannot fit.
 * @param available bytes
 * @throws OutOfMemory that says how much is needed, how much there is, and which batch size would do
 */
export function checkMemory(need: StepMemory, available: number, batchSize: number, place: string): void {
  const all = need.activations + need.weights;
  if (all <= available) return;
  throw new OutOfMemory(
    `a step with batchSize ${batchSize} needs ${sizeText(all)} or more (${sizeText(need.activations)} for what layers give, ${sizeText(need.weights)} for weights and gradients), and ${place} has ${sizeText(available)}${advice(need, available, batchSize)}`,
  );
}

/** What was needed when memory ran out in the middle of a step. */
function explained(error: Error, need: StepMemory | undefined, batchSize: number): OutOfMemory {
  const estimate = need
    ? `. A step with batchSize ${batchSize} takes about ${sizeText(2 * need.activations + 2 * need.weights)}`
    : '';
  return new OutOfMemory(
    `${error.message}${estimate}. Lower the batchSize (it was ${batchSize}), or make the model smaller; dispose of tensors that are not needed`,
    { cause: error },
  );
}

function advice({ activations, weights }: StepMemory, available: number, batchSize: number): string {
  // Twice the least is what a step takes.
  const fitting = Math.floor((batchSize * (available - 2 * weights)) / (2 * activations));
  if (fitting >= 1) return `. Lower the batchSize to ${powerBelow(fitting)} or so`;
  return '. Even one example is too much: make the model or the examples smaller';
}

const powerBelow = (value: number): number => 2 ** Math.floor(Math.log2(value));

/** Whether an error says that memory ran out, in the words of V8, of TensorFlow.js or of ONNX Runtime. */
const isOutOfMemory = (error: unknown): error is Error =>
  error instanceof OutOfMemory ||
  (error instanceof Error &&
    /array buffer allocation failed|invalid (typed )?array( buffer)? length|failed to allocate memory|bad[_ ]alloc|out of memory|has no .* MB left|could not allocate/i.test(
      error.message,
    ));

let askAvailable = (): Available => ({ bytes: Number.POSITIVE_INFINITY, place: '' });

/** A step that takes no more bytes than this is never the one too many. */
const SMALL = 2 ** 24;

/** Memory that a step may still take, and where. */
export interface Available {
  bytes: number;
  place: string;
}

/** Says how to find out what is available: it depends on the engine. */
export const setAvailable = (ask: () => Available): void => {
  askAvailable = ask;
};

/**
 * Trains, if there is memory for it; and when memory runs out all the same, says how much was needed and what lowers it.
 * @param model undefined, or a model whose shapes cannot be followed: then nothing is known beforehand
 * @param examples shapes of one example for each input
 * @throws OutOfMemory in both cases
 */
export async function withinMemory<T>(
  model: LayersModel | undefined,
  examples: readonly (readonly number[])[],
  batchSize: number,
  train: () => Promise<T>,
): Promise<T> {
  const need = model && needOf(model, examples, batchSize);
  // Asking takes longer than some steps do.
  if (need && need.activations + need.weights > SMALL) {
    const { bytes, place } = askAvailable();
    checkMemory(need, bytes, batchSize, place);
  }
  try {
    return await train();
  } catch (error) {
    throw isOutOfMemory(error) ? explained(error, need, batchSize) : error;
  }
}

const needs = new WeakMap<object, { key: string; need: StepMemory | undefined }>();

/** Following shapes through a deep model takes milliseconds, and batches are nearly all alike. */
function needOf(
  model: LayersModel,
  examples: readonly (readonly number[])[],
  batchSize: number,
): StepMemory | undefined {
  const shapes = examples.map((shape) => [batchSize, ...shape]);
  const key = shapes.join(';');
  const known = needs.get(model);
  if (known?.key === key) return known.need;
  let need: StepMemory | undefined;
  try {
    need = stepMemory(model, shapes);
  } catch {
    // A layer that cannot tell its shape; its model trains all the same.
  }
  needs.set(model, { key, need });
  return need;
}

/** Most bytes that WebAssembly's memory can have. */
export const WASM_LIMIT = 4_294_901_760;

/** The allocator of a WebAssembly module. */
export interface Allocator {
  _malloc(bytes: number): number;
  _free(address: number): void;
}

/**
 * Makes an allocator say when there is no memory: its own answer is the address 0, to which the tensor would then be
 * written, over whatever lies there; and a length beyond 32 bits is cut to the rest.
 */
export function guardAllocator(allocator: Allocator, used: () => number): void {
  // At its first call Emscripten's function puts another in its place, which would undo what follows.
  allocator._free(allocator._malloc(16));
  const allocate = allocator._malloc;
  allocator._malloc = (bytes) => {
    const address = bytes > WASM_LIMIT ? 0 : allocate(bytes);
    if (address !== 0 || bytes === 0) return address;
    throw new OutOfMemory(
      `a tensor of ${sizeText(bytes)} was asked for, and WebAssembly, which has ${sizeText(WASM_LIMIT)} in all, is not able to give it: ${sizeText(used())} are in use`,
    );
  };
}

/** `1.5 GB`: bytes in the greatest unit of which there is one, in powers of 1024. */
export function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(bytes, 1)) / 10)));
  const value = bytes / 1024 ** step;
  return `${step === 0 ? value : Number(value.toPrecision(3)).toLocaleString('en-US')} ${units[step]}`;
}
