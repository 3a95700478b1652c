import type { Optimizer } from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, type TensorFlow } from '../../tensorflow.ts';
import { type OptimizerSpec, ruleOf } from './rules.ts';
import { compileSweep } from './simd.ts';

/** Not a multiple of four: the last numbers are walked over one by one. */
const COUNT = 43;
const STEPS = 100;
/** A gradient that depends on the weights, so that an error grows instead of vanishing. */
const gradientAt = (weight: number, index: number, step: number): number =>
  Math.fround(weight * (0.5 + (index % 7) / 7) + Math.sin(index + step * 0.7) * 0.3);

/** Weights after {@link STEPS} steps of ours, from the same start as {@link start}. */
function ours(spec: OptimizerSpec): Float32Array {
  const rule = ruleOf(spec);
  const memory = new WebAssembly.Memory({ initial: 1 });
  const sweep = compileSweep(rule.program, memory);
  const bytes = COUNT * 4;
  const addresses = Array.from({ length: rule.program.vectors }, (_, index) => index * bytes);
  const at = (index: number): Float32Array => new Float32Array(memory.buffer, index * bytes, COUNT);
  at(0).set(start());
  rule.memory.forEach((value, index) => void at(2 + index).fill(value));
  for (let step = 1; step <= STEPS; step++) {
    at(1).set(at(0).map((weight, index) => gradientAt(weight, index, step)));
    sweep(addresses, [1, ...rule.scalars(step)], bytes);
  }
  return at(0).slice();
}

const start = (): Float32Array => Float32Array.from({ length: COUNT }, (_, index) => Math.cos(index * 1.3));

let tf: TensorFlow;
beforeAll(async () => {
  tf = loadTensorFlow();
  await tf.setBackend('cpu');
});

function theirs(make: () => Optimizer): Float32Array {
  return tf.tidy(() => {
    const weights = tf.variable(tf.tensor1d(start()));
    const optimizer = make();
    for (let step = 1; step <= STEPS; step++) {
      const values = weights.dataSync().map((weight, index) => gradientAt(weight, index, step));
      optimizer.applyGradients([{ name: weights.name, tensor: tf.tensor1d(values) }]);
    }
    const result = Float32Array.from(weights.dataSync());
    optimizer.dispose();
    weights.dispose();
    return result;
  });
}

function close(mine: Float32Array, reference: ArrayLike<number>): void {
  mine.forEach((value, index) => {
    const other = reference[index] ?? Number.NaN;
    expect(Math.abs(value - other) / Math.max(1, Math.abs(other))).toBeLessThan(1e-6);
  });
}

describe('update rules', () => {
  const cases: [string, OptimizerSpec, () => Parameters<typeof theirs>[0]][] = [
    ['sgd', { kind: 'sgd', learningRate: 0.1 }, () => () => tf.train.sgd(0.1)],
    ['momentum', { kind: 'momentum', learningRate: 0.05, momentum: 0.9 }, () => () => tf.train.momentum(0.05, 0.9)],
    [
      'nesterov',
      { kind: 'momentum', learningRate: 0.05, momentum: 0.9, nesterov: true },
      () => () => tf.train.momentum(0.05, 0.9, true),
    ],
    ['rmsprop', { kind: 'rmsprop', learningRate: 0.01, momentum: 0.5 }, () => () => tf.train.rmsprop(0.01, 0.9, 0.5)],
    [
      'rmsprop, centred',
      { kind: 'rmsprop', learningRate: 0.01, centered: true },
      () => () => tf.train.rmsprop(0.01, 0.9, 0, undefined, true),
    ],
    ['adagrad', { kind: 'adagrad', learningRate: 0.1 }, () => () => tf.train.adagrad(0.1)],
    ['adadelta', { kind: 'adadelta', learningRate: 0.5 }, () => () => tf.train.adadelta(0.5)],
    ['adam', { kind: 'adam', learningRate: 0.01 }, () => () => tf.train.adam(0.01)],
    [
      'adamax',
      { kind: 'adamax', learningRate: 0.01, decay: 0.01 },
      () => () => tf.train.adamax(0.01, 0.9, 0.999, 1e-7, 0.01),
    ],
  ];
  it.each(cases)('%s gives the numbers of TensorFlow.js over 100 steps', (_name, spec, make) => {
    close(ours(spec), theirs(make()));
  });

  /** The same formulas in double precision, written out once more. */
  function reference(update: (w: number, g: number, memory: number[], step: number) => number): number[] {
    return Array.from(start(), (first, index) => {
      let weight = first;
      const memory = [0, 0];
      for (let step = 1; step <= STEPS; step++) weight = update(weight, gradientAt(weight, index, step), memory, step);
      return weight;
    });
  }

  it('adamw decays the weights beside the gradient', () => {
    const expected = reference((w, g, memory, step) => {
      memory[0] = 0.9 * (memory[0] ?? 0) + 0.1 * g;
      memory[1] = 0.999 * (memory[1] ?? 0) + 0.001 * g * g;
      const towards = memory[0] / (1 - 0.9 ** step) / (Math.sqrt(memory[1] / (1 - 0.999 ** step)) + 1e-7);
      return w - 0.01 * (towards + 0.1 * w);
    });
    close(ours({ kind: 'adamw', learningRate: 0.01, weightDecay: 0.1 }), expected);
  });

  it('lion goes a fixed length along the sign of its average', () => {
    const rate = 1 / 128;
    const expected = reference((w, g, memory) => {
      const towards = Math.sign(0.9 * (memory[0] ?? 0) + 0.1 * g);
      memory[0] = 0.99 * (memory[0] ?? 0) + 0.01 * g;
      return w - rate * towards;
    });
    close(ours({ kind: 'lion', learningRate: rate }), expected);
  });

  it('follows a learning rate that changes, and scales gradients', () => {
    const rule = ruleOf({ kind: 'sgd', learningRate: (step) => 1 / step });
    expect(rule.scalars(4)).toEqual([0.25]);
    const memory = new WebAssembly.Memory({ initial: 1 });
    const view = new Float32Array(memory.buffer);
    view.set([1, 2, 3, 4], 0);
    view.set([4, 4, 4, 4], 4);
    compileSweep(rule.program, memory)([0, 16], [0.5, ...rule.scalars(2)], 16);
    expect([...view.slice(0, 4)]).toEqual([0, 1, 2, 3]);
  });
});
