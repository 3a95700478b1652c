import { once } from 'node:events';
import { createServer } from 'node:http';
import type { TrialOpen } from '@trialroom/shared/kernel/protocol';
import type { ServerToClient, TrialSnapshot } from '@trialroom/shared/live/events';
import { fromWire, type PointColumns, toWirePoints } from '@trialroom/shared/trial/points';
import fc from 'fast-check';
import { pino } from 'pino';
import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import type { Payload } from '../live/hub.ts';
import { createHub } from '../live/socket-hub.ts';
import { controlChannel, type TrialOrigin } from './sink.ts';
import { createTrials } from './trials.ts';

const log = pino({ level: 'silent' });
const OPEN: TrialOpen = { experiment: 'digits', name: 'cnn', params: { lr: 0.1 } };
const ada = { id: 'p1', name: 'Ada', colour: 'a' } as const;
const grace = { id: 'p2', name: 'Grace', colour: 'b' } as const;
const origin = (over: Partial<TrialOrigin> = {}): TrialOrigin => ({
  kernel: 'k1',
  execution: 'e1',
  cell: 'c1',
  notebook: 'n1',
  by: { id: 'p1', name: 'Ada', colour: 'a' },
  backend: 'wasm',
  ...over,
});

const column = (key: string, values: number[], first = 1): PointColumns => ({
  key,
  steps: Float64Array.from(values, (_, i) => first + i),
  walls: Float64Array.from(values, (_, i) => 1_700_000_000_000 + first + i),
  values: Float64Array.from(values),
});

describe.each(testDatabases())('trials on $name', ({ open: openDatabase }) => {
  const endings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });
  let db: Database;
  beforeAll(async () => {
    db = await openDatabase();
  });
  afterAll(() => db.close());

  const start = async () => {
    const hub = await createHub({ log });
    endings.push(() => hub.close());
    const trials = await createTrials({ db, hub, log, pathOf: async () => 'digits.ipynb' });
    endings.push(() => trials.close());
    return { hub, trials };
  };

  const browser = async (hub: Awaited<ReturnType<typeof createHub>>): Promise<Socket<ServerToClient>> => {
    const server = createServer();
    hub.attach(server, async () => ({ id: 'p1', name: 'Ada', colour: 'a', role: 'viewer' }));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const client = io(`http://127.0.0.1:${typeof address === 'object' && address?.port}`, {
      transports: ['websocket'],
      forceNew: true,
    });
    endings.push(() => {
      client.close();
      server.closeAllConnections();
      server.close();
    });
    await new Promise<void>((resolve) => client.on('connect', resolve));
    return client;
  };

  const watch = async (client: Socket, trial: string): Promise<TrialSnapshot> => {
    const reply = await client.emitWithAck('watch', `trial:${trial}`);
    expect(reply).toMatchObject({ ok: true });
    return reply.snapshot;
  };

  test('goes from opened to completed, with what was said of it', async () => {
    const { trials } = await start();
    const { trial, room } = await trials.open({ ...OPEN, objective: { key: 'acc', direction: 'maximise' } }, origin());
    expect(room).toBe(`/trials/${trial}`);
    await trials.summary(trial, { testAccuracy: 0.5, words: 'a\0b' });
    await trials.summary(trial, { testAccuracy: 0.98 });
    trials.progress(trial, { done: 3, total: 9 });
    await trials.finish(trial, 'completed');
    const ended = await trials.get(trial);
    expect(ended).toMatchObject({
      experiment: 'digits',
      status: 'completed',
      objective: { key: 'acc', direction: 'maximise' },
      notebook: { id: 'n1', path: 'digits.ipynb' },
      by: { name: 'Ada' },
      progress: { done: 3, total: 9 },
      summary: { testAccuracy: 0.98, words: 'a\uFFFDb' },
    });
    expect(ended.endedAt).toBeGreaterThanOrEqual(ended.startedAt ?? Number.POSITIVE_INFINITY);
    await trials.finish(trial, 'failed', 'too late');
    expect((await trials.get(trial)).status).toBe('completed');
  });

  test('keeps every float64 exactly, through the store and the wire', async () => {
    const { trials } = await start();
    const { trial } = await trials.open(OPEN, origin());
    let seq = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.double(), { minLength: 1, maxLength: 40 }), async (values) => {
        const key = `k${++seq}`;
        await trials.points(trial, 'e1', seq, [column(key, values)]);
        const [series] = await trials.series(trial, [key], { width: 100 });
        expect(series?.points.values.map(fromWire)).toEqual(values);
        expect(series?.total).toBe(values.length);
      }),
      { numRuns: 30 },
    );
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, Number.MAX_VALUE];
    await trials.points(trial, 'e1', ++seq, [column('odd', odd, 7)]);
    await trials.finish(trial, 'completed');
    // Another server has nothing in memory.
    const { trials: other } = await start();
    const [series] = await other.series(trial, ['odd'], { width: 100 });
    expect(series?.points).toEqual(toWirePoints(column('odd', odd, 7)));
  });

  test('a repeated batch changes nothing and is announced once', async () => {
    const { hub, trials } = await start();
    const { trial } = await trials.open(OPEN, origin());
    const client = await browser(hub);
    await watch(client, trial);
    const heard: Payload<'points'>[] = [];
    client.on('points', (event) => void heard.push(event));
    const first = [column('loss', [3, 2])];
    await Promise.all([trials.points(trial, 'e1', 1, first), trials.points(trial, 'e1', 1, first)]);
    await trials.points(trial, 'e1', 1, [column('loss', [9, 9])]);
    await trials.points(trial, 'e1', 3, [column('loss', [1], 3)]);
    await trials.points(trial, 'e1', 1, first);
    const ended = new Promise<void>((resolve) =>
      client.on('trial', (event) => event.trial.status === 'completed' && resolve()),
    );
    await trials.finish(trial, 'completed');
    await ended;
    expect(heard.map(({ seq, after }) => [after, seq])).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(heard.flatMap(({ series }) => series.flatMap(({ values }) => values))).toEqual([3, 2, 1]);
    expect((await trials.metrics.keys(trial)).map(({ key, count }) => [key, count])).toEqual([['loss', 3]]);
  });

  test('a snapshot and the announcements after it give each point once, whenever it is read', async () => {
    const { hub, trials } = await start();
    const { trial } = await trials.open(OPEN, origin());
    const client = await browser(hub);
    const heard: Payload<'points'>[] = [];
    client.on('points', (event) => void heard.push(event));
    const logged: Promise<void>[] = [];
    const snapshots: TrialSnapshot[] = [];
    for (let seq = 1; seq <= 60; seq++) {
      logged.push(trials.points(trial, 'e1', seq, [column('loss', [seq], seq)]));
      if (seq % 7 === 0) snapshots.push(await watch(client, trial));
    }
    await Promise.all(logged);
    const ended = new Promise<void>((resolve) =>
      client.on('trial', (event) => event.trial.status === 'completed' && resolve()),
    );
    await trials.finish(trial, 'completed');
    await ended;
    for (const { seq, series } of snapshots) {
      const shown = series[0]?.points.values ?? [];
      const later = heard.filter((event) => event.seq > seq).flatMap((event) => event.series[0]?.values ?? []);
      expect([...shown, ...later]).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    }
  });

  test('a stop says who asked, reaches the host, and ends as stopped', async () => {
    const { hub, trials } = await start();
    const { trial } = await trials.open(OPEN, origin());
    const heard = new Promise((resolve) => void hub.subscribe(controlChannel(trial), resolve));
    const asked = await trials.requestStop(trial, grace);
    expect(asked).toMatchObject({ status: 'running', stopRequested: true, reason: 'stopped by Grace' });
    expect(await heard).toEqual({ action: 'stop' });
    await trials.finish(trial, 'completed');
    expect(await trials.get(trial)).toMatchObject({ status: 'stopped', reason: 'stopped by Grace' });
    await expect(trials.requestStop('nothing', grace)).rejects.toMatchObject({ status: 404 });
  });

  test('a pause says who asked, reaches the host, and is over when the code goes on', async () => {
    const { hub, trials } = await start();
    const { trial } = await trials.open(OPEN, origin());
    const heard: unknown[] = [];
    await hub.subscribe(controlChannel(trial), (wish) => heard.push(wish));
    const asked = await trials.requestPause(trial, grace);
    expect(asked).toMatchObject({ status: 'running', pauseRequested: true, reason: 'paused by Grace' });
    for (const done of [1, 2]) trials.progress(trial, { done, total: 9 });
    await trials.paused(trial, true);
    expect(await trials.get(trial)).toMatchObject({ status: 'paused', pauseRequested: true, progress: { done: 2 } });
    expect(await trials.requestResume(trial, grace)).toMatchObject({
      status: 'paused',
      pauseRequested: false,
      reason: null,
    });
    await trials.paused(trial, false);
    expect(await trials.get(trial)).toMatchObject({ status: 'running' });
    await trials.requestPause(trial, grace);
    const stopped = await trials.requestStop(trial, ada, true);
    expect(stopped).toMatchObject({ pauseRequested: false, stopRequested: true, reason: 'stopped by Ada' });
    expect(heard).toEqual(['pause', 'resume', 'pause', 'stop-now'].map((action) => ({ action })));
    await expect(trials.requestPause(trial, grace)).rejects.toMatchObject({ status: 409 });
    await trials.finish(trial, 'completed');
    await expect(trials.requestPause(trial, grace)).rejects.toMatchObject({ status: 409 });
    // It wrote no checkpoint that it could go on from.
    await expect(trials.requestResume(trial, grace)).rejects.toMatchObject({ status: 409 });
  });

  test('executions, cells and kernels end the trials they used', async () => {
    const { trials } = await start();
    const a = await trials.open(OPEN, origin());
    const b = await trials.open(OPEN, origin({ cell: 'c2', execution: 'e2' }));
    const again = await trials.open(OPEN, origin({ execution: 'e3' }));
    expect(await trials.get(a.trial)).toMatchObject({ status: 'completed' });
    await trials.executionEnded('e2', 'ok');
    expect(await trials.get(b.trial)).toMatchObject({ status: 'running' });
    await trials.points(b.trial, 'e4', 1, [column('loss', [1])]);
    await trials.executionEnded('e4', 'error', 'TypeError: no');
    expect(await trials.get(b.trial)).toMatchObject({ status: 'failed', reason: 'TypeError: no' });
    await trials.kernelGone('k1', 'failed', 'The kernel ran out of memory.');
    expect(await trials.get(again.trial)).toMatchObject({ status: 'failed', reason: 'The kernel ran out of memory.' });
    await expect(trials.points(again.trial, 'e3', 9, [column('loss', [1])])).rejects.toThrow('not opened here');
  });

  test('a launched trial is adopted by the first trial() of its run, and by no other', async () => {
    const { trials } = await start();
    const queued = await trials.queue({
      open: { ...OPEN, params: { lr: 1, seed: 7 } },
      notebook: { id: 'n1', path: 'digits.ipynb' },
      cell: null,
      backend: null,
      by: null,
    });
    expect(queued.status).toBe('queued');
    expect(await trials.take(queued.id, 'launch')).toMatchObject({ status: 'running' });
    expect(await trials.take(queued.id, 'launch')).toBeNull();
    const launched = { launched: queued.id };
    const first = await trials.open({ ...OPEN, experiment: 'named in code' }, origin({ kernel: 'k2', ...launched }));
    const second = await trials.open(OPEN, origin({ kernel: 'k2', cell: 'c2', execution: 'e2', ...launched }));
    expect(first.trial).toBe(queued.id);
    expect(second.trial).not.toBe(queued.id);
    expect(await trials.get(queued.id)).toMatchObject({
      experiment: 'digits',
      params: { lr: 0.1, seed: 7 },
      backend: 'wasm',
    });
    await trials.kernelGone('k2', 'completed', 'The notebook ended.');
    expect((await trials.get(queued.id)).status).toBe('completed');
  });

  test('what an execution prints is the log of its trial, line by line', async () => {
    const { trials, hub } = await start();
    const { trial } = await trials.open(OPEN, origin());
    trials.print('e1', 'stdout', 'epo');
    trials.print('e1', 'stdout', 'ch 1\n10%\r20%\r\nhalf \0');
    trials.print('e1', 'stderr', 'careful\n');
    trials.print('unknown', 'stdout', 'lost on purpose\n');
    await trials.finish(trial, 'completed');
    const { log: lines } = await watch(await browser(hub), trial);
    expect(lines.map(({ seq, stream, text }) => [seq, stream, text])).toEqual([
      [1, 'stdout', 'epoch 1'],
      [2, 'stdout', '20%'],
      [3, 'stderr', 'careful'],
      [4, 'stdout', 'half \uFFFD'],
    ]);
  });

  test('lists newest first, by status, and glances with the objective first', async () => {
    const { trials } = await start();
    const a = await trials.open({ ...OPEN, objective: { key: 'acc', direction: 'maximise' } }, origin());
    const b = await trials.open(OPEN, origin({ cell: 'c2' }));
    await trials.points(a.trial, 'e1', 1, [
      column(
        'loss',
        Array.from({ length: 1000 }, (_, i) => i),
      ),
      column('acc', [0.5]),
    ]);
    await trials.finish(b.trial, 'failed', 'no');
    expect((await trials.list({ limit: 2 })).map(({ id }) => id)).toEqual([b.trial, a.trial]);
    expect((await trials.list({ status: 'running' })).map(({ id }) => id)).toEqual([a.trial]);
    const glance = await trials.glance(await trials.get(a.trial));
    expect(glance.map(({ key, count, last }) => [key, count, last])).toEqual([
      ['acc', 1, 0.5],
      ['loss', 1000, 999],
    ]);
    expect(glance[1]?.spark.values.length).toBeLessThanOrEqual(120);
  });
});
