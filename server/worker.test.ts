/** A server and a worker on one PostgreSQL and one Redis. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newNotebook, serialiseNotebook } from '@trialroom/shared/notebook/format';
import { isOver, Trial } from '@trialroom/shared/trial/trial';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type RunningServer, type RunningWorker, startServer, startWorker } from './app.ts';
import { type Config, readConfig } from './config.ts';
import { makeTestSchema, testName } from './database/testing-schemas.ts';

const { DATABASE_URL, REDIS_URL } = process.env;

test('a worker without database or queue to share says so', async () => {
  const alone = readConfig({ dataDir: join(tmpdir(), 'never-made') }, {});
  await expect(startWorker(alone)).rejects.toMatchObject({
    problem: { error: 'worker-alone', message: expect.stringContaining('DATABASE_URL and REDIS_URL') },
  });
});

describe.runIf(DATABASE_URL && REDIS_URL)('a server and a worker', () => {
  const name = testName();
  const root = mkdtempSync(join(tmpdir(), 'trialroom-worker-'));
  const config = (part: string): Config => ({
    ...readConfig(
      { port: 0, dataDir: join(root, part), notebooksDir: join(root, 'notebooks') },
      { DATABASE_URL, REDIS_URL, TRIALROOM_DATABASE_SCHEMA: name, TRIALROOM_REDIS_PREFIX: name },
    ),
  });
  let server: RunningServer;
  let worker: RunningWorker;

  beforeAll(async () => {
    await makeTestSchema(DATABASE_URL ?? '', name);
    server = await startServer(config('server'));
    worker = await startWorker(config('worker'));
  });
  afterAll(async () => {
    await worker?.close();
    await server?.close();
    rmSync(root, { recursive: true, force: true });
  });

  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const reply = await fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    expect(reply.status, text).toBe(200);
    return JSON.parse(text);
  };

  test('share the work: two trials that wait for each other both complete', async () => {
    // Each process runs one at a time, so each trial needs the other process to get on with the other one.
    const meeting = join(root, 'meeting');
    const source = `import { existsSync, writeFileSync } from 'node:fs';
writeFileSync(${JSON.stringify(meeting)} + me, '');
while (!existsSync(${JSON.stringify(meeting)} + other)) await new Promise((done) => setTimeout(done, 20));`;
    const notebook = newNotebook();
    const [cell] = notebook.cells;
    if (!cell) throw new Error('a new notebook has a cell');
    const parameters = {
      ...cell,
      id: 'parameters',
      metadata: { tags: ['parameters'] },
      source: "let me = '', other = '';",
    };
    writeFileSync(
      join(root, 'notebooks', 'meet.ipynb'),
      serialiseNotebook({ ...notebook, cells: [parameters, { ...cell, source }] }),
    );
    const { notebooks } = z
      .object({ notebooks: z.array(z.object({ id: z.string() })) })
      .parse(await call('GET', '/api/notebooks'));
    const id = notebooks[0]?.id ?? '';
    const launch = async (me: string, other: string): Promise<string> =>
      Trial.parse(await call('POST', '/api/trials', { notebook: id, params: { me, other } })).id;
    const trials = [await launch('a', 'b'), await launch('b', 'a')];
    const end = async (trial: string): Promise<Trial> => {
      for (;;) {
        const now = Trial.parse(await call('GET', `/api/trials/${trial}`));
        if (isOver(now.status)) return now;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    expect((await Promise.all(trials.map(end))).map(({ status, reason }) => [status, reason])).toEqual([
      ['completed', null],
      ['completed', null],
    ]);
  });
});
