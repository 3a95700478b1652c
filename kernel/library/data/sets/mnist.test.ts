import { afterAll, describe, expect, it } from 'vitest';
import type { LabelledImages } from './labelled-images.ts';
import { mnist } from './mnist.ts';

const loaded: LabelledImages[] = [];
afterAll(() => {
  for (const images of loaded) images.dispose();
});

describe('mnist', () => {
  it('gives all 70,000 images with their labels', async () => {
    const { train, test } = await mnist();
    loaded.push(train, test);
    expect(train.images.shape).toEqual([60_000, 28, 28, 1]);
    expect(test.labels.shape).toEqual([10_000, 10]);
    // Counts of each digit as published with the collection.
    const counts = Array<number>(10).fill(0);
    for (const digit of train.digits) counts[digit] = (counts[digit] ?? 0) + 1;
    expect(counts).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect([...train.digits.subarray(0, 8)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3]);
    expect([...test.digits.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]);
  });

  it('gives tensors that say what the bytes say', async () => {
    const { train } = await mnist({ train: 20, test: 10 });
    loaded.push(train);
    expect(train.count).toBe(20);
    const ink = train.images.dataSync();
    expect(Array.from(ink, (value) => Math.round(value * 255))).toEqual([...train.pixels]);
    expect(Math.max(...ink)).toBe(1);
    expect([...train.labels.argMax(1).dataSync()]).toEqual([...train.digits]);
    expect(train.labels.sum().dataSync()[0]).toBe(20);
  });

  it('gives a data set that holds the same', async () => {
    const { train } = await mnist({ train: 20 });
    loaded.push(train);
    const { inputs, targets } = await train.dataset().all();
    expect(inputs[0]?.shape).toEqual([20, 28, 28, 1]);
    expect(inputs[0]?.values).toEqual(train.images.dataSync());
    expect(targets[0]?.values).toEqual(train.labels.dataSync());
    expect(train.dataset({ flat: true }).inputs).toEqual([{ shape: [784], dtype: 'float32' }]);
    expect([...(await train.dataset({ oneHot: false }).all()).targets.flatMap(({ values }) => [...values])]).toEqual([
      ...train.digits,
    ]);
  });

  it('refuses a number of images that there is not', async () => {
    await expect(mnist({ train: 60_001 })).rejects.toThrow(
      'data.mnist({ train: 60001 }): give a whole number from 1 to 60000',
    );
    await expect(mnist({ test: 0 })).rejects.toThrow('data.mnist({ test: 0 }): give a whole number from 1 to 10000');
  });
});
