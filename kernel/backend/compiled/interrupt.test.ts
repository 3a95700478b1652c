/** An interrupt may strike while a step is recorded, while it runs, or between: the model must train on. */
import { expect, it } from 'vitest';
import { startKernel } from '../../process/harness.ts';
import { nativeFailure } from './native.ts';

const MODEL = `
import * as tf from '@tensorflow/tfjs';
const make = () => {
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: 16, activation: 'relu', inputShape: [8] }));
  model.add(tf.layers.batchNormalization());
  model.add(tf.layers.dense({ units: 1 }));
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  return model;
};
const x = tf.randomNormal([64, 8]);
const y = x.sum(1, true);
let model = make();
`;
/** A batch of another size in each round, so that steps are recorded again and again. */
const TRAIN = `
console.log('begun');
for (let size = 1; ; size = (size % 60) + 1) {
  if (size === 1) model = make();
  await model.fit(x, y, { epochs: 1, batchSize: size, verbose: 0 });
}
`;
const CHECK = `
const { history } = await model.fit(x, y, { epochs: 3, batchSize: 7, verbose: 0 });
const weights = model.getWeights().flatMap((weight) => [...weight.dataSync()]);
[history.loss.every(Number.isFinite), weights.every(Number.isFinite), tf.getBackend()].join(' ')
`;

it.skipIf(nativeFailure() !== undefined)('training goes on after interrupts at any moment', async () => {
  const kernel = await startKernel();
  expect((await kernel.run(MODEL)).end).toBe('ok');
  for (let round = 0; round < 6; round++) {
    const execution = kernel.start(TRAIN);
    await kernel.untilPrinted(execution, 'begun');
    kernel.send({ type: 'interrupt' });
    expect((await kernel.finished(execution)).end).toBe('aborted');
    const { result, error } = await kernel.run(CHECK);
    expect(error).toBeUndefined();
    expect(result).toBe("'true true wasm'");
  }
  await kernel.close();
});
