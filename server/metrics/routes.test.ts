import { metrics } from '@trialroom/shared/api/endpoints';
import { exportPath } from '@trialroom/shared/api/metrics';
import { readSeries } from '@trialroom/shared/trial/series-bytes';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { Refusal } from '../http/refusal.ts';
import { createHttpApp } from '../http/router.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { metricsRoutes, pausesOf } from './routes.ts';

const KNOWN = ['one', 'two'];
let db: Database;
let service: Metrics;
let ask: (method: string, path: string, body?: unknown) => Promise<Response>;

beforeAll(async () => {
  db = (await testDatabases()[0]?.open()) as Database;
  service = createMetrics({ db, hub: { emit: () => {} }, onPoints: () => {}, onFault: expect.unreachable, pace: 0 });
  const { app, router } = createHttpApp({
    authenticate: async (headers) =>
      headers.has('authorization') ? { id: 'ada', name: 'Ada', colour: 'a', role: 'viewer' } : null,
    log: pino({ level: 'silent' }),
    version: '1',
  });
  metricsRoutes(router, {
    metrics: service,
    trial: async (id) => {
      if (!KNOWN.includes(id)) throw new Refusal(404, { error: 'no-trial', message: `there is no trial ${id}` });
      return { id, name: 'naïve "run"' };
    },
    times: async (ids) =>
      new Map(ids.flatMap((id) => (KNOWN.includes(id) ? [[id, { startedAt: 1000, createdAt: 900 }]] : []))),
    pauses: async () => [{ from: 1020, to: 1030 }],
  });
  ask = async (method, path, body) =>
    app.request(path, {
      method,
      headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  for (const trial of KNOWN) {
    service.ingest.expect(trial);
    const steps = Float64Array.from({ length: 100 }, (_, i) => i);
    const columns = ['loss', 'a, "b"\n'].map((key) => ({
      ...{ key, steps, walls: steps.map((step) => 1000 + step) },
      values: steps.map((step) => (step === 50 ? Number.NaN : -step)),
    }));
    await service.ingest.add({ trial, source: 'code', seq: 1, columns });
  }
});
afterAll(async () => {
  await service.close();
  await db.close();
});

test('lists metrics by name, a page at a time', async () => {
  const all = metrics.keys.reply.parse(await (await ask('GET', '/api/trials/one/metrics')).json());
  expect(all).toEqual({
    total: 2,
    keys: ['loss', 'a, "b"\n'].map((key) => ({ key, count: 100, last: -99, lastStep: 99 })),
  });
  const some = await (await ask('GET', '/api/trials/one/metrics?match=LOS&limit=1')).json();
  expect(some).toMatchObject({ total: 1, keys: [{ key: 'loss' }] });
  const none = await (await ask('GET', '/api/trials/one/metrics?offset=2')).json();
  expect(none).toEqual({ total: 2, keys: [] });
});

test('reads windows by any name, on any axis', async () => {
  const read = async (body: unknown) => (await ask('POST', '/api/trials/one/series', body)).json();
  const { series } = metrics.windows.reply.parse(await read({ keys: ['a, "b"\n'], from: 40, to: 60, width: 600 }));
  expect(series.map(({ points, total }) => [points.key, points.values[10], total])).toEqual([['a, "b"\n', 'NaN', 21]]);
  const relative = await read({ keys: ['loss'], x: 'relative', from: 20, to: 20 });
  // Steps 20 to 30 were logged while the trial waited: they stand where it began to.
  expect(relative.series[0].points.steps).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
  const beside = await read({ keys: ['loss'], x: 'metric:a, "b"\n' });
  expect(beside.series[0].xs.slice(0, 2)).toEqual([-99, -98]);
});

test('reads many trials at once', async () => {
  const reply = await ask('POST', '/api/series', { trials: ['two', 'one'], keys: ['loss'], width: 10 });
  expect(reply.headers.get('content-type')).toBe('application/octet-stream');
  const series = readSeries(new Uint8Array(await reply.arrayBuffer()));
  expect(series.map(({ trial, total }) => [trial, total])).toEqual([
    ['two', 100],
    ['one', 100],
  ]);
  for (const one of series) {
    const { steps, values } = one;
    expect(steps.length).toBeLessThanOrEqual(20);
    expect([...steps]).toContain(50);
    expect(values[steps.indexOf(50)]).toBeNaN();
  }
});

test('gives wall times beside packed series where they are wanted, and names the metrics of many trials', async () => {
  const body = { trials: ['one'], keys: ['loss'], from: 3, to: 5, walls: true };
  const series = readSeries(new Uint8Array(await (await ask('POST', '/api/series', body)).arrayBuffer()));
  expect(series.map(({ steps, walls }) => [[...steps], [...(walls ?? [])]])).toEqual([
    [
      [3, 4, 5],
      [1003, 1004, 1005],
    ],
  ]);
  const names = await ask('POST', '/api/series/keys', { trials: ['two', 'one', 'three'] });
  expect(metrics.names.reply.parse(await names.json())).toEqual({ keys: ['a, "b"\n', 'loss'], total: 2 });
});

test('gives every point as text', async () => {
  const csv = await ask('GET', exportPath('one', 'csv'));
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(csv.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''na%C3%AFve%20%22run%22.csv");
  const text = await csv.text();
  expect(text.startsWith('metric,step,wall,value\n"loss",0,1000,0\n"loss",1,1001,-1\n')).toBe(true);
  expect(text).toContain('"a, ""b""\n",50,1050,NaN\n');
  const lines = (await (await ask('GET', exportPath('one', 'jsonl'))).text()).trimEnd().split('\n');
  expect(lines).toHaveLength(200);
  expect(JSON.parse(lines[50] ?? '')).toEqual({ metric: 'loss', step: 50, wall: 1050, value: 'NaN' });
});

test('says what is wrong, and where', async () => {
  for (const [path, body, status, where] of [
    ['/api/trials/three/series', { keys: ['loss'] }, 404, undefined],
    ['/api/trials/one/series', { keys: [] }, 400, 'body.keys'],
    ['/api/trials/one/series', { keys: ['loss'], from: '3' }, 400, 'body.from'],
    ['/api/trials/one/series', { keys: ['loss'], x: 'time' }, 400, 'body.x'],
    ['/api/series', { trials: ['one', 'three'], keys: ['loss'] }, 404, undefined],
    [
      '/api/series',
      { trials: Array.from({ length: 500 }, (_, i) => `t${i}`), keys: ['a', 'b', 'c', 'd', 'e'] },
      400,
      'body.trials',
    ],
  ] as const) {
    const reply = await ask('POST', path, body);
    expect(reply.status).toBe(status);
    expect((await reply.json()).where).toBe(where);
  }
});

test('takes pauses from what happened, however it ended', () => {
  const event = (kind: string, at: number) => ({ kind, at });
  expect(pausesOf([event('started', 1), event('paused', 5), event('paused', 6), event('resumed', 9)], 20)).toEqual([
    { from: 5, to: 9 },
  ]);
  expect(pausesOf([event('paused', 5), event('ended', 7), event('started', 8), event('paused', 12)], 20)).toEqual([
    { from: 5, to: 7 },
    { from: 12, to: 20 },
  ]);
});
