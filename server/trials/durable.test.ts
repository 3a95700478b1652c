/** What was acknowledged survives, whatever dies: processes that host trials are killed here for real. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { connect } from '../database/connect.ts';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { createHub } from '../live/socket-hub.ts';
import { LEASE } from './lease.ts';
import type { TrialOrigin } from './sink.ts';
import { ada } from './testing.ts';
import { createTrials, type Trials } from './trials.ts';

vi.setConfig({ testTimeout: 180_000 });
const log = pino({ level: 'silent' });
const CHILD = fileURLToPath(new URL('./durable.child.ts', import.meta.url));
const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

const serve = async (db: Database, options: { owner?: string; timing?: { length: number; renew: number } } = {}) => {
  const hub = await createHub({ log });
  endings.push(() => hub.close());
  return createTrials({ db, hub, log, pathOf: async () => 'x.ipynb', ...options });
};

/** A process that logs points to a trial as fast as it can and prints each acknowledged seq. */
async function host(
  dataDir: string,
  url?: string,
  schema?: string,
): Promise<{ child: ChildProcess; trial: string; acked: () => number; reach: (seq: number) => Promise<void> }> {
  const child = spawn(process.execPath, [CHILD, dataDir, url ?? '', schema ?? ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const [trial] = await once(lines, 'line');
  let acked = 0;
  let check = (): void => {};
  lines.on('line', (line) => {
    acked = Number(line);
    check();
  });
  return {
    child,
    trial,
    acked: () => acked,
    reach: (seq) => new Promise((resolve) => (check = () => acked >= seq && resolve())),
  };
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  await ended;
}

/** Each batch `seq` of the child holds 50 points whose value tells the batch. */
async function expectKept(trials: Trials, trial: string, acked: number): Promise<void> {
  const [series] = await trials.series(trial, ['loss'], { width: 1_000_000 });
  const stored = series?.points.values ?? [];
  expect(stored.length % 50).toBe(0);
  expect(stored.length).toBeGreaterThanOrEqual(acked * 50);
  expect(stored).toEqual(Array.from({ length: stored.length }, (_, i) => Math.floor(i / 50) + 1));
}

const until = (trials: Trials, trial: string, status: string): Promise<void> =>
  new Promise((resolve) => {
    trials.onChange((changed) => changed.id === trial && changed.status === status && resolve());
  });

const origin = (kernel: string): TrialOrigin => ({
  kernel,
  execution: 'e1',
  cell: 'c1',
  notebook: null,
  by: null,
  backend: null,
});
const OPEN = { experiment: 'leases', name: 'run', params: {} };

test('embedded: points acknowledged before a kill -9 are there, and the trial is lost at the next start', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'trialroom-durable-'));
  endings.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const { child, trial, acked, reach } = await host(dataDir);
  await reach(30);
  await kill(child);
  const db = await connect({ dataDir });
  endings.push(() => db.close());
  const trials = await serve(db);
  endings.push(() => trials.close());
  expect(await trials.get(trial)).toMatchObject({ status: 'lost', reason: expect.stringContaining('killed') });
  await expectKept(trials, trial, acked());
});

const url = process.env.DATABASE_URL;

test.skipIf(!url)(
  'postgres: the same, and the trial of a process that is gone is lost without waiting for its lease',
  async () => {
    const postgres = testDatabases().find(({ name }) => name === 'postgres');
    const db = await postgres?.open();
    if (!db) throw new Error('no database');
    endings.push(() => db.close());
    const [row] = await db.em().execute<{ schema: string }[]>('select current_schema() as schema');
    const { child, trial, acked, reach } = await host('', url, row?.schema);
    await reach(30);
    // A second server that starts while the first lives leaves its trial alone.
    const second = await serve(db, { owner: 'second' });
    expect((await second.get(trial)).status).toBe('running');
    await second.close();
    await kill(child);
    const third = await serve(db, { owner: 'third' });
    endings.push(() => third.close());
    expect(await third.get(trial)).toMatchObject({ status: 'lost' });
    await expectKept(third, trial, acked());
  },
);

describe.runIf(url)('leases on postgres', () => {
  const open = async (): Promise<Database> => {
    const db = await testDatabases()
      .find(({ name }) => name === 'postgres')
      ?.open();
    if (!db) throw new Error('no database');
    endings.push(() => db.close());
    return db;
  };

  test('a trial whose host went silent is lost; one whose host renews is not', async () => {
    const db = await open();
    const silent = await serve(db, { owner: 'silent', timing: { length: 300, renew: 3_600_000 } });
    endings.push(() => silent.close());
    const renewing = await serve(db, { owner: 'renewing', timing: { length: 60_000, renew: 50 } });
    endings.push(() => renewing.close());
    const kept = await renewing.open(OPEN, origin('k2'));
    const lost = await silent.open(OPEN, origin('k1'));
    await until(renewing, lost.trial, 'lost');
    expect(await silent.get(lost.trial)).toMatchObject({ status: 'lost', reason: expect.stringContaining('lease') });
    expect((await silent.get(kept.trial)).status).toBe('running');
    // Its points are still taken: what was measured was measured.
    await silent.points(lost.trial, 'e1', 1, [
      { key: 'loss', steps: Float64Array.of(1), walls: Float64Array.of(1), values: Float64Array.of(1) },
    ]);
    // It was only slow, and says how it ended.
    await silent.finish(lost.trial, 'completed');
    expect((await silent.get(lost.trial)).status).toBe('completed');
  });

  test('a host that was only slow finds its trials again, as they are', async () => {
    const db = await open();
    const slow = await serve(db, { owner: 'slow', timing: { length: 1, renew: 3_600_000 } });
    endings.push(() => slow.close());
    const other = await serve(db, { owner: 'other', timing: { length: 60_000, renew: 3_600_000 } });
    endings.push(() => other.close());
    const [runs, waits] = [await slow.open(OPEN, origin('k1')), await slow.open(OPEN, origin('k2'))];
    await slow.requestPause(waits.trial, ada);
    await slow.paused(waits.trial, true);
    await other.lookAround();
    for (const { trial } of [runs, waits]) expect((await other.get(trial)).status).toBe('lost');
    await slow.lookAround();
    expect(await other.get(runs.trial)).toMatchObject({ status: 'running', reason: null, endedAt: null });
    expect(await other.get(waits.trial)).toMatchObject({ status: 'paused', pauseRequested: true });
    expect((await other.eventsOf(runs.trial, {})).map(({ kind }) => kind)).toEqual(['started', 'lost', 'resumed']);
  });

  test('a trial that went on elsewhere is ended where it was, and nothing said of it there counts', async () => {
    const db = await open();
    const slow = await serve(db, { owner: 'slow', timing: { length: 1, renew: 3_600_000 } });
    endings.push(() => slow.close());
    const other = await serve(db, { owner: 'other', timing: { length: 60_000, renew: 3_600_000 } });
    endings.push(() => other.close());
    other.continuedBy({ check: async () => {}, queued: async () => {} });
    let abandoned = 0;
    const { trial } = await slow.open(OPEN, { ...origin('k1'), abandon: () => void abandoned++ });
    const saved = { kind: 'checkpoint', at: 1, step: 1200, text: 'saved', data: { path: 'cp/1200' } } as const;
    await slow.events(trial, 'e1', 1, [saved]);
    await other.lookAround();
    expect(await other.get(trial)).toMatchObject({
      status: 'lost',
      reason: expect.stringContaining('It can go on from step 1,200.'),
      checkpoint: { path: 'cp/1200', step: 1200 },
    });
    const [lost] = await other.eventsOf(trial, { kinds: ['lost'] });
    expect(lost?.data).toMatchObject({ path: 'cp/1200', step: 1200 });
    await other.requestResume(trial, ada);
    expect(await other.take(trial, 'launch')).toMatchObject({ status: 'running' });
    await slow.lookAround();
    expect(abandoned).toBe(1);
    await expect(slow.points(trial, 'e1', 2, [])).rejects.toThrow('not opened here');
    await slow.paused(trial, true);
    await slow.finish(trial, 'failed', 'interrupted');
    await slow.kernelGone('k1', 'failed', 'gone');
    expect(await other.get(trial)).toMatchObject({ status: 'running', reason: null });
  });

  test('the longest that a dead host can go unseen is under 10 s', () => {
    // It dies right after it renewed; another looks just before the lease is over, and once more a turn later.
    expect(LEASE.length + LEASE.renew).toBeLessThan(8000);
    // A lease outlives some turns that come late.
    expect(LEASE.length).toBeGreaterThanOrEqual(3 * LEASE.renew);
  });

  test('a server that shuts down gives its lease back and ends its trials as stopped', async () => {
    const db = await open();
    const first = await serve(db, { owner: 'first' });
    const { trial } = await first.open(OPEN, origin('k1'));
    await first.close();
    const second = await serve(db, { owner: 'second' });
    endings.push(() => second.close());
    expect(await second.get(trial)).toMatchObject({ status: 'stopped', reason: 'The server was shut down.' });
  });
});
