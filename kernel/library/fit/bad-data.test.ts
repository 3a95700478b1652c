/** Data and sizes that cannot be trained on, given to `fit`. */
import { beforeAll, expect, it, vi } from 'vitest';
import { prepareBackend } from '../../backend/choose.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import * as nn from '../nn/index.ts';
import { fit } from './fit.ts';
import type { FitOptions } from './options.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = loadTensorFlow();
  process.env.TRIALROOM_BACKEND = 'cpu';
  await prepareBackend(tf);
});

const options: FitOptions = { optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', progress: false };
const model = () => nn.sequential([nn.input([2]), nn.dense({ units: 3, activation: 'softmax' })]);

it('NaN and infinity are named, with their place', async () => {
  const bad = tf.tensor2d([1, 2, 3, Number.NaN], [2, 2]);
  await expect(fit(model(), [bad, [0, 1]], options)).rejects.toThrow(
    /one of the inputs of the data holds NaN at \[1, 1\]/,
  );
  await expect(fit(model(), [tf.ones([2, 2]), [0, Number.POSITIVE_INFINITY]], options)).rejects.toThrow(
    /one of the targets of the data holds Infinity at \[1\]/,
  );
});

it('one class alone is remarked on, and trained', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  await fit(model(), [tf.ones([4, 2]), [1, 1, 1, 1]], options);
  await fit(model(), [tf.ones([4, 2]), [1, 1, 2, 1]], options);
  await fit(nn.sequential([nn.input([2]), nn.dense({ units: 1 })]), [tf.ones([4, 2]), tf.ones([4, 1])], {
    ...options,
    loss: 'meanSquaredError',
  });
  expect(warn.mock.calls).toEqual([[expect.stringMatching(/^All examples have the same target/)]]);
  warn.mockRestore();
});

it('more memory than there is is refused before a step, and the next training works', async () => {
  const huge = nn.sequential([
    nn.input([30, 30, 1]),
    tf.layers.upSampling2d({ size: [4000, 4000] }),
    tf.layers.globalAveragePooling2d({}),
    nn.dense({ units: 3, activation: 'softmax' }),
  ]);
  await expect(
    fit(huge, [tf.zeros([8, 30, 30, 1]), [0, 1, 2, 0, 1, 2, 0, 1]], { ...options, batchSize: 8 }),
  ).rejects.toThrow(
    /a step with batchSize 8 needs 429 GB or more .* and this machine has .* GB\. Even one example is too much/,
  );
  await expect(fit(model(), [tf.ones([2, 2]), [0, 1]], options)).resolves.toMatchObject({ steps: 1 });
});
