/** For tests: runs a function of tensors compiled, and on TensorFlow.js's own JavaScript backend. */
import type { Tensor } from '@tensorflow/tfjs';
import { mendGradients } from '../gradients/mend.ts';
import { loadTensorFlow, type TensorFlow } from '../tensorflow.ts';
import type { DType } from './attributes.ts';
import { lower } from './lower/lower.ts';
import { type NativeTensor, nativeSession, nativeTensor } from './native.ts';
import { record } from './recorder.ts';
import type { Outline } from './shapes/shapes.ts';

/** TensorFlow.js on the backend that is the reference. */
export async function referenceTensorFlow(): Promise<TensorFlow> {
  const tf = loadTensorFlow();
  mendGradients(tf);
  await tf.setBackend('cpu');
  return tf;
}

/** An input, by its numbers. */
export interface Given {
  shape: number[];
  dtype?: DType;
  values: number[];
}

/** Numbers of one output. */
export interface Outcome {
  shape: number[];
  dtype: string;
  values: number[];
}

type Work = (inputs: Tensor[]) => Tensor[];

/** What the function gives when it is computed as always. */
export function eagerly(tf: TensorFlow, given: readonly Given[], work: Work): Outcome[] {
  const outcomes: Outcome[] = [];
  tf.tidy(() => {
    const inputs = given.map(({ values, shape, dtype }) => tf.tensor(values, shape, dtype ?? 'float32'));
    for (const output of work(inputs)) {
      outcomes.push({ shape: output.shape, dtype: output.dtype, values: Array.from(output.dataSync(), Number) });
    }
  });
  return outcomes;
}

/**
 * What the function gives when it is recorded, lowered and run natively. Variables that it reads are fed as they are,
 * and what was drawn by chance as it was drawn while recording.
 */
export function compiled(tf: TensorFlow, given: readonly Given[], work: Work): Outcome[] {
  const outlines = given.map(({ shape, dtype }) => ({ shape, dtype: dtype ?? ('float32' as const) }));
  const recording = record(tf, outlines, work);
  const ports = lower(recording, tf);
  const session = nativeSession(ports.graph.encode(), 1);
  const feeds: Record<string, NativeTensor> = {};
  const feed = (name: string | undefined, { shape, dtype }: Outline, values: ArrayLike<number>): void => {
    if (name === undefined || !session.inputs.includes(name)) return;
    feeds[name] = nativeTensor(dtype, typed(dtype, values), shape);
  };
  outlines.forEach((outline, index) => {
    feed(ports.inputs[index], outline, given[index]?.values ?? []);
  });
  recording.variables.forEach(({ variable, ref }, index) => {
    feed(ports.variables[index], ref, variable.dataSync());
  });
  for (const { index, name } of ports.random) {
    const constant = recording.constants[index];
    if (constant) feed(name, constant, constant.values);
  }
  const results = recording.outputs.map(({ shape, dtype }) => ({ shape, dtype, data: typed(dtype, blank(shape)) }));
  const fetches: Record<string, NativeTensor> = {};
  for (const [index, { shape, dtype, data }] of results.entries()) {
    fetches[ports.outputs[index] ?? ''] = nativeTensor(dtype, data, shape);
  }
  session.run(feeds, fetches);
  return results.map(({ shape, dtype, data }) => ({ shape, dtype, values: Array.from(data, Number) }));
}

const blank = (shape: readonly number[]): number[] =>
  new Array(shape.reduce((product, length) => product * length, 1)).fill(0);

const typed = (dtype: DType, values: ArrayLike<number>): Float32Array | Int32Array | Uint8Array =>
  dtype === 'float32'
    ? Float32Array.from(values)
    : dtype === 'int32'
      ? Int32Array.from(values)
      : Uint8Array.from(values);

/** Says where two outcomes differ by more than `tolerance` of the reference's greatest number; undefined: nowhere. */
export function difference(
  mine: readonly Outcome[],
  reference: readonly Outcome[],
  tolerance = 2e-5,
): string | undefined {
  for (const [index, { shape, dtype, values }] of reference.entries()) {
    const other = mine[index];
    if (!other || other.shape.join() !== shape.join()) return `output ${index} is [${other?.shape}], not [${shape}]`;
    if (other.dtype !== dtype) return `output ${index} is ${other.dtype}, not ${dtype}`;
    const scale = Math.max(1, ...values.filter(Number.isFinite).map(Math.abs));
    for (const [at, value] of values.entries()) {
      const got = other.values[at] ?? Number.NaN;
      const close = Object.is(got, value) || got === value || Math.abs(got - value) <= tolerance * scale;
      if (!close) return `output ${index} at ${at} is ${got}, not ${value}`;
    }
  }
  return undefined;
}
