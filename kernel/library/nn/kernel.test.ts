/** Networks in a real kernel: a model built before anything asks for an engine is shown, trained, saved and loaded. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from '../../process/harness.ts';

let kernel: KernelHarness;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nn-'));
  kernel = await startKernel({ cwd: import.meta.dirname });
});
afterAll(async () => {
  await kernel.close();
  await rm(folder, { recursive: true });
});

it('a summary is a table under the cell', async () => {
  const ran = await kernel.run(`
    import { fit, load, nn, save } from 'trialroom';
    const model = nn.sequential([
      nn.input([4, 6]),
      nn.transformerEncoder({ heads: 2, dropout: 0.2, blocks: 2 }),
      nn.sequencePooling(),
      nn.dense({ units: 2, activation: 'softmax' }),
    ], { seed: 1 });
    nn.summary(model)`);
  expect(ran.error).toBeUndefined();
  expect(ran.text).toBe('');
  const shown = ran.outputs.find((output) => output.type === 'result');
  expect(shown).toMatchObject({
    data: {
      'text/plain': expect.stringMatching(/multi_head_attention_\S+ +MultiHeadAttention +\[4, 6\] +168/),
      'text/html': expect.stringContaining('<table>'),
    },
  });
});

it('the model learns, dropout and all, and comes back from a file', async () => {
  const path = join(folder, 'model.safetensors');
  const ran = await kernel.run(`
    import * as tf from '@tensorflow/tfjs';
    const x = tf.randomNormal([64, 4, 6], 0, 1, 'float32', 7);
    const y = x.mean(1).slice([0, 0], [-1, 1]).greater(0).reshape([64]).toInt();
    const told = await fit(model, [x, y], {
      optimizer: tf.train.adam(0.01), loss: 'sparseCategoricalCrossentropy', epochs: 20, batchSize: 16, progress: false, seed: 1,
    });
    await save(model, ${JSON.stringify(path)});
    const again = await load(${JSON.stringify(path)});
    const [a, b] = [model.predict(x), again.predict(x)];
    const difference = a.sub(b).abs().max().dataSync()[0];
    const losses = told.history.map(({ loss }) => loss);
    JSON.stringify({ reason: told.reason ?? null, difference, learnt: losses.at(-1) < losses[0] / 2 })`);
  expect(ran.error).toBeUndefined();
  expect(JSON.parse(String(ran.result).slice(1, -1))).toEqual({ reason: null, difference: 0, learnt: true });
});

it('what does not fit is said in the words of the cell', async () => {
  const ran = await kernel.run(
    `await fit(model, [tf.zeros([3, 5, 6]), [0, 1, 1]], { optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' })`,
  );
  expect(ran.error?.message).toMatch(/\[any, 4, 6\], and was given \[3, 5, 6\]/);
});
