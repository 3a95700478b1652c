/** Steps hold on to nothing: neither tensors nor WebAssembly's memory. */
import { beforeAll, expect, it } from 'vitest';
import { prepareBackend } from '../../backend/choose.ts';
import { heapOf } from '../../backend/compiled/heap.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import { compile } from './compile.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = loadTensorFlow();
  await prepareBackend(tf);
});

const build = () =>
  tf.sequential({
    layers: [
      tf.layers.dense({ units: 64, activation: 'relu', inputShape: [32] }),
      tf.layers.batchNormalization(),
      tf.layers.dropout({ rate: 0.2 }),
      tf.layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
const OPTIONS = {
  optimizer: 'adam',
  loss: 'sparseCategoricalCrossentropy',
  metrics: ['accuracy'],
  clipNorm: 1,
} as const;
/** Bytes of WebAssembly's memory; 0 elsewhere. */
const heapBytes = (): number => heapOf(tf)?.buffer.byteLength ?? 0;

it('is flat over a thousand steps', async () => {
  const model = build();
  const step = await compile(model, OPTIONS);
  const [x, y] = [tf.randomNormal([16, 32]), tf.randomUniform([16], 0, 3, 'int32')];
  await step(x, y);
  await step(x, y);
  const [tensors, bytes] = [tf.memory().numTensors, heapBytes()];
  for (let round = 0; round < 1000; round++) await step(x, y);
  expect(tf.memory().numTensors).toBe(tensors);
  expect(heapBytes()).toBe(bytes);
  step.dispose();
  model.dispose();
  tf.dispose([x, y]);
});

it('is flat over two hundred models that are compiled and disposed of', async () => {
  const [x, y] = [tf.randomNormal([16, 32]), tf.randomUniform([16], 0, 3, 'int32')];
  // A quarter of a megabyte of optimizer each: a leak would make the memory grow.
  const round = async (): Promise<void> => {
    const weight = tf.tidy(() => tf.variable(tf.zeros([32, 512])));
    const model = { trainable: () => [weight], apply: () => tf.matMul(x, weight).sum(1) };
    const step = await compile(model, { ...OPTIONS, loss: 'mse', metrics: [] });
    const target = y.toFloat();
    await step(x, target);
    step.dispose();
    tf.dispose([weight, target]);
  };
  await round();
  const [tensors, bytes] = [tf.memory().numTensors, heapBytes()];
  for (let count = 0; count < 200; count++) await round();
  expect(tf.memory().numTensors).toBe(tensors);
  expect(heapBytes()).toBe(bytes);
  tf.dispose([x, y]);
});
