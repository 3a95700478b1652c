/** Steps that go wrong: numbers that are none, functions that cannot be compiled, things that are gone. */
import type { Tensor, Variable } from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { prepareBackend } from '../../backend/choose.ts';
import { nativeFailure } from '../../backend/compiled/native.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import { compile } from './compile.ts';
import type { Trainable } from './contract.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = loadTensorFlow();
  await prepareBackend(tf);
});
afterEach(() => vi.restoreAllMocks());

const native = nativeFailure() === undefined;

function trainable(apply: (x: Tensor, weight: Variable) => Tensor): Trainable & { weight: Variable } {
  const weight = tf.variable(tf.ones([2, 1]));
  return { name: 'mine', weight, trainable: () => [weight], apply: ([x]) => apply(x ?? weight, weight) };
}
const squares = (target: Tensor, prediction: Tensor): Tensor => target.sub(prediction).square();

describe.each([true, false])('numbers that are none, compiled: %s', (compiled) => {
  it('are traced to the layer, and leave the model as it was', async () => {
    const { layers } = tf;
    class Logarithm extends layers.Layer {
      static className = 'Logarithm';
      override call(inputs: Tensor | Tensor[]): Tensor {
        const [x] = Array.isArray(inputs) ? inputs : [inputs];
        if (!x) throw new Error('no input');
        return x.log();
      }
    }
    const model = tf.sequential({
      layers: [
        layers.dense({ units: 4, activation: 'relu', inputShape: [2], kernelInitializer: 'ones' }),
        layers.batchNormalization(),
        layers.dropout({ rate: 0.5 }),
        new Logarithm({ name: 'logarithm' }),
        layers.dense({ units: 1 }),
      ],
    });
    const step = await compile(model, { optimizer: 'adam', loss: 'meanSquaredError', checkNumbers: true, compiled });
    const weights = (): number[] => model.getWeights().flatMap((weight) => Array.from(weight.dataSync()));
    const before = weights();
    const [x, y] = [tf.ones([3, 2]), tf.ones([3, 1])];
    const tensors = tf.memory().numTensors;
    await expect(step(x, y)).rejects.toThrow(
      /^step 1: (NaN|infinity) first appears in Log in layer "logarithm".*, of numbers from .*The weights are as they were/,
    );
    expect(weights()).toEqual(before);
    expect(step.updates).toBe(0);
    expect(tf.memory().numTensors).toBe(tensors + (await anew(() => step(x, y))));
    step.dispose();
    tf.dispose([x, y]);
    model.dispose();
  });

  it('are traced to the gradient, the batch and the weight', async () => {
    const root = trainable((x, weight) => tf.matMul(x, weight).abs().sqrt());
    const options = {
      optimizer: { kind: 'sgd', learningRate: 1 },
      loss: squares,
      checkNumbers: true,
      compiled,
    } as const;
    const step = await compile(root, options);
    const [x, y] = [tf.zeros([3, 2]), tf.ones([3, 1])];
    await expect(step(x, y)).rejects.toThrow(/first appears in \w+ for the gradient of Sqrt/);
    const gap = tf.tensor2d([1, 1, 1, Number.NaN, 1, 1], [3, 2]);
    await expect(step(gap, y)).rejects.toThrow('step 2: the input itself holds NaN, in example 1');
    const good = tf.ones([3, 2]);
    expect((await step(good, y)).loss).toBeCloseTo((1 - Math.SQRT2) ** 2, 5);
    root.weight.assign(tf.tensor2d([1, Number.POSITIVE_INFINITY], [2, 1]));
    await expect(step(good, y)).rejects.toThrow(/step 4: the weight \S+ itself holds Infinity/);
    step.dispose();
    tf.dispose([x, y, gap, good, root.weight]);
  });
});

describe.skipIf(!native)('what cannot be compiled', () => {
  it('is a function whose numbers change between steps: the right ones are trained with', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    let beta = 1;
    const model = trainable((x, weight) => tf.matMul(x, weight).mul(beta));
    const step = await compile(model, { optimizer: { kind: 'sgd', learningRate: 0 }, loss: squares });
    const [x, y] = [tf.ones([1, 2]), tf.zeros([1, 1])];
    expect((await step(x, y)).loss).toBe(4);
    expect(step.engine).toBe('compiled');
    beta = 3;
    expect((await step(x, y)).loss).toBe(36);
    expect(step.engine).toBe('eager');
    expect(step.reason).toMatch(
      /the number 1 became 3 between two steps.*must come with the batch, or as a tf.variable/,
    );
    await step(x, y);
    expect(warn).toHaveBeenCalledTimes(1);
    step.dispose();
    tf.dispose([x, y, model.weight]);
  });

  it('is a batch of another shape each time; training goes on where it was', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const train = async (compiled: boolean): Promise<number[]> => {
      const model = trainable((x, weight) => tf.matMul(x, weight));
      const step = await compile(model, { optimizer: 'adam', loss: squares, compiled });
      for (let size = 1; size <= 20; size++) {
        const [x, y] = [tf.ones([size, 2]), tf.zeros([size, 1])];
        await step(x, y);
        tf.dispose([x, y]);
      }
      if (compiled) expect(step.reason).toMatch(/more than 16 shapes, the latest \[17,2\] and \[17,1\]/);
      step.dispose();
      const weights = Array.from(model.weight.dataSync());
      model.weight.dispose();
      return weights;
    };
    const [mine, reference] = [await train(true), await train(false)];
    expect(mine[0]).toBeCloseTo(reference[0] ?? 9, 6);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it('is chance that nobody can repeat, and numbers that are read', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const cases: [RegExp, (x: Tensor, weight: Variable) => Tensor][] = [
      [
        /it draws random numbers with \w+/,
        (x, weight) => tf.matMul(x, weight).add(tf.rand([1, 1], () => Math.random())),
      ],
      [/Math\.random/, (x, weight) => (Math.random() < 2 ? tf.matMul(x, weight) : x)],
      [/it reads the numbers of a tensor/, (x, weight) => tf.matMul(x, weight).mul(x.dataSync()[0] ?? 0)],
    ];
    for (const [reason, apply] of cases) {
      const model = trainable(apply);
      const step = await compile(model, { optimizer: 'sgd', loss: squares });
      const [x, y] = [tf.ones([1, 2]), tf.zeros([1, 1])];
      expect((await step(x, y)).loss).toBeGreaterThan(0);
      expect(step.reason).toMatch(reason);
      step.dispose();
      tf.dispose([x, y, model.weight]);
    }
  });
});

describe('what is gone', () => {
  it('is named: a batch, a weight, a step', async () => {
    const model = trainable((x, weight) => tf.matMul(x, weight));
    const step = await compile(model, { optimizer: 'sgd', loss: squares });
    const [x, y] = [tf.ones([1, 2]), tf.zeros([1, 1])];
    const running = step(x, y);
    tf.dispose([x, y]);
    expect((await running).loss).toBe(4);
    await expect(step(x, y)).rejects.toThrow('the input [1, 2] was disposed of before its step');
    const [next, target] = [tf.ones([1, 2]), tf.zeros([1, 1])];
    model.weight.dispose();
    await expect(step(next, target)).rejects.toThrow(/mine cannot be trained: its weight \S+ was disposed of/);
    step.dispose();
    await expect(step(next, target)).rejects.toThrow('this step was disposed of');
    tf.dispose([next, target]);
    const layers = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    const other = await compile(layers, { optimizer: 'sgd', loss: 'meanSquaredError' });
    layers.dispose();
    const [a, b] = [tf.ones([1, 2]), tf.zeros([1, 1])];
    await expect(other(a, b)).rejects.toThrow(/disposed/);
    other.dispose();
    tf.dispose([a, b]);
  });
});

/** How many tensors a failing step leaves. */
async function anew(work: () => Promise<unknown>): Promise<number> {
  const before = tf.memory().numTensors;
  await work().catch(() => {});
  return tf.memory().numTensors - before;
}
