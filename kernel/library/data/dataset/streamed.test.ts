/** Batches of data that stay in their files. */
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCsv } from '../formats/csv/open.ts';
import { openIdx } from '../formats/idx.ts';
import { encodeNpy, openNpy } from '../formats/npy.ts';
import { dataset } from './make.ts';
import { NumericArray } from './numeric.ts';
import { epochOf, sorted, targetsOf, upTo } from './testing.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialroom-streamed-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('data bigger than memory', () => {
  const rows = upTo(500).map((row) => `${row},${row % 3 === 0 ? 'x' : 'y'},${row / 4}`);

  async function clicks(): Promise<string> {
    const path = join(folder, 'clicks.csv');
    await writeFile(path, `number,kind,value\n${rows.join('\n')}\n`);
    return path;
  }

  it('come from a file of separated values row by row, mixed within a window', async () => {
    const stream = await openCsv(await clicks());
    expect([stream.length, stream.schema]).toEqual([500, { number: 'int32', kind: 'categorical', value: 'float64' }]);
    const set = stream.dataset({ inputs: ['kind', 'value'], target: 'number', scale: 'none' });
    expect(set.inputs).toEqual([{ shape: [3], dtype: 'float32' }]);
    const plain = await epochOf(set.batches({ batchSize: 32 }), { epoch: 0, seed: 0 });
    expect(targetsOf(plain)).toEqual(upTo(500));
    expect([...(plain[0]?.inputs[0]?.values ?? [])].slice(0, 6)).toEqual([1, 0, 0, 0, 1, 0.25]);
    const source = set.batches({ batchSize: 32, shuffle: { window: 50 } });
    const mixed = await epochOf(source, { epoch: 1, seed: 1 });
    expect(sorted(targetsOf(mixed))).toEqual(upTo(500));
    expect(targetsOf(mixed)).not.toEqual(upTo(500));
    for (const [place, number] of targetsOf(mixed).entries()) expect(number).toBeLessThan(place + 51);
    expect(await epochOf(source, { epoch: 1, seed: 1, from: 7 })).toEqual(mixed.slice(7));
    const whole = await set.batches({ batchSize: 100, dropLast: true }).hash();
    expect(whole).toMatch(/^[0-9a-f]{64}$/);
  });

  it('are divided by chance into parts that share no row', async () => {
    const set = (await openCsv(await clicks())).dataset({ inputs: ['value'], target: 'number' });
    const { train, test } = set.split({ train: 0.8, test: 0.2 }, { seed: 4 });
    const [left, right] = await Promise.all([train.all(), test.all()]);
    expect(sorted(targetsOf([left, right]))).toEqual(upTo(500));
    expect([train.length, test.length]).toEqual([left.size, right.size]);
    expect(test.length).toBeGreaterThan(60);
    expect(test.length).toBeLessThan(140);
    expect(() => set.split({ a: 0.5, b: 0.5 }, { stratify: true })).toThrow('this is a stream');
    expect(() => set.kFold(3)).toThrow('these are a stream of rows. Read the file into memory with data.csv');
  });

  it('come from .npy and IDX files in any order, the same as from memory', async () => {
    const values = Float32Array.from({ length: 300 * 5 }, (_, index) => index / 7);
    const [npyPath, idxPath] = [join(folder, 'x.npy'), join(folder, 'y.idx')];
    await writeFile(npyPath, encodeNpy(new NumericArray(values, [300, 5])));
    const labels = Uint8Array.from({ length: 300 }, (_, index) => index % 10);
    await writeFile(idxPath, Uint8Array.of(0, 0, 8, 1, 0, 0, 1, 44, ...labels));
    const options = { batchSize: 32, shuffle: true } as const;
    const onDisk = dataset({
      inputs: await openNpy(npyPath),
      targets: { array: await openIdx(idxPath), dtype: 'int32' },
    });
    const inMemory = dataset({
      inputs: { shape: [300, 5], values },
      targets: { array: { shape: [300], values: labels }, dtype: 'int32' },
    });
    const expected = await epochOf(inMemory.batches(options), { epoch: 0, seed: 3 });
    expect(await epochOf(onDisk.batches(options), { epoch: 0, seed: 3 })).toEqual(expected);
    expect(await epochOf(onDisk.batches({ batchSize: 7 }), { epoch: 0, seed: 3 })).toEqual(
      await epochOf(inMemory.batches({ batchSize: 7 }), { epoch: 0, seed: 3 }),
    );
  });

  it('leave memory flat', async () => {
    // Half a gigabyte of nothing: the file has a length, but takes no room on the disk.
    const [count, width] = [65_536, 2048];
    const path = join(folder, 'big.npy');
    const header = encodeNpy({ values: new Float32Array(0), shape: [count, width], dtype: 'float32' });
    const file = await open(path, 'w');
    await file.write(header);
    await file.truncate(header.length + count * width * 4);
    await file.close();
    const set = dataset({ inputs: await openNpy(path) });
    let most = 0;
    let before = 0;
    let seen = 0;
    for await (const { size, index } of set.batches({ batchSize: 256, shuffle: true }).epoch({ epoch: 0, seed: 0 })) {
      seen += size;
      const { rss } = process.memoryUsage();
      if (index === 8) before = rss;
      if (index > 8) most = Math.max(most, rss);
    }
    expect(seen).toBe(count);
    expect((most - before) / 2 ** 20).toBeLessThan(200);
  });
});
