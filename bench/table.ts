/**
 * The table of trials with ten thousand in it. `paint-10k`: from the start of the navigation to the first rows drawn in a
 * browser, on a page that answers. `query-10k`, `group-10k`: the first page, filtered and sorted by a metric, or grouped
 * over seeds, from the call to its reply.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { experiments } from '@trialroom/shared/api/experiments';
import type { FilterRow } from '@trialroom/shared/trial/filter/matches';
import type { Page } from 'playwright-core';
import { call } from '../e2e/api.ts';
import { launchBrowser } from '../e2e/browser.ts';
import { type RunningServer, startServer } from '../e2e/server.ts';
import { connect } from '../server/database/connect.ts';
import { migrate } from '../server/database/migrate.ts';
import { storeRows } from '../server/experiments/testing.ts';
import { quantile, report } from './report.ts';

const TRIALS = 10_000;
const OPENINGS = 7;
const CALLS = 20;

declare global {
  interface Window {
    /** ms from the start of the navigation to the first rows drawn. */
    tableDrawn: Promise<number>;
  }
}

/** A sweep: 2,000 settings of five seeds each, in ten experiments. */
function sweep(nth: number): FilterRow {
  const accuracy = 0.6 + ((Math.imul(nth, 2_654_435_761) >>> 0) / 2 ** 32) * 0.35;
  const at = 1.7e12 + nth * 60_000;
  const metric = (last: number) => ({ last, lastStep: 99, min: last / 2, max: last, count: 100 });
  return {
    trial: {
      ...{ id: '', experiment: `sweep ${nth % 10}`, experimentId: '', name: `run ${nth}`, status: 'completed' },
      ...{ stopRequested: false, pauseRequested: false, release: 'none', checkpoint: null, revision: 0 },
      params: {
        lr: 10 ** -(1 + (nth % 4)),
        batch: 32 << (nth % 5),
        optimizer: nth % 2 ? 'adam' : 'sgd',
        seed: nth % 5,
      },
      ...{ objective: { key: 'val_acc', direction: 'maximise' }, progress: null, summary: { nth }, reason: null },
      ...{
        notebook: null,
        cell: null,
        backend: 'CPU',
        by: { id: 'a', name: 'Ada', colour: 'a' },
        tags: [],
        starred: false,
      },
      ...{ note: '', createdAt: at, startedAt: at, endedAt: at + 600_000, archivedAt: null },
    },
    metrics: {
      val_acc: metric(accuracy),
      val_loss: metric(2 - accuracy),
      acc: metric(accuracy + 0.02),
      loss: metric(1.8 - accuracy),
    },
    baseline: false,
  };
}

async function fill(dataDir: string): Promise<void> {
  const db = await connect({ dataDir });
  await migrate(db);
  await storeRows(
    db,
    Array.from({ length: TRIALS }, (_, nth) => sweep(nth)),
  );
  await db.close();
}

/** ms from the start of each navigation to the table drawn; once more before that, so that the browser has the program. */
async function measurePaint(page: Page, server: RunningServer): Promise<number[]> {
  await page.addInitScript((rows) => {
    window.tableDrawn = new Promise((resolve) => {
      const look = (): void => {
        const whole = document.querySelector(`[role="grid"][aria-rowcount="${rows}"]`);
        const last = whole && [...whole.querySelectorAll('.grid-row a')].at(-1)?.getBoundingClientRect();
        if (!last || last.bottom < innerHeight) return void requestAnimationFrame(look);
        const channel = new MessageChannel();
        channel.port1.onmessage = () => setTimeout(() => resolve(performance.now()));
        channel.port2.postMessage(null);
      };
      requestAnimationFrame(look);
    });
  }, TRIALS + 1);
  const took: number[] = [];
  for (let time = 0; time <= OPENINGS; time++) {
    await page.goto('about:blank');
    await page.goto(`${server.url}/trials`, { waitUntil: 'commit' });
    const ms = await page.evaluate(() => window.tableDrawn);
    if (time > 0) took.push(ms);
  }
  return took;
}

async function measureCalls(server: RunningServer, body: object): Promise<number[]> {
  const took: number[] = [];
  for (let time = -3; time < CALLS; time++) {
    const began = performance.now();
    await call(server, 'POST', '/api/trials/query', experiments.query.reply, body);
    if (time >= 0) took.push(performance.now() - began);
  }
  return took;
}

export default async function measure(): Promise<boolean> {
  const dataDir = await mkdtemp(join(tmpdir(), 'trialroom-bench-table-'));
  await fill(dataDir);
  const server = await startServer({ dataDir });
  const browser = await launchBrowser();
  try {
    const acc = { of: 'metric', key: 'val_acc', reading: 'last' };
    const sort = { column: acc, direction: 'descending' };
    const filter = 'val_acc > 0.7 and params.optimizer = adam';
    const queries = await measureCalls(server, { filter, sort, columns: [acc] });
    const groups = await measureCalls(server, { filter, sort, columns: [acc], group: ['lr', 'batch'] });
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
    await page.goto(server.signIn);
    const paints = await measurePaint(page, server);
    return report('table', [
      { name: 'paint-10k', unit: 'ms', ours: quantile(paints, 0.5), goal: 500 },
      { name: 'query-10k', unit: 'ms', ours: quantile(queries, 0.5), goal: 100 },
      { name: 'group-10k', unit: 'ms', ours: quantile(groups, 0.5), goal: 200 },
    ]);
  } finally {
    await browser.close();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}
