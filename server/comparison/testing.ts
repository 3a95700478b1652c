/** What tests of comparison share: the capabilities on one database, trials that ran, and an application to ask. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrialOpen } from '@trialroom/shared/kernel/protocol';
import type { TrialEnvironment } from '@trialroom/shared/trial/environment';
import { pino } from 'pino';
import { afterAll, beforeAll, expect } from 'vitest';
import { createBlobs } from '../blobs/blobs.ts';
import type { Database } from '../database/database.ts';
import type { TestDatabase } from '../database/testing.ts';
import { createTotals } from '../experiments/totals.ts';
import { launchedSource } from '../launches/source.ts';
import { createHub } from '../live/socket-hub.ts';
import { createIntake } from '../results/intake.ts';
import { createResults } from '../results/results.ts';
import { Shares } from '../sessions/kernels/share.ts';
import { appOfRoles } from '../sessions/testing.ts';
import { createTrials, type Trials } from '../trials/trials.ts';
import { type Capture, createCapture } from './capture.ts';
import { comparisonRoutes } from './routes.ts';
import { createComparison } from './serving.ts';

export const ENVIRONMENT: TrialEnvironment = {
  ...{ node: '24.0.0', platform: 'linux x64', cpu: 'a chip', cores: 2, memory: 8, gpu: null, backend: null, seed: 1 },
  ...{ packages: { trialroom: '0.1.0' }, lockHash: null, git: null },
};

export interface Compared {
  readonly db: Database;
  readonly trials: Trials;
  readonly capture: Capture;
  readonly intake: ReturnType<typeof createIntake>;
}

/** An answer: its body is looked at as whatever it is. */
export interface Answer {
  status: number;
  body: ReturnType<typeof JSON.parse>;
}

export interface Comparing {
  /** Gives `take` what there is, before the first test. */
  ready(take: (made: Compared) => void): void;
  /** A trial that ran to its end. */
  ran(
    name: string,
    params: Record<string, unknown>,
    accuracy: readonly number[],
    over?: Partial<TrialOpen>,
  ): Promise<string>;
  /** Asks the application, as a viewer by default. */
  get(path: string, role?: string, method?: string, body?: unknown): Promise<Answer>;
}

/** Call it in a `describe`: opens everything before the first of its tests, and ends it after the last. */
export function comparing(open: TestDatabase['open']): Comparing {
  const log = pino({ level: 'silent' });
  let made: Compared;
  let ready: (made: Compared) => void = () => {};
  const endings: (() => unknown)[] = [];
  const { app, router } = appOfRoles();
  beforeAll(async () => {
    const db = await open();
    const folder = await mkdtemp(join(tmpdir(), 'trialroom-comparison-'));
    const hub = await createHub({ log });
    const blobs = createBlobs(join(folder, 'blobs'));
    const onError = (error: unknown): void => expect.unreachable(String(error));
    const trials = await createTrials({ db, hub, log, blobs, pathOf: async () => 'digits.ipynb' });
    const totals = createTotals({ db, trials, onError });
    // Trials of a notebook that is open are tried with a whole server, in the browser.
    const documents = { open: () => Promise.reject(new Error('no notebook is open')) };
    const capture = createCapture({ db, trials, documents, launchedSource: (id) => launchedSource(db, id), onError });
    trials.onPurge(capture.erase);
    const intake = createIntake({ db, blobs, hub, uploadsDir: join(folder, 'uploads'), onError });
    const results = createResults({ db, blobs, environmentOf: capture.environmentOf });
    const shares = new Shares();
    const comparison = createComparison({ db, trials, capture, results, shares, folder, memoryMb: undefined, log });
    comparisonRoutes(router, comparison);
    endings.push(
      () => comparison.close(),
      () => capture.close(),
      () => trials.close(),
      () => totals.close(),
      () => shares.close(),
      () => hub.close(),
      () => db.close(),
      () => rm(folder, { recursive: true, force: true }),
    );
    made = { db, trials, capture, intake };
    ready(made);
  }, 60_000);
  afterAll(async () => {
    for (const end of endings) await end();
  });

  let kernels = 0;
  return {
    ready: (take) => {
      ready = take;
    },
    ran: async (name, params, accuracy, over = {}) => {
      const { trials } = made;
      const kernel = `k${++kernels}`;
      const objective = { key: 'accuracy', direction: 'maximise' as const };
      const { trial } = await trials.open(
        { experiment: 'digits', name, params, objective, script: { name: 'train.ts', source: 'go();' }, ...over },
        { kernel, execution: kernel, cell: 'c', notebook: null, by: null, backend: 'cpu' },
      );
      const column = {
        key: 'accuracy',
        steps: Float64Array.from(accuracy, (_, at) => at + 1),
        values: Float64Array.from(accuracy),
      };
      await trials.points(trial, kernel, 1, [{ ...column, walls: column.steps }]);
      await trials.finish(trial, 'completed');
      return trial;
    },
    get: async (path, role = 'viewer', method = 'GET', body) => {
      const reply = await app.request(path, {
        method,
        headers: {
          authorization: `Bearer ${role}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: reply.status, body: await reply.json() };
    },
  };
}
