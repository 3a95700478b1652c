/** Deleted trials on a whole server whose clock goes on. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newNotebook, serialiseNotebook } from '@trialroom/shared/notebook/format';
import { Trial } from '@trialroom/shared/trial/trial';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type RunningServer, startServer } from './app.ts';
import { type Config, readConfig } from './config.ts';
import { connect } from './database/connect.ts';

const DAY = 86_400_000;

const TRAIN = `import { trial } from "trialroom";
const run = await trial({ experiment: "kept for a while", name: "one", params: { lr: 1 } });
for await (const step of run.steps(3)) run.log({ loss: 1 / (step + 1) });
console.log("a line");
await run.finish();`;

test('a deleted trial can be brought back until its days are over, and then nothing of it is left', async () => {
  const root = await mkdtemp(join(tmpdir(), 'trialroom-purging-'));
  const config: Config = readConfig(
    { port: 0, dataDir: join(root, 'data'), notebooksDir: join(root, 'notebooks') },
    {},
  );
  /** What a server does whose clock is ahead by these days. */
  const during = async (days: number, work: (server: RunningServer) => Promise<void>): Promise<void> => {
    const server = await startServer(config, () => Date.now() + days * DAY);
    try {
      await work(server);
    } finally {
      await server.close();
    }
  };
  const call = async ({ url, token }: RunningServer, method: string, path: string, body?: unknown) => {
    const reply = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: reply.status, body: await reply.json() };
  };
  const counts = async (): Promise<Record<string, number>> => {
    const db = await connect({ dataDir: config.dataDir });
    try {
      const columns = await db
        .em()
        .execute<{ name: string }[]>(
          "select table_name as name from information_schema.columns where column_name = 'trial' and table_schema = current_schema()",
        );
      const names = [...new Set(columns.map(({ name }) => name)), 'trials', 'experiments', 'captured_contents'];
      const found: Record<string, number> = {};
      for (const name of names) {
        const [row] = await db.em().execute<{ n: string }[]>(`select count(*) as n from "${name}"`);
        if (Number(row?.n) > 0) found[name] = Number(row?.n);
      }
      return found;
    } finally {
      await db.close();
    }
  };
  try {
    await mkdir(config.notebooksDir, { recursive: true });
    const [cell] = newNotebook().cells;
    if (!cell) throw new Error('a new notebook has a cell');
    const notebook = { ...newNotebook(), cells: [{ ...cell, source: TRAIN }] };
    await writeFile(join(config.notebooksDir, 'train.ipynb'), serialiseNotebook(notebook));
    let id = '';
    const bulk = (server: RunningServer, action: string) =>
      call(server, 'POST', '/api/trials/bulk', { trials: [id], change: { action } });
    await during(0, async (server) => {
      const listed = await call(server, 'GET', '/api/notebooks');
      const { notebooks } = z.object({ notebooks: z.array(z.object({ id: z.string() })) }).parse(listed.body);
      const launched = await call(server, 'POST', '/api/trials', { notebook: notebooks[0]?.id, params: {} });
      ({ id } = Trial.parse(launched.body));
      await expect
        .poll(async () => (await call(server, 'GET', `/api/trials/${id}`)).body.status, { timeout: 30_000 })
        .toBe('completed');
      expect((await bulk(server, 'delete')).body).toMatchObject({ changed: [id] });
    });
    const before = await counts();
    expect(Object.keys(before)).toEqual(
      expect.arrayContaining(['trials', 'experiments', 'trial_events', 'trial_captures', 'captured_contents']),
    );

    // A server purges as it starts, and is done with it when it has ended.
    await during(29, async (server) => {
      expect(await call(server, 'GET', `/api/trials/${id}`)).toMatchObject({
        status: 404,
        body: { error: 'trial-deleted', message: expect.stringContaining('can be brought back until') },
      });
    });
    expect(await counts()).toEqual(before);

    await during(31, async () => {});
    await during(0, async (server) => {
      expect(await call(server, 'GET', `/api/trials/${id}`)).toMatchObject({
        status: 404,
        body: { error: 'trial-unknown' },
      });
      expect((await bulk(server, 'restore')).body).toMatchObject({
        changed: [],
        refused: [{ trial: id, why: 'it does not exist any more' }],
      });
    });
    expect(await counts()).toEqual({});
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}, 240_000);
