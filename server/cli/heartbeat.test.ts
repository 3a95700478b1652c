import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { beginHeartbeat, hasHeartbeat } from './heartbeat.ts';

test('a beat that fails ends nothing, and the next one is seen again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trialroom-heart-'));
  const file = join(folder, 'heartbeat');
  const failed = Promise.withResolvers<unknown>();
  const end = await beginHeartbeat(file, failed.resolve, 1);
  expect(await hasHeartbeat(file)).toBe(true);
  const away = `${folder}-away`;
  await rename(folder, away);
  expect(await failed.promise).toMatchObject({ code: 'ENOENT' });
  await rm(join(away, 'heartbeat'));
  await rename(away, folder);
  await expect.poll(() => hasHeartbeat(file), { interval: 1 }).toBe(true);
  await end();
  expect(await hasHeartbeat(file)).toBe(false);
  await rm(folder, { recursive: true });
});
