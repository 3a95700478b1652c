import { beforeAll, beforeEach, expect, it } from 'vitest';
import { prepareBackend } from '../../backend/choose.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import { seed } from '../seed.ts';
import { MemoryHost } from './memory-host.ts';
import { Trial } from './trial.ts';

let tf: TensorFlow;
let host: MemoryHost;
let run: Trial;

beforeAll(async () => {
  tf = loadTensorFlow();
  await prepareBackend(tf);
});
beforeEach(() => {
  host = new MemoryHost();
  run = new Trial(host, 't1', 'first', undefined);
});

/** A small classifier and 40 examples for it. */
function task() {
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [3], units: 2, activation: 'softmax' })] });
  model.compile({ optimizer: tf.train.sgd(0.1), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const x = tf.randomUniform([40, 3]);
  const y = tf.oneHot(
    tf.tensor1d(
      Array.from({ length: 40 }, (_, i) => i % 2),
      'int32',
    ),
    2,
  );
  return { model, x, y };
}

it('logs every batch, and each epoch what was held back, at the number of updates made', async () => {
  const { model, x, y } = task();
  await model.fit(x, y, { epochs: 3, batchSize: 8, validationSplit: 0.2, verbose: 0, callbacks: run.callbacks() });
  await run.finish();
  // 32 examples to learn from, in batches of 8.
  const steps = Array.from({ length: 12 }, (_, index) => index + 1);
  expect(host.points('loss').map(([step]) => step)).toEqual(steps);
  expect(host.points('accuracy').map(([step]) => step)).toEqual(steps);
  expect(host.points('val_loss').map(([step]) => step)).toEqual([4, 8, 12]);
  expect(host.points('val_accuracy').map(([step]) => step)).toEqual([4, 8, 12]);
  const keys = new Set(host.batches.flatMap(({ columns }) => columns.map(({ key }) => key)));
  expect([...keys].sort()).toEqual(['accuracy', 'loss', 'val_accuracy', 'val_loss']);
  const told = host.sent.filter((message) => message.type === 'trial.progress');
  expect(told[0]?.progress).toEqual({ done: 0, total: 12, note: 'epoch 1 of 3' });
  expect(told.at(-1)?.progress).toEqual({ done: 12, total: 12, note: 'epoch 3 of 3' });
});

it('makes one curve of two fits', async () => {
  const { model, x, y } = task();
  const args = { epochs: 1, batchSize: 20, verbose: 0 } as const;
  await model.fit(x, y, { ...args, callbacks: run.callbacks() });
  await model.fit(x, y, { ...args, callbacks: run.callbacks() });
  await run.finish();
  expect(host.points('loss').map(([step]) => step)).toEqual([1, 2, 3, 4]);
});

it('ends training at the next batch when asked to stop, and the trial as stopped', async () => {
  const { model, x, y } = task();
  const log = run.log.bind(run);
  run.log = (values, options) => {
    log(values, options);
    if (options?.step === 5) host.stops.add('t1');
  };
  await model.fit(x, y, { epochs: 1000, batchSize: 8, verbose: 0, callbacks: run.callbacks() });
  await run.finish();
  expect(host.points('loss')).toHaveLength(5);
  expect(host.sent.at(-1)).toMatchObject({ type: 'trial.finish', end: 'stopped' });
});

it('waits between two batches while paused', async () => {
  const { model, x, y } = task();
  const send = host.send.bind(host);
  let resumed = 0;
  host.send = (message, payload) => {
    send(message, payload);
    if (message.type !== 'trial.paused' || !message.paused) return;
    setImmediate(() => {
      resumed = run.step;
      host.wish('t1', 'resume');
    });
  };
  const log = run.log.bind(run);
  run.log = (values, options) => {
    log(values, options);
    if (options?.step === 3) host.wish('t1', 'pause');
  };
  await model.fit(x, y, { epochs: 1, batchSize: 8, verbose: 0, callbacks: run.callbacks() });
  await run.finish();
  expect(resumed).toBe(3);
  expect(host.points('loss')).toHaveLength(5);
});

it('ends training in the background after an interrupt, and the model can be trained again', async () => {
  const { model, x, y } = task();
  const log = run.log.bind(run);
  run.log = (values, options) => {
    if (options?.step === 5) host.end('execution 1', 'aborted');
    log(values, options);
  };
  const fit = model.fit(x, y, { epochs: 1000, batchSize: 8, verbose: 0, callbacks: run.callbacks() });
  await expect(fit).rejects.toThrow('was interrupted');
  expect(host.points('loss')).toHaveLength(4);
  const again = new Trial(host, 't2', 'again', undefined);
  await model.fit(x, y, { epochs: 1, batchSize: 40, verbose: 0, callbacks: again.callbacks() });
  await again.finish();
  expect(host.points('loss')).toHaveLength(5);
});

it('leaves no tensor behind', async () => {
  const { model, x, y } = task();
  await model.fit(x, y, { epochs: 1, verbose: 0, callbacks: run.callbacks() });
  const before = tf.memory().numTensors;
  const history = await model.fit(x, y, { epochs: 2, batchSize: 8, verbose: 0, callbacks: run.callbacks() });
  expect(history.epoch).toEqual([0, 1]);
  expect(tf.memory().numTensors).toBe(before);
});

it('gives the same figures for the same seed, and others for another', async () => {
  const curve = async (value: number): Promise<number[]> => {
    seed(value);
    const own = new MemoryHost();
    const again = new Trial(own, 't1', 'again', undefined);
    const { model, x, y } = task();
    await model.fit(x, y, { epochs: 2, batchSize: 8, verbose: 0, callbacks: again.callbacks() });
    await again.finish();
    return own.points('loss').map(([, loss]) => loss);
  };
  const first = await curve(1);
  expect(first).toHaveLength(10);
  expect(await curve(1)).toEqual(first);
  expect(await curve(2)).not.toEqual(first);
});
