/**
 * Ingest: how many points a second become durable, from a real kernel that logs without pause, through the server, into
 * each database, while a viewer of its room gets them live. Timed from the first `log` to the end of `finish`, which waits
 * until all is durable.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io } from 'socket.io-client';
import { z } from 'zod';
import { call } from '../e2e/api.ts';
import { launchBrowser } from '../e2e/browser.ts';
import { writeNotebook } from '../e2e/notebook-file.ts';
import { editor, openNotebook, signIn } from '../e2e/pages.ts';
import { startServer } from '../e2e/server.ts';
import { connect } from '../server/database/connect.ts';
import { logCall } from './log-call.ts';
import { type Row, report } from './report.ts';

const STEPS = 50_000;
const KEYS = 8;
const ADDRESS = process.env.BENCH_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';

// Eight metrics a step, logged as fast as the loop runs; the event loop turns now and then, as with any real step.
const SOURCE = `import { trial } from "trialroom";
const run = await trial({ experiment: "bench", name: "ingest", params: {} });
await new Promise((done) => setTimeout(done, 3000));
const began = performance.now();
for (let step = 1; step <= ${STEPS}; step++) {
  const x = Math.exp(-step / 10000);
  run.log({ ${Array.from({ length: KEYS }, (_, i) => `m${i}: x * ${i + 1}`).join(', ')} }, { step });
  if (step % 500 === 0) await new Promise((done) => setImmediate(done));
}
await run.finish();
"took " + Math.round(performance.now() - began) + " ms.";`;

const Trials = z.object({ trials: z.array(z.object({ id: z.string(), status: z.string() })) });
const Keys = z.object({ keys: z.array(z.object({ key: z.string(), count: z.number() })) });

async function measureOn(env: Record<string, string | undefined>): Promise<number> {
  const notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-bench-'));
  await writeNotebook(join(notebooksDir, 'bench.ipynb'), [{ id: 'train', source: SOURCE }]);
  const server = await startServer({ notebooksDir, env });
  const browser = await launchBrowser();
  const { page } = await signIn(browser, server);
  await openNotebook(page, server, 'bench.ipynb');
  await editor(page, 'train').click();
  await page.keyboard.press('ControlOrMeta+Enter');
  let id = '';
  while (!id) {
    const { trials } = await call(server, 'GET', '/api/trials', Trials);
    id = trials.find(({ status }) => status === 'running')?.id ?? '';
  }
  const viewer = io(server.url, {
    transports: ['websocket'],
    extraHeaders: { authorization: `Bearer ${server.token}` },
  });
  await new Promise((done) => viewer.on('connect', () => done(undefined)));
  let heard = 0;
  viewer.on('points', ({ series }: { series: { steps: number[]; total?: number }[] }) => {
    for (const { steps, total = steps.length } of series) heard += total;
  });
  await viewer.emitWithAck('watch', `trial:${id}`);
  const output = page.locator('[data-cell="train"] [data-outputs]');
  await output.getByText(/took \d+ ms/).waitFor({ timeout: 200_000 });
  const ms = Number(/took (\d+) ms/.exec((await output.textContent()) ?? '')?.[1]);
  const { keys } = await call(server, 'GET', `/api/trials/${id}/metrics`, Keys);
  // What is sampled of the machine is not the loop's.
  const own = keys.filter(({ key }) => /^m\d$/.test(key));
  const stored = own.reduce((sum, { count }) => sum + count, 0);
  if (stored !== STEPS * KEYS) throw new Error(`${stored} of ${STEPS * KEYS} points are stored`);
  if (heard < stored / 2) throw new Error(`the viewer heard of ${heard} points only`);
  viewer.close();
  await browser.close();
  await server.stop();
  await rm(notebooksDir, { recursive: true, force: true });
  return (stored / ms) * 1000;
}

/** A database of its own on the PostgreSQL there is; null when there is none. */
async function postgres(): Promise<{ url: string; drop(): Promise<void> } | null> {
  const admin = await connect({ url: ADDRESS }).catch(() => null);
  if (!admin) return null;
  const name = `bench_${randomBytes(6).toString('hex')}`;
  await admin.em().execute(`create database ${name}`);
  const url = new URL(ADDRESS);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await admin.em().execute(`drop database ${name} with (force)`);
      await admin.close();
    },
  };
}

export default async function measure(): Promise<boolean> {
  const rows: Row[] = [{ name: 'embedded', unit: 'points/s', ours: await measureOn({}), goal: 20_000, higher: true }];
  const database = await postgres();
  if (database) {
    const ours = await measureOn({ DATABASE_URL: database.url });
    rows.push({ name: 'postgres', unit: 'points/s', ours, goal: 20_000, higher: true });
    await database.drop();
  } else console.error(`no PostgreSQL at ${ADDRESS} (BENCH_DATABASE_URL names another): that row is left out`);
  rows.push(logCall());
  return report('ingest', rows);
}
