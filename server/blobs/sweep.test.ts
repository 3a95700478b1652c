import { mkdtemp, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Blobs, createBlobs, listBlobs } from './blobs.ts';
import { createSweep } from './sweep.ts';

const DAY = 86_400_000;
let folder: string;
let blobs: Blobs;
let now: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialroom-sweep-'));
  blobs = createBlobs(folder);
  now = Date.now();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const pathOf = async (sha256: string): Promise<string> => (await blobs.find(sha256))?.path ?? '';
const stored = async (text: string, age = 2 * DAY): Promise<string> => {
  const { sha256 } = await blobs.put(text);
  const at = new Date(now - age);
  await utimes(await pathOf(sha256), at, at);
  return sha256;
};
const sweepOf = (named: () => Iterable<string> = () => []) => {
  const sweep = createSweep(folder, {
    now: () => now,
    onError: (error) => {
      throw error;
    },
  });
  sweep.ask(async function* () {
    yield named();
  });
  return sweep;
};

test('what nobody names twice in a row goes, if it is a day old; everything else stays', async () => {
  const [kept, young, gone] = [await stored('kept'), await stored('young', DAY - 60_000), await stored('gone')];
  const returns = await stored('returns');
  const names = new Set([kept]);
  const sweep = sweepOf(() => names);
  expect(await sweep.sweep()).toBe(0);
  names.add(returns);
  expect(await sweep.sweep()).toBe(1);
  expect((await listBlobs(folder)).toSorted()).toEqual([kept, young, returns].toSorted());
  expect(await blobs.find(gone)).toBeNull();
  now += 120_000;
  names.delete(returns);
  await sweep.sweep();
  // Stored again, by someone who has not written so yet.
  await blobs.put('returns');
  await sweep.sweep();
  expect((await listBlobs(folder)).toSorted()).toEqual([kept, returns].toSorted());
});

test('whoever cannot answer keeps everything', async () => {
  const name = await stored('kept');
  const sweep = sweepOf();
  await sweep.sweep();
  sweep.ask(async function* () {
    yield [];
    throw new Error('the database is away');
  });
  await expect(sweep.sweep()).rejects.toThrow('away');
  expect(await listBlobs(folder)).toEqual([name]);
});

test('after a kill at any point every blob that is named is there, and what was left half goes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('there', 'aside', 'both'), { maxLength: 6 }), async (states) => {
      const names: string[] = [];
      for (const [i, state] of states.entries()) {
        const name = await stored(`blob ${i}`);
        names.push(name);
        if (state === 'there') continue;
        const path = await pathOf(name);
        await rename(path, `${path}.aside`);
        // Killed after it was put aside; in the other case somebody has stored it again since.
        if (state === 'both') await blobs.put(`blob ${i}`);
      }
      const half = join(folder, `.${crypto.randomUUID()}`);
      await writeFile(half, 'half of a');
      await utimes(half, new Date(now - 2 * DAY), new Date(now - 2 * DAY));
      const sweep = sweepOf(() => names);
      await sweep.sweep();
      await sweep.sweep();
      expect((await listBlobs(folder)).toSorted()).toEqual([...names].toSorted());
      expect((await readdir(folder, { recursive: true })).filter((file) => /aside|^\./.test(file))).toEqual([]);
    }),
    { numRuns: 20 },
  );
});
