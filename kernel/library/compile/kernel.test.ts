/** Compiled steps in a real kernel: what is said names the cell's line, and interrupts leave everything usable. */
import { expect, it } from 'vitest';
import { nativeFailure } from '../../backend/compiled/native.ts';
import { startKernel } from '../../process/harness.ts';

const SETUP = `
import * as tf from '@tensorflow/tfjs';
import { compile } from 'trialroom';
const weight = tf.variable(tf.ones([8, 1]));
const x = tf.randomNormal([64, 8]);
const y = x.sum(1, true);
`;

it.skipIf(nativeFailure() !== undefined)('what cannot be compiled is named with its line in the cell', async () => {
  const kernel = await startKernel();
  expect((await kernel.run(SETUP)).end).toBe('ok');
  const { result, error } = await kernel.run(`
const net = {
  name: 'net',
  trainable: () => [weight],
  apply: ([x]) => {
    const h = x.matMul(weight);
    h.dataSync();
    return h;
  },
};
const looking = await compile(net, { optimizer: 'adam', loss: 'mse' });
await looking(x, y);
looking.reason`);
  expect(error).toBeUndefined();
  expect(result).toMatch(/reads the numbers of a tensor.*\(cell \[2\]:7:\d+\)/);
  await kernel.close();
});

it.skipIf(nativeFailure() !== undefined)('training goes on after interrupts at any moment', async () => {
  const kernel = await startKernel();
  expect((await kernel.run(SETUP)).end).toBe('ok');
  const made = await kernel.run(`
const plain = { trainable: () => [weight], apply: ([x]) => tf.dropout(x, 0.1).matMul(weight) };
const step = await compile(plain, { optimizer: { kind: 'adamw', learningRate: 0.001 }, loss: 'mse', accumulate: 2, clipNorm: 1 });
const before = Math.random;
`);
  expect(made.error).toBeUndefined();
  for (let round = 0; round < 5; round++) {
    // Batches of many sizes at first, so that the interrupt may strike a recording.
    const execution = kernel.start(`
console.log('begun');
for (let size = 1; ; size = (size % 14) + 1) await step(x.slice([0], [size]), y.slice([0], [size]));
`);
    await kernel.untilPrinted(execution, 'begun');
    kernel.send({ type: 'interrupt' });
    expect((await kernel.finished(execution)).end).toBe('aborted');
    const { result, error } = await kernel.run(`
const { loss } = await step(x, y);
[Number.isFinite(loss), weight.dataSync().every(Number.isFinite), step.engine, tf.getBackend(), Math.random === before].join(' ')`);
    expect(error).toBeUndefined();
    expect(result).toBe("'true true compiled wasm true'");
  }
  await kernel.close();
});
