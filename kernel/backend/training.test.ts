import { expect, it } from 'vitest';
import { prepareBackend } from './choose.ts';
import { loadTensorFlow } from './tensorflow.ts';
import { watchTraining } from './training.ts';

it('ends what is being trained, and lets it be trained again at once', async () => {
  const tf = loadTensorFlow();
  await prepareBackend(tf);
  const end = watchTraining(tf);
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 1 })] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const [x, y] = [tf.ones([8, 2]), tf.ones([8, 1])];
  let batches = 0;
  const onBatchEnd = (): void => {
    if (++batches === 3) end();
  };
  await expect(model.fit(x, y, { epochs: 100, batchSize: 4, verbose: 0, callbacks: { onBatchEnd } })).rejects.toThrow(
    'training was interrupted',
  );
  expect(batches).toBe(3);
  expect((await model.fit(x, y, { epochs: 2, verbose: 0 })).epoch).toEqual([0, 1]);
  // Nothing is running: nothing to end.
  end();
  expect((await model.fit(x, y, { epochs: 1, verbose: 0 })).epoch).toEqual([0]);
});
