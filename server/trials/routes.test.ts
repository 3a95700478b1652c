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

const get = async (path: string) => {
  const reply = await app.request(path, { headers: { authorization: 'Bearer viewer' } });
  const text = await reply.text();
  return {
    status: reply.status,
    text,
    body: reply.headers.get('content-type')?.includes('json') ? JSON.parse(text) : null,
  };
};

test('what happened, and the log, may be read by all; rules are for those who may control trials', async () => {
  const { trial } = await trials.open(
    { experiment: 'watched', name: 'cnn', params: {} },
    { kernel: 'k2', execution: 'e2', cell: 'c', notebook: 'n', by: null, backend: 'cpu' },
  );
  trials.print('e2', 'stdout', 'epoch 1\nERROR: no\n');
  await trials.events(trial, 'e2', 1, [{ kind: 'note', at: 1, step: 1, text: 'hello', data: {} }]);
  expect((await get(`/api/trials/${trial}/events?kind=note,alert&limit=5`)).body.events).toMatchObject([
    { kind: 'note', text: 'hello', seq: 2 },
  ]);
  expect(await get(`/api/trials/${trial}/events?kind=gossip`)).toMatchObject({ status: 400 });
  expect((await get(`/api/trials/${trial}/media`)).body).toMatchObject({ media: [], keys: [] });
  expect((await get(`/api/trials/${trial}/log?q=error`)).body).toMatchObject({
    lines: [{ seq: 2, text: 'ERROR: no', level: 'error' }],
    next: null,
    total: 2,
  });
  expect(await get(`/api/trials/${trial}/log?q=(&regex=true`)).toMatchObject({ status: 422 });
  expect((await get(`/api/trials/${trial}/log.txt`)).text).toBe('epoch 1\nERROR: no\n');
  expect(await get('/api/trials/nothing/log.txt')).toMatchObject({ status: 404 });

  const { experimentId } = await trials.get(trial);
  const add = async (role: string, body: object) => {
    const headers = { authorization: `Bearer ${role}`, 'content-type': 'application/json' };
    const path = `/api/experiments/${experimentId}/alerts`;
    const reply = await app.request(path, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: reply.status, body: await reply.json() };
  };
  expect(await add('viewer', { when: 'loss > 1' })).toMatchObject({ status: 403 });
  expect(await add('editor', { when: 'loss goes up' })).toMatchObject({ status: 422 });
  const added = await add('editor', { when: 'loss>1' });
  expect(added).toMatchObject({ status: 200, body: { when: 'loss > 1', level: 'warning', by: { name: 'Bo' } } });
  expect((await get(`/api/experiments/${experimentId}/alerts`)).body.rules).toEqual([added.body]);
  const edit = async (role: string, body: object) => {
    const headers = { authorization: `Bearer ${role}`, 'content-type': 'application/json' };
    const path = `/api/experiments/${experimentId}/alerts/${added.body.id}`;
    const reply = await app.request(path, { method: 'PATCH', headers, body: JSON.stringify(body) });
    return { status: reply.status, body: await reply.json() };
  };
  expect(await edit('viewer', { level: 'error' })).toMatchObject({ status: 403 });
  expect(await edit('editor', { level: 'loud' })).toMatchObject({ status: 400 });
  expect(await edit('editor', { when: 'loss goes up' })).toMatchObject({ status: 422 });
  const edited = { ...added.body, when: 'loss > 2', level: 'error' };
  expect(await edit('editor', { when: 'loss>2', level: 'error' })).toEqual({ status: 200, body: edited });
  expect((await get(`/api/experiments/${experimentId}/alerts`)).body.rules).toEqual([edited]);
  const remove = (role: string) =>
    app.request(`/api/experiments/${experimentId}/alerts/${added.body.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${role}` },
    });
  expect((await remove('viewer')).status).toBe(403);
  expect((await remove('editor')).status).toBe(200);
  expect((await get(`/api/experiments/${experimentId}/alerts`)).body.rules).toEqual([]);
});
