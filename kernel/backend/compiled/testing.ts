/** For tests: runs a function of tensors compiled, and on TensorFlow.js's own JavaScript backend. */
import type { Tensor } from '@tensorflow/tfjs';
import { loadTensorFlow, type TensorFlow } from '../tensorflow.ts';
import type { DType } from './attributes.ts';
import { lower } from './lower/lower.ts';
import { nativeSession, nativeTensor } from './native.ts';
import { record } from './recorder.ts';

/** TensorFlow.js on the backend that is the reference. */
export async function referenceTensorFlow(): Promise<TensorFlow> {
  const tf = loadTensorFlow();
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

/** What the function gives when it is recorded, lowered and run natively. */
export function compiled(tf: TensorFlow, given: readonly Given[], work: Work): Outcome[] {
  const outlines = given.map(({ shape, dtype }) => ({ shape, dtype: dtype ?? ('float32' as const) }));
  const recording = record(tf, outlines, work);
  const ports = lower(recording, tf);
  const session = nativeSession(ports.graph.encode(), 1);
  const feeds = Object.fromEntries(
    ports.inputs.flatMap((name, index) => {
      const outline = outlines[index];
      const values = given[index]?.values ?? [];
      if (!outline || !session.inputs.includes(name)) return [];
      return [[name, nativeTensor(outline.dtype, typed(outline.dtype, values), outline.shape)]];
    }),
  );
  const results = recording.outputs.map(({ shape, dtype }) => ({
    shape,
    dtype,
    data: typed(dtype, new Array(shape.reduce((product, length) => product * length, 1)).fill(0)),
  }));
  const fetches = Object.fromEntries(
    ports.outputs.map((name, index) => {
      const { data, dtype, shape } = results[index] ?? {
        data: new Float32Array(),
        dtype: 'float32' as const,
        shape: [],
      };
      return [name, nativeTensor(dtype, data, shape)];
    }),
  );
  session.run(feeds, fetches);
  return results.map(({ shape, dtype, data }) => ({ shape, dtype, values: Array.from(data, Number) }));
}

const typed = (dtype: DType, values: readonly number[]): Float32Array | Int32Array | Uint8Array =>
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
