/** WebAssembly without memory: the real allocator, asked for more than there can be. */
import { beforeAll, expect, it } from 'vitest';
import { prepareBackend } from '../choose.ts';
import { loadTensorFlow, type TensorFlow } from '../tensorflow.ts';
import { checkMemory, guardAllocator, OutOfMemory, sizeText } from './memory.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = loadTensorFlow();
  process.env.TRIALROOM_BACKEND = 'wasm';
  await prepareBackend(tf);
});

it('a tensor that cannot be had is refused, and all else goes on', () => {
  const [column, row] = [tf.ones([40_000, 1]), tf.ones([1, 40_000])];
  const before = tf.memory();
  expect(() => column.matMul(row)).toThrow(
    /a tensor of 5\.96 GB was asked for, and WebAssembly, which has 4 GB in all, is not able to give it: .* are in use/,
  );
  expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numBytes: before.numBytes });
  expect(row.sum().dataSync()[0]).toBe(40_000);
});

it('in training it says which parameter lowers it, and the next training works', async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.upSampling2d({ size: [40, 40], inputShape: [30, 30, 1] }),
      tf.layers.conv2d({ filters: 8, kernelSize: 1 }),
      tf.layers.globalAveragePooling2d({}),
    ],
  });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const train = (batchSize: number) =>
    model.fit(tf.zeros([100, 30, 30, 1]), tf.zeros([100, 8]), { batchSize, epochs: 1, verbose: 0 });
  await expect(train(100)).rejects.toThrow(
    /a step with batchSize 100 needs 4\.83 GB or more .*, and WebAssembly has 4 GB\. Lower the batchSize to 32/,
  );
  const small = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
  small.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  await expect(small.fit(tf.zeros([4, 2]), tf.zeros([4, 1]), { verbose: 0 })).resolves.toBeDefined();
});

it('an allocator that gives nothing is an error, but nothing asked for is not', () => {
  const given: number[] = [];
  const allocator = {
    _malloc(bytes: number): number {
      given.push(bytes);
      return bytes > 100 ? 0 : 16;
    },
    _free(): void {},
  };
  guardAllocator(allocator, () => 3 * 2 ** 20);
  expect(allocator._malloc(100)).toBe(16);
  expect(() => allocator._malloc(2048)).toThrow(/a tensor of 2 kB .* 3 MB are in use/);
  expect(() => allocator._malloc(2 ** 33)).toThrow(OutOfMemory);
  expect(given.at(-1)).toBe(2048);
});

it('sizes are said in the unit that suits them', () => {
  expect([0, 1023, 1024, 1536, 5 * 2 ** 20, 2 ** 40].map(sizeText)).toEqual(
    ['0 B', '1,023 B', '1 kB', '1.5 kB', '5 MB', '1 TB'].map((text) => text.replace('1,023', '1023')),
  );
  expect(() => checkMemory({ activations: 10, weights: 10 }, 20, 1, 'it')).not.toThrow();
});
