import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { createHttpApp } from '../http/router.ts';
import type { Hub } from '../live/hub.ts';
import { createHub } from '../live/socket-hub.ts';
import { trialsRoutes } from './routes.ts';
import { controlChannel } from './sink.ts';
import { createTrials, type Trials } from './trials.ts';

const log = pino({ level: 'silent' });
const { app, router } = createHttpApp({
  authenticate: async (headers) => {
    const role = headers.get('authorization') === 'Bearer editor' ? 'editor' : 'viewer';
    return { id: role, name: 'Bo', colour: 'b', role };
  },
  log,
  version: 'test',
});
let db: Database;
let hub: Hub;
let trials: Trials;
beforeAll(async () => {
  const [embedded] = testDatabases();
  if (!embedded) throw new Error('no database to test on');
  db = await embedded.open();
  hub = await createHub({ log });
  trials = await createTrials({ db, hub, log, pathOf: async () => 'digits.ipynb' });
  trialsRoutes(router, trials);
});
afterAll(async () => {
  await trials.close();
  await hub.close();
  await db.close();
});

const post = async (path: string, role = 'editor') => {
  const reply = await app.request(path, { method: 'POST', headers: { authorization: `Bearer ${role}` } });
  return { status: reply.status, body: await reply.json() };
};

test('pausing, going on and stopping is for those who may control trials', async () => {
  const { trial } = await trials.open(
    { experiment: 'digits', name: 'cnn', params: {} },
    { kernel: 'k', execution: 'e', cell: 'c', notebook: 'n', by: null, backend: 'cpu' },
  );
  const heard: unknown[] = [];
  await hub.subscribe(controlChannel(trial), (wish) => heard.push(wish));
  for (const action of ['pause', 'resume', 'stop', 'stop?now=true']) {
    expect(await post(`/api/trials/${trial}/${action}`, 'viewer')).toMatchObject({ status: 403 });
  }
  expect(heard).toEqual([]);
  expect(await post(`/api/trials/${trial}/pause`)).toMatchObject({
    status: 200,
    body: { pauseRequested: true, reason: 'paused by Bo' },
  });
  expect(await post(`/api/trials/${trial}/resume`)).toMatchObject({ status: 200, body: { pauseRequested: false } });
  expect(await post(`/api/trials/${trial}/stop`)).toMatchObject({ status: 200, body: { stopRequested: true } });
  expect(await post(`/api/trials/${trial}/pause`)).toMatchObject({ status: 409 });
  expect(await post(`/api/trials/${trial}/stop?now=true`)).toMatchObject({ status: 200 });
  expect(await post(`/api/trials/${trial}/stop?now=perhaps`)).toMatchObject({ status: 400 });
  expect(await post('/api/trials/nothing/pause')).toMatchObject({ status: 404 });
  expect(heard).toEqual(['pause', 'resume', 'stop', 'stop-now'].map((action) => ({ action })));
});
