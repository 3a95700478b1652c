/** The two ways of applying a rule: over memory and with tensors. */
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, type TensorFlow } from '../../tensorflow.ts';
import { Heap } from '../heap.ts';
import { HeapUpdate } from './heap-update.ts';
import type { OptimizerSpec } from './rules.ts';
import { TensorUpdate } from './tensor-update.ts';
import type { Update, UpdateSettings } from './update.ts';

let tf: TensorFlow;
let heap: Heap;
beforeAll(async () => {
  tf = loadTensorFlow();
  await tf.setBackend('wasm');
  const backend = tf.backend();
  if (!(backend instanceof BackendWasm)) throw new Error('the WebAssembly backend is missing');
  heap = new Heap(backend);
});
afterAll(() => tf.setBackend('cpu'));

const SHAPES = [[3, 5], [7], [1]];
const SPECS: OptimizerSpec[] = [
  { kind: 'sgd', learningRate: (update) => 0.1 / update },
  { kind: 'momentum', learningRate: 0.05, momentum: 0.9, nesterov: true },
  { kind: 'rmsprop', learningRate: 0.01, momentum: 0.5 },
  { kind: 'rmsprop', learningRate: 0.01, centered: true },
  { kind: 'adagrad', learningRate: 0.1 },
  { kind: 'adadelta', learningRate: 0.5 },
  { kind: 'adam', learningRate: 0.01 },
  { kind: 'adamw', learningRate: 0.01, weightDecay: 0.1 },
  { kind: 'adamax', learningRate: 0.01, decay: 0.01 },
  { kind: 'lion', learningRate: 1 / 128, weightDecay: 0.1 },
];
const OPTIONS: Omit<UpdateSettings, 'spec'>[] = [
  { accumulate: 1 },
  { accumulate: 3, clipNorm: 0.5 },
  { accumulate: 1, clipNorm: 0.7, clipValue: 0.2 },
];

/** Weights after `calls` calls, stopped and gone on with from a state in the middle when `stop` is given. */
async function run(
  make: (variables: ReturnType<TensorFlow['variable']>[]) => Update,
  stop?: number,
): Promise<number[]> {
  const variables = SHAPES.map((shape, number) =>
    tf.tidy(() =>
      tf.variable(
        tf.tensor(
          values(shape, (at) => Math.cos(at * 1.3 + number)),
          shape,
        ),
      ),
    ),
  );
  let update = make(variables);
  for (let call = 1; call <= 100; call++) {
    const gradients = variables.map((variable, number) =>
      // The second weight is left out now and then, as when a loss does not depend on it.
      number === 1 && call % 5 === 0
        ? undefined
        : tf.tidy(() =>
            variable.mul(0.5).add(
              tf.tensor(
                values(variable.shape, (at) => Math.sin(at + call)),
                variable.shape,
              ),
            ),
          ),
    );
    update.take(variables, gradients);
    tf.dispose(gradients.filter((gradient) => gradient !== undefined));
    if (call !== stop) continue;
    const state = await update.state();
    update.dispose();
    update = make(variables);
    update.restore(state);
  }
  const weights = variables.flatMap((variable) => Array.from(variable.dataSync()));
  update.dispose();
  tf.dispose(variables);
  return weights;
}

const values = (shape: number[], at: (index: number) => number): number[] =>
  Array.from({ length: shape.reduce((product, length) => product * length, 1) }, (_, index) => at(index));

describe('updates', () => {
  it.each(
    SPECS.flatMap((spec) =>
      OPTIONS.map((options) => ({ name: JSON.stringify({ ...spec, ...options }), spec, options })),
    ),
  )('are the same over memory and with tensors, and after a stop: $name', async ({ spec, options }) => {
    const before = tf.memory().numTensors;
    const settings = { spec, ...options };
    const overMemory = await run((variables) => new HeapUpdate(tf, heap, variables, settings));
    const stopped = await run((variables) => new HeapUpdate(tf, heap, variables, settings), 50);
    expect(stopped).toEqual(overMemory);
    const withTensors = await run((variables) => new TensorUpdate(tf, variables, settings));
    expect(await run((variables) => new TensorUpdate(tf, variables, settings), 50)).toEqual(withTensors);
    for (const [index, weight] of overMemory.entries()) {
      expect(Math.abs((withTensors[index] ?? 9) - weight)).toBeLessThan(1e-5);
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuse a state of other weights', async () => {
    const settings = { spec: { kind: 'adam', learningRate: 0.1 }, accumulate: 1 } as const;
    const [a, b] = tf.tidy(() => [tf.variable(tf.ones([3])), tf.variable(tf.ones([4]))]);
    for (const make of [
      (one: typeof a) => new HeapUpdate(tf, heap, [one], settings),
      (one: typeof a) => new TensorUpdate(tf, [one], settings),
    ]) {
      const [mine, other] = [make(a), make(b)];
      const state = await mine.state();
      expect(() => other.restore(state)).toThrow(/the state of \S+ holds 3 numbers, and the weight is \[4\]/);
      expect(() => other.restore({ ...state, slots: [] })).toThrow('the state is of 0 weights, and 1 are trained here');
      mine.dispose();
      other.dispose();
    }
    tf.dispose([a, b]);
  });
});
