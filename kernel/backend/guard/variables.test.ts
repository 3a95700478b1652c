/** A model that is built before anything has asked for an engine. */
import { expect, it, vi } from 'vitest';
import { prepareBackend } from '../choose.ts';
import { nativeFailure } from '../compiled/native.ts';
import { loadTensorFlow } from '../tensorflow.ts';

it.skipIf(nativeFailure() !== undefined)('trains compiled once there is one, from the weights it had', async () => {
  const tf = loadTensorFlow();
  const warn = vi.spyOn(console, 'warn');
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3], useBias: false })] });
  expect(tf.getBackend()).toBe('cpu');
  const before = Array.from(model.getWeights()[0]?.dataSync() ?? []);
  process.env.TRIALROOM_BACKEND = 'compiled';
  await prepareBackend(tf);
  expect(Array.from(model.getWeights()[0]?.dataSync() ?? [])).toEqual(before);
  model.compile({ optimizer: tf.train.sgd(1), loss: 'meanSquaredError' });
  await model.fit(tf.ones([4, 3]), tf.zeros([4, 2]), { epochs: 1, batchSize: 4, verbose: 0 });
  // The gradient of each weight is 2 · prediction · input / outputs.
  const [first, second] = [0, 1].map((unit) => (before[unit] ?? 0) + (before[2 + unit] ?? 0) + (before[4 + unit] ?? 0));
  const expected = before.map((weight, index) => weight - ((index % 2 === 0 ? first : second) ?? 0));
  const after = Array.from(model.getWeights()[0]?.dataSync() ?? []);
  for (const [index, weight] of after.entries()) expect(weight).toBeCloseTo(expected[index] ?? Number.NaN, 5);
  expect(warn.mock.calls.flat()).toEqual([]);
});
