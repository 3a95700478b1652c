/**
 * The same cases on every backend that is here: values and gradients beside the JavaScript backend's, and those gradients
 * beside differences of the values themselves. Complex numbers live on the JavaScript backend and
 * TensorFlow's own; in a compiled step they are pairs of real ones.
 */
import type { Tensor } from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { prepareBackend } from '../choose.ts';
import { nativeFailure } from '../compiled/native.ts';
import { compiled, difference, eagerly, type Given, type Outcome } from '../compiled/testing.ts';
import { loadTensorFlow, type TensorFlow } from '../tensorflow.ts';
import { CASES, type Case } from './cases.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = loadTensorFlow();
  process.env.TRIALROOM_BACKEND = 'wasm';
  await prepareBackend(tf);
});

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
/** Numbers apart from one another, from zero and from whole numbers, in no order. */
const given = (shapes: number[][]): Given[] =>
  shapes.map((shape, at) => {
    const size = sizeOf(shape);
    const place = (i: number): number => ((i * 61 + at * 17) % size) / size;
    return { shape, values: Array.from({ length: size }, (_, i) => (place(i) - 0.5) * 2.4 + 0.013) };
  });
const waves = (shape: number[]): Given => ({
  shape,
  values: Array.from({ length: sizeOf(shape) }, (_, i) => Math.cos(i + 1)),
});

/** The value, and unless there is none the gradients. */
const all =
  ({ work, flat }: Case) =>
  (inputs: Tensor[]): Tensor[] => {
    const dy = inputs.at(-1);
    const xs = inputs.slice(0, -1);
    return flat ? [work(xs)] : [work(xs), ...tf.grads((...list: Tensor[]) => work(list))(xs, dy)];
  };

/** What the case gives on the reference. */
async function reference(each: Case): Promise<{ inputs: Given[]; outcome: Outcome[] }> {
  await tf.setBackend('cpu');
  const inputs = given(each.shapes);
  const [value] = eagerly(tf, inputs, (xs) => [each.work(xs)]);
  const whole = [...inputs, waves(value?.shape ?? [])];
  return { inputs: whole, outcome: eagerly(tf, whole, all(each)) };
}

describe('on the JavaScript backend', () => {
  it.each(CASES.filter(({ flat }) => !flat))('the gradient of $name is that of its differences', async (each) => {
    const { inputs, outcome } = await reference(each);
    const [, ...gradients] = outcome;
    const dy = inputs.at(-1)?.values ?? [];
    const dot = (a: number[] = [], b: number[] = []): number =>
      a.reduce((sum, x, i) => sum + x * (b[i] ?? Number.NaN), 0);
    inputs.slice(0, -1).forEach(({ values }, index) => {
      // Along one direction at a time; a step small enough that no choice changes.
      const along = values.map((_, i) => Math.sin(i * 1.9 + 1));
      const step = 2 ** -9;
      const at = (sign: number): number => {
        const moved = inputs
          .slice(0, -1)
          .map((input, k) =>
            k === index ? { ...input, values: values.map((x, i) => x + sign * step * (along[i] ?? 0)) } : input,
          );
        return dot(eagerly(tf, moved, (xs) => [each.work(xs)])[0]?.values, dy);
      };
      const expected = (at(1) - at(-1)) / (2 * step);
      const got = dot(gradients[index]?.values, along);
      expect(Math.abs(got - expected), `input ${index}: ${got}, by differences ${expected}`).toBeLessThan(
        0.01 * Math.max(1, Math.abs(expected)) + 0.01,
      );
    });
  });
});

describe('on WebAssembly', () => {
  it.each(CASES)('$name is the same', async (each) => {
    const { inputs, outcome } = await reference(each);
    await tf.setBackend('wasm');
    const before = [tf.memory().numTensors, tf.memory().numDataBuffers];
    expect(difference(eagerly(tf, inputs, all(each)), outcome, 1e-4)).toBeUndefined();
    expect([tf.memory().numTensors, tf.memory().numDataBuffers]).toEqual(before);
  });
});

describe.skipIf(nativeFailure() !== undefined)('compiled', () => {
  it.each(CASES)('$name is the same', async (each) => {
    const { inputs, outcome } = await reference(each);
    expect(difference(compiled(tf, inputs, all(each)), outcome, 1e-4)).toBeUndefined();
  });
});

it('says what has no gradient, and what a result does not depend on', async () => {
  await tf.setBackend('cpu');
  const x = tf.tensor1d([1, 2, 3]);
  expect(() => tf.grad((t: Tensor) => tf.cumprod(t))(x)).toThrow(/Cumprod has no gradient: keep it out/);
  expect(() => tf.grad((t: Tensor) => tf.cast(t.greater(2), 'float32'))(x)).toThrow(/only through comparisons/);
});
