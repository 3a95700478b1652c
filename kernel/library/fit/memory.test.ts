/** A thousand trainings, each of a model of its own, hold on to nothing: tensors, WebAssembly's memory, the process. */
import { beforeAll, expect, it } from 'vitest';
import { prepareBackend } from '../../backend/choose.ts';
import { heapOf } from '../../backend/compiled/heap.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import { dataset } from '../data/dataset/make.ts';
import { fit } from './fit.ts';
import { EVERYTHING, smallData, smallModel } from './going-on.ts';

let tf: TensorFlow;
beforeAll(async () => {
  // Threads of a thousand small steps would mostly wait for one another, and keep other tests from their cores.
  process.env.TRIALROOM_THREADS = '1';
  tf = loadTensorFlow();
  await prepareBackend(tf);
});

const heapBytes = (): number => heapOf(tf)?.buffer.byteLength ?? 0;

it('a thousand fits keep memory flat', async () => {
  const [inputs, targets] = smallData();
  const set = dataset({ inputs, targets });
  const once = async (round: number): Promise<void> => {
    const model = smallModel(tf, round);
    // Arrays, and batches that are prepared here.
    const data = round % 2 === 0 ? smallData() : set.batches({ batchSize: 8, shuffle: true, thread: 'main' });
    const validation = round % 2 === 0 ? 0.2 : smallData();
    await fit(model, data, { ...EVERYTHING, validation, epochs: 1, seed: round });
    model.dispose();
  };
  for (let round = 0; round < 100; round++) await once(round);
  const [{ numTensors, numDataBuffers }, bytes, rss] = [tf.memory(), heapBytes(), process.memoryUsage.rss()];
  for (let round = 100; round < 1000; round++) await once(round);
  expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
  expect(heapBytes()).toBe(bytes);
  // What is not collected yet comes and goes; 900 native sessions that stayed would be several hundred megabytes.
  expect((process.memoryUsage.rss() - rss) / 2 ** 20).toBeLessThan(150);
}, 400_000);
