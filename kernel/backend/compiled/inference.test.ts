/** `model.predict`, `model.evaluate` and validation: the same numbers once they run compiled. */
import type { Tensor } from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { prepareBackend } from '../choose.ts';
import { loadTensorFlow, type TensorFlow } from '../tensorflow.ts';
import { CompiledCalls } from './calls.ts';
import { nativeFailure } from './native.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = loadTensorFlow();
  await prepareBackend(tf);
});
afterEach(() => vi.restoreAllMocks());

function build(): ReturnType<TensorFlow['sequential']> {
  const { layers } = tf;
  return tf.sequential({
    layers: [
      layers.dense({ units: 8, activation: 'relu', inputShape: [4] }),
      layers.batchNormalization(),
      layers.dropout({ rate: 0.5 }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
}

const numbers = (given: Tensor | Tensor[]): number[] =>
  (Array.isArray(given) ? given : [given]).flatMap((tensor) => Array.from(tensor.dataSync()));
const close = (mine: number[], reference: number[]): void => {
  expect(mine).toHaveLength(reference.length);
  for (const [index, value] of reference.entries()) expect(Math.abs((mine[index] ?? 9) - value)).toBeLessThan(1e-5);
};

describe.skipIf(nativeFailure() !== undefined)('inference', () => {
  it('predicts batch by batch, with a rest, compiled from the fourth batch on', () => {
    const batches = vi.spyOn(CompiledCalls.prototype, 'batches');
    const model = build();
    const x = tf.randomNormal([22, 4]);
    const reference = numbers(
      tf.tidy(() =>
        tf.concat(
          [0, 8, 16]
            .map((at) => x.slice([at], [Math.min(8, 22 - at)]))
            .map((part) => {
              const given = model.predict(part);
              return Array.isArray(given) ? tf.zeros([1, 3]) : given;
            }),
        ),
      ),
    );
    expect(batches).not.toHaveBeenCalled();
    const before = tf.memory().numTensors;
    const output = model.predict(x, { batchSize: 8 });
    expect(batches).toHaveBeenCalledTimes(1);
    expect(tf.memory().numTensors).toBe(before + 1);
    close(numbers(output), reference);
    // Weights are read anew.
    model.setWeights(model.getWeights().map((weight) => weight.mul(0)));
    for (const value of numbers(model.predict(x, { batchSize: 8 }))) expect(value).toBeCloseTo(1 / 3, 5);
    tf.dispose([x, output]);
    model.dispose();
  });

  it('evaluates', () => {
    const call = vi.spyOn(CompiledCalls.prototype, 'call');
    const model = build();
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    const [x, y] = [tf.randomNormal([40, 4]), tf.oneHot(tf.randomUniform([40], 0, 3, 'int32'), 3).toFloat()];
    const reference = numbers(model.evaluate(x, y, { batchSize: 20 }));
    expect(call).not.toHaveBeenCalled();
    close(numbers(model.evaluate(x, y, { batchSize: 8 })), reference);
    expect(call).toHaveBeenCalledTimes(2);
    close(numbers(model.evaluate(x, y, { batchSize: 8 })), reference);
    expect(call).toHaveBeenCalledTimes(7);
    tf.dispose([x, y]);
    model.dispose();
  });

  it('runs as always what cannot be compiled', () => {
    const warn = vi.spyOn(console, 'warn');
    const model = build();
    const x = tf.ones([40, 4]);
    class Looks extends tf.layers.Layer {
      static className = 'Looks';
      override call(inputs: Tensor | Tensor[]): Tensor {
        const [first] = Array.isArray(inputs) ? inputs : [inputs];
        if (!first) throw new Error('no input');
        return first.mul(first.dataSync().length / first.size);
      }
    }
    model.add(new Looks({}));
    for (let round = 0; round < 2; round++) expect(numbers(model.predict(x, { batchSize: 4 }))).toHaveLength(120);
    expect(warn).not.toHaveBeenCalled();
    x.dispose();
    model.dispose();
  });
});
