import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeNpy, openNpy } from '../formats/npy.ts';
import type { HostBatch } from '../source.ts';
import type { Dataset } from './dataset.ts';
import type { Example } from './example.ts';
import { dataset } from './make.ts';
import { NumericArray } from './numeric.ts';
import { threadCounts } from './prefetch.ts';
import { epochOf, sorted, targetsOf, upTo } from './testing.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialroom-batches-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Examples that say their own number, as input and as target. */
function numbered(count: number, width = 1): Dataset {
  const values = Float32Array.from({ length: count * width }, (_, index) => Math.floor(index / width));
  return dataset({
    inputs: { shape: [count, width], values },
    targets: { shape: [count], values: Int32Array.from({ length: count }, (_, index) => index) },
  });
}

describe('batches', () => {
  it('hold every example once an epoch, in the same order for the same seed and epoch', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.boolean(),
        fc.nat(5),
        fc.nat(),
        async (count, batchSize, shuffle, epoch, seed) => {
          const source = numbered(count).batches({ batchSize, shuffle });
          const batches = await epochOf(source, { epoch, seed });
          expect(batches.map(({ index }) => index)).toEqual(upTo(source.batches ?? -1));
          expect(sorted(targetsOf(batches))).toEqual(upTo(count));
          if (!shuffle) expect(targetsOf(batches)).toEqual(upTo(count));
          expect(await epochOf(source, { epoch, seed })).toEqual(batches);
          for (const { inputs, targets, size } of batches) {
            expect(inputs[0]?.shape).toEqual([size, 1]);
            expect([...(inputs[0]?.values ?? [])]).toEqual([...(targets[0]?.values ?? [])]);
          }
        },
      ),
    );
  });

  it('begun in the middle are those that would have come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(12),
        async (n, size, from) => {
          const source = numbered(n).batches({ batchSize: size, shuffle: true });
          const all = await epochOf(source, { epoch: 3, seed: 9 });
          expect(await epochOf(source, { epoch: 3, seed: 9, from })).toEqual(all.slice(from));
        },
      ),
    );
  });

  it('are ordered anew in each epoch, and by each seed', async () => {
    const source = numbered(50).batches({ batchSize: 50, shuffle: true });
    const orders = await Promise.all(
      [
        { epoch: 0, seed: 1 },
        { epoch: 1, seed: 1 },
        { epoch: 0, seed: 2 },
        { epoch: 0, seed: 1 + 2 ** 32 },
      ].map((options) => epochOf(source, options)),
    );
    expect(new Set(orders.map((batches) => targetsOf(batches).join())).size).toBe(4);
  });

  it('may leave out a small last one', async () => {
    const source = numbered(10).batches({ batchSize: 4, dropLast: true });
    expect(source.batches).toBe(2);
    expect((await epochOf(source, { epoch: 0, seed: 0 })).map(({ size }) => size)).toEqual([4, 4]);
  });

  it('carry weights and classes', async () => {
    const set = dataset({ inputs: [[1], [2], [3]], labels: ['b', 'a', 'b'], weights: [0.5, 1, 2] });
    expect(set.classes).toEqual(['a', 'b']);
    const [batch] = await epochOf(set.batches(), { epoch: 0, seed: 0 });
    expect(batch?.weights).toEqual({ dtype: 'float32', shape: [3], values: Float32Array.of(0.5, 1, 2) });
    expect(batch?.targets).toEqual([{ dtype: 'float32', shape: [3, 2], values: Float32Array.of(0, 1, 1, 0, 0, 1) }]);
    expect([...set.labels()]).toEqual([1, 0, 1]);
  });

  it.each([
    [{ batchSize: 0 }, 'batches({ batchSize: 0 }): give a whole number from 1 on'],
    [{ batchSize: 20, dropLast: true }, 'the data set has 10 examples, so no batch would be left'],
    [{ shuffle: { window: 0 } }, 'window: 0'],
    [{ augment: { rotate: 5 } }, 'augment { rotate } fits no input of this data set (float32 [1])'],
    [{ augment: { shift: 0.5 } }, 'augment { shift: 0.5 }: give a whole number of pixels'],
  ])('with %j are refused', (options, message) => {
    expect(() => numbered(10).batches(options)).toThrow(message);
  });

  it('refuse epochs and seeds that are none', async () => {
    const source = numbered(3).batches();
    await expect(epochOf(source, { epoch: -1, seed: 0 })).rejects.toThrow('epoch({ epoch: -1 })');
    await expect(epochOf(source, { epoch: 0, seed: 0.5 })).rejects.toThrow('seed 0.5: give a whole number');
  });
});

describe('a thread of its own', () => {
  it('prepares the same batches, also from the middle, and is given back', async () => {
    const set = numbered(1000, 20);
    const options = { batchSize: 64, shuffle: true, augment: { noise: 0.1 } } as const;
    const here = set.batches({ ...options, thread: 'main' });
    const there = set.batches({ ...options, thread: 'worker' });
    const all = await epochOf(here, { epoch: 2, seed: 5 });
    expect(await epochOf(there, { epoch: 2, seed: 5 })).toEqual(all);
    expect(await epochOf(there, { epoch: 2, seed: 5, from: 10 })).toEqual(all.slice(10));
    expect(threadCounts().working).toBe(0);
    expect(await here.hash()).toBe(await there.hash());
  });

  it('fills the memory of lent batches again, with the same numbers', async () => {
    const set = dataset({
      inputs: { shape: [200, 3], values: Float32Array.from({ length: 600 }, (_, index) => index) },
      labels: upTo(200).map((number) => number % 4),
    });
    const source = set.batches({ batchSize: 16, shuffle: true, thread: 'worker' });
    const kept = await epochOf(source, { epoch: 1, seed: 3 });
    const copies: HostBatch[] = [];
    const lent: HostBatch[] = [];
    for await (const batch of source.epoch({ epoch: 1, seed: 3, lent: true })) {
      copies.push(structuredClone(batch));
      lent.push(batch);
    }
    expect(copies).toEqual(kept);
    expect(lent.map(({ inputs }) => inputs[0]?.values.length)).toEqual(lent.map(() => 0));
    expect(threadCounts().working).toBe(0);
  });

  it('lends nothing that a function of the notebook was given', async () => {
    const same = ({ inputs }: Example) => ({ inputs: inputs.map(({ values }) => [...values]) });
    const source = numbered(40).map(same).batches({ batchSize: 10, thread: 'worker' });
    const kept = await epochOf(source, { epoch: 0, seed: 0 });
    expect(await epochOf(source, { epoch: 0, seed: 0, lent: true })).toEqual(kept);
  });

  it('is free again when a loop is left early, and the next epoch begins at its beginning', async () => {
    const source = numbered(5000, 10).batches({ batchSize: 10, thread: 'worker' });
    for (let round = 0; round < 5; round++) {
      for await (const { index } of source.epoch({ epoch: 0, seed: 0 })) if (index === 2) break;
    }
    const [first] = await epochOf(source, { epoch: 0, seed: 0, from: 499 });
    expect(first?.index).toBe(499);
    await expect.poll(() => threadCounts().working).toBe(0);
    expect(threadCounts().all).toBeLessThanOrEqual(2);
  });

  it('serves several loops at once', async () => {
    const source = numbered(100).batches({ batchSize: 10, shuffle: true, thread: 'worker' });
    const loops = await Promise.all([0, 1, 2, 3].map((epoch) => epochOf(source, { epoch, seed: 0 })));
    for (const batches of loops) expect(sorted(targetsOf(batches))).toEqual(upTo(100));
    expect(threadCounts()).toEqual({ all: 2, working: 0 });
  });

  it('hands over its errors', async () => {
    const path = join(folder, 'shrinking.npy');
    await writeFile(path, encodeNpy(new NumericArray(new Float32Array(400), [100, 4])));
    const file = await openNpy(path);
    const set = dataset({ inputs: file, labels: upTo(100).map((number) => number % 2) });
    await writeFile(path, encodeNpy(new NumericArray(new Float32Array(40), [10, 4])));
    await expect(epochOf(set.batches({ batchSize: 50, thread: 'worker' }), { epoch: 0, seed: 0 })).rejects.toThrow(
      /shrinking.npy, byte 288: example 10 should be here, but the file has ended/,
    );
    expect(threadCounts().working).toBe(0);
  });
});

describe('a function of the user’s', () => {
  const doubled = numbered(6).map(
    ({ inputs, targets, number, random }) => {
      const [input] = inputs;
      return { inputs: [[(input?.values[0] ?? 0) * 2, number]], targets: [[random() + (targets[0]?.values[0] ?? 0)]] };
    },
    { inputs: [{ shape: [2], dtype: 'float32' }], targets: [{ shape: [1], dtype: 'float32' }] },
  );

  it('changes examples, and what they look like', async () => {
    const source = doubled.batches({ batchSize: 4 });
    expect(source.inputs).toEqual([{ shape: [2], dtype: 'float32' }]);
    const [first, second] = await epochOf(source, { epoch: 0, seed: 1 });
    expect([...(first?.inputs[0]?.values ?? [])]).toEqual([0, 0, 2, 1, 4, 2, 6, 3]);
    expect(await epochOf(source, { epoch: 0, seed: 1, from: 1 })).toEqual([second]);
  });

  it('may change arrays in place and return nothing', async () => {
    const set = numbered(3).map(({ inputs }) => {
      inputs[0]?.values.fill(7);
      return undefined;
    });
    expect([...((await set.all()).inputs[0]?.values ?? [])]).toEqual([7, 7, 7]);
  });

  it('runs in the thread where it is asked to, with the same result', async () => {
    const change = ({
      inputs,
      random,
    }: {
      inputs: readonly { values: ArrayLike<number> }[];
      random: () => number;
    }) => ({
      inputs: inputs.map(({ values }) => Array.from(values, (value) => Math.sqrt(value) + random())),
    });
    const [here, there] = await Promise.all(
      (['main', 'worker'] as const).map((thread) =>
        epochOf(numbered(40).map(change, { thread }).batches({ batchSize: 8, shuffle: true }), { epoch: 1, seed: 2 }),
      ),
    );
    expect(there).toEqual(here);
  });

  it('is refused for the thread when it uses what is not there', () => {
    const factor = 3;
    expect(() =>
      numbered(3).map(({ inputs }) => ({ inputs: [[factor * inputs.length]] }), { thread: 'worker' }),
    ).toThrow(
      'map(): the function uses "factor", which the worker thread does not have. Define what it needs inside it',
    );
    expect(() => numbered(3).map((() => undefined).bind(null), { thread: 'worker' })).toThrow('has no source text');
    expect(() => doubled.map(() => undefined, { thread: 'worker' })).toThrow(
      "must come before those that run in 'main'",
    );
  });

  it('is told when it gives another shape than it said', async () => {
    await expect(
      numbered(3)
        .map(() => ({ inputs: [[1, 2]] }))
        .all(),
    ).rejects.toThrow('map() gave 2 values for input 0, whose shape [1] has 1; name another shape in its options');
  });
});
