import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Checkpoints } from './checkpoints.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialroom-checkpoints-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('what cannot be kept leaves nothing half behind', async () => {
  const checkpoints = new Checkpoints(folder);
  await checkpoints.keep('a', 'one');
  const [place = ''] = await readdir(folder);
  await checkpoints.drop('a');
  await mkdir(join(folder, place));
  await expect(checkpoints.keep('a', 'two')).rejects.toThrow('EISDIR');
  expect(await readdir(folder)).toEqual([place]);
});
