/** Five trials of two experiments behind the HTTP interface, anew for each test: what tests of experiments share. */
import type { FilterRow } from '@trialroom/shared/trial/filter/matches';
import type { Trial } from '@trialroom/shared/trial/trial';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Database } from '../database/database.ts';
import { createHttpApp } from '../http/router.ts';
import type { Hub } from '../live/hub.ts';
import { createHub } from '../live/socket-hub.ts';
import { createTrials, type Trials } from '../trials/trials.ts';
import { createExperiments, type Experiments } from './experiments.ts';
import { experimentsRoutes } from './routes.ts';
import { storeRows } from './testing.ts';
import { createTotals, type Totals } from './totals.ts';

export const NOW = Date.UTC(2026, 10, 21);

const row = (index: number, fields: Partial<Trial>, accuracy: number | null): FilterRow => ({
  trial: {
    ...{ id: '', experiment: 'digits', experimentId: '', name: `seed ${index}`, status: 'completed' },
    ...{ stopRequested: false, pauseRequested: false, release: 'none', checkpoint: null, revision: 0 },
    ...{ params: {}, objective: { key: 'acc', direction: 'maximise' }, progress: null, summary: {}, reason: null },
    ...{
      notebook: null,
      cell: null,
      backend: null,
      by: { id: 'ada', name: 'Ada', colour: 'a' },
      tags: [],
      starred: false,
    },
    ...{ note: '', createdAt: NOW + index, startedAt: NOW, endedAt: NOW + 1000, archivedAt: null },
    ...fields,
  },
  metrics:
    accuracy === null
      ? {}
      : { acc: { last: accuracy, lastStep: 9, min: 0.1, max: Number.isNaN(accuracy) ? 0.1 : accuracy, count: 10 } },
  baseline: false,
});

export const SEEDS: FilterRow[] = [
  row(0, { params: { lr: 0.1, seed: 0 } }, 0.8),
  row(1, { params: { lr: 0.1, seed: 1 } }, 0.9),
  row(2, { params: { lr: 0.01, seed: 0 }, tags: ['baseline'], by: { id: 'bo', name: 'Bo', colour: 'b' } }, 0.5),
  row(3, { params: { lr: 0.01, seed: 1 }, status: 'queued', startedAt: null, endedAt: null }, Number.NaN),
  row(4, { params: {}, status: 'failed', experiment: 'other' }, null),
];

export const ids = ['t00000', 't00001', 't00002', 't00003', 't00004'];

/** What is served; to be read within tests only. */
export interface Served {
  db: Database;
  hub: Hub;
  trials: Trials;
  totals: Totals;
  experiments: Experiments;
  /** The time, in ms since the epoch. */
  now: number;
  /** What was told live in this test. */
  readonly told: { topic: string; event: string; payload: unknown }[];
  send(
    method: string,
    path: string,
    body?: unknown,
    role?: string,
  ): Promise<{ status: number; body: ReturnType<typeof JSON.parse> }>;
}

/** Called within `describe`: serves on this database before all of its tests. */
export function servedOn(open: () => Promise<Database>): Served {
  const log = pino({ level: 'silent' });
  const { app, router } = createHttpApp({
    authenticate: async (headers) => {
      const role = headers.get('authorization') === 'Bearer viewer' ? 'viewer' : 'editor';
      return { id: role === 'viewer' ? 'bo' : 'ada', name: role === 'viewer' ? 'Bo' : 'Ada', colour: 'a', role };
    },
    log,
    version: 'test',
  });
  const told: Served['told'] = [];
  const served = {
    told,
    now: NOW,
    send: async (method, path, body = {}, role = 'editor') => {
      const reply = await app.request(path, {
        method,
        headers: { authorization: `Bearer ${role}`, 'content-type': 'application/json' },
        ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
      });
      // What is no JSON comes as its bytes.
      const json = reply.headers.get('content-type')?.startsWith('application/json');
      return { status: reply.status, body: json ? await reply.json() : new Uint8Array(await reply.arrayBuffer()) };
    },
  } as Served;
  beforeAll(async () => {
    const db = await open();
    const real = await createHub({ log });
    const hub: Hub = {
      ...real,
      emit: (topic, event, payload) => {
        told.push({ topic, event, payload });
        real.emit(topic, event, payload);
      },
    };
    const trials = await createTrials({ db, hub, log, pathOf: async () => 'digits.ipynb' });
    const onError = (error: unknown) => {
      throw error;
    };
    const totals = createTotals({ db, trials, onError });
    const experiments = createExperiments({ db, hub, trials, onError, now: () => served.now });
    experimentsRoutes(router, experiments, trials);
    Object.assign(served, { db, hub, trials, totals, experiments });
  });
  afterAll(async () => {
    served.experiments.close();
    await served.trials.close();
    await served.totals.close();
    await served.hub.close();
    await served.db.close();
  });
  beforeEach(async () => {
    served.now = NOW;
    await storeRows(served.db, SEEDS);
    told.length = 0;
  });
  return served;
}
