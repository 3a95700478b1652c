/** Launching with real notebooks, kernels, jobs and databases; with two processes' worth of servers where there is Redis. */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { newNotebook, parseNotebook, serialiseNotebook } from '@trialroom/shared/notebook/format';
import { isOver, type Trial, type TrialStatus } from '@trialroom/shared/trial/trial';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createBlobs } from '../blobs/blobs.ts';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { createDocuments } from '../documents/open-documents.ts';
import { beeJobs } from '../jobs/bee.ts';
import { inProcessJobs } from '../jobs/in-process.ts';
import { createHub } from '../live/socket-hub.ts';
import { createNotebooks } from '../notebooks/notebooks.ts';
import { Shares } from '../sessions/kernels/share.ts';
import { createSessions } from '../sessions/sessions.ts';
import { createTrials, type Trials } from '../trials/trials.ts';
import { createCellRuns } from './cells.ts';
import { createLaunches } from './launches.ts';
import { startRunner } from './runner.ts';

vi.setConfig({ testTimeout: 180_000 });
const log = pino({ level: process.env.TEST_LOG ?? 'silent' });
const ann = { id: 'ann', name: 'Ann', colour: 'a' } as const;
const redisUrl = process.env.REDIS_URL;

const TRAIN = `import { trial } from "trialroom";
const run = await trial({ experiment: "in the code", name: "in the code", params: { lr, own: true } });
for (let step = 1; step <= 3; step++) run.log({ loss: lr / step }, { step });
run.summary({ best: lr });
"lr " + lr`;
const WAIT = `import { trial } from "trialroom";
const run = await trial({ experiment: "wait", name: "wait", params: {} });
while (!run.stopping) await new Promise((next) => setTimeout(next, 5));
run.finish();`;
const STEPS = `import { trial } from "trialroom";
const run = await trial({ experiment: "steps", name: "steps", params: {} });
for await (const _ of run.steps(1e9)) await new Promise((next) => setTimeout(next, 5));
run.finish();`;

describe.each(testDatabases())('launches on $name', ({ name, open: openDatabase }) => {
  let db: Database;
  let folder: string;
  beforeAll(async () => {
    db = await openDatabase();
    folder = await mkdtemp(join(tmpdir(), 'trialroom-launch-'));
  });
  afterAll(async () => {
    await db.close();
    await rm(folder, { recursive: true, force: true });
  });
  const endings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  /** One process of the workspace. `runs`: it takes launched trials. `prefix`: it shares Redis with others. */
  const start = async ({ runs = true, prefix = '' } = {}) => {
    const ended: (() => unknown)[] = [];
    const redis = prefix && redisUrl ? new Redis(redisUrl) : undefined;
    ended.push(() => redis?.quit());
    const hub = await createHub(redis ? { log, redis, prefix } : { log });
    ended.push(() => hub.close());
    const jobs = redis && redisUrl ? await beeJobs({ url: redisUrl, prefix, log }) : inProcessJobs({ log });
    ended.push(() => jobs.close());
    const onError = (error: unknown): void => log.error({ err: error }, 'fault');
    const notebooks = await createNotebooks({ path: join(folder, 'notebooks'), database: db, hub, onError });
    ended.push(() => notebooks.close());
    const documents = createDocuments({ database: db, notebooks, hub, onError });
    ended.push(() => documents.close());
    const blobs = createBlobs(join(folder, 'blobs'));
    const trials = await createTrials({ db, hub, log, pathOf: async (id) => (await notebooks.get(id)).path });
    ended.push(() => trials.close());
    const shares = new Shares();
    ended.push(async () => shares.close());
    const notebooksDir = notebooks.folder.root;
    const sessions = createSessions({ db, hub, documents, notebooks, trials, blobs, log, shares, notebooksDir });
    const cells = createCellRuns({ db, trials, sessions, documents, onError });
    ended.push(
      () => cells.close(),
      () => sessions.close(),
    );
    const launches = createLaunches({ db, trials, jobs, blobs, documents, notebooks, cells, onError });
    ended.push(() => launches.close());
    if (runs) {
      const runner = startRunner({ db, hub, trials, jobs, blobs, log, shares, notebooksDir });
      ended.push(() => runner.close());
    }
    let stopped: Promise<void> | undefined;
    const stop = async (): Promise<void> => {
      for (const end of ended.reverse()) await end();
    };
    endings.push(() => (stopped ??= stop()));
    return { trials, launches, notebooks, stop: () => (stopped ??= stop()) };
  };
  type Started = Awaited<ReturnType<typeof start>>;

  const notebook = async ({ notebooks }: Started, ...sources: string[]): Promise<string> => {
    const path = `${randomUUID()}/train.ipynb`;
    const cells = sources.map((source, index) => ({
      id: `c${index}`,
      cell_type: 'code' as const,
      source,
      metadata: source.startsWith('// defaults') ? { tags: ['parameters'] } : {},
      outputs: [],
      execution_count: null,
    }));
    const file = join(notebooks.folder.root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, serialiseNotebook({ ...newNotebook(), cells }));
    return (await notebooks.at(path)).id;
  };

  /** Resolves when the trial has this status, and with it the trial. Asks the store after every change made here. */
  const reaches = async (trials: Trials, id: string, wanted: (status: TrialStatus) => boolean): Promise<Trial> => {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        const end = trials.onChange(() => {
          end();
          resolve();
        });
      });
      const trial = await trials.get(id);
      if (wanted(trial.status)) return trial;
      await changed;
    }
  };
  /** Ten steps of a trial that waits are a sign that its code runs. */
  const adopted = async (trials: Trials, id: string): Promise<void> => {
    while ((await trials.get(id)).cell === null) {
      await new Promise<void>((resolve) => {
        const end = trials.onChange(() => {
          end();
          resolve();
        });
      });
    }
  };

  test('runs the notebook with its parameters, and its own trial() is the launched trial', async () => {
    const server = await start();
    const id = await notebook(server, '// defaults\nconst lr = 0.1;', TRAIN);
    const request = { notebook: id, experiment: 'sweep', name: 'first', params: { lr: 0.5 } };
    const queued = await server.launches.launch(request, ann);
    expect(queued).toMatchObject({ status: 'queued', experiment: 'sweep', name: 'first', by: ann });
    const trial = await reaches(server.trials, queued.id, isOver);
    expect(trial).toMatchObject({
      status: 'completed',
      reason: null,
      params: { lr: 0.5, own: true },
      summary: { best: 0.5 },
    });
    expect(trial.notebook?.id).toBe(id);
    const [series] = await server.trials.series(trial.id, ['loss'], { width: 100 });
    expect(series?.points.values).toEqual([0.5, 0.25, 0.5 / 3]);
    expect((await server.trials.list({})).filter(({ notebook: of }) => of?.id === id)).toHaveLength(1);
    const executed = parseNotebook(JSON.stringify(await server.launches.executed(trial.id)));
    expect(executed.cells.map(({ source }) => source)).toEqual([
      '// defaults\nconst lr = 0.1;',
      '// Parameters\nconst lr = 0.5;',
      TRAIN,
    ]);
    expect(JSON.stringify(executed.cells[2])).toContain('lr 0.5');
  });

  test('a notebook without trial() is a trial too, with what it printed', async () => {
    const server = await start();
    const id = await notebook(server, 'console.log("hello");', 'throw new TypeError("no such thing")');
    const { id: trial } = await server.launches.launch({ notebook: id, params: {} }, ann);
    expect(await reaches(server.trials, trial, isOver)).toMatchObject({
      status: 'failed',
      experiment: 'train',
      reason: 'Cell 2 failed: TypeError: no such thing',
    });
    expect(await server.launches.executed(trial)).toMatchObject({ nbformat: 4 });
  });

  test('a pause holds from the first step of the code on, also when it was asked for before there was any', async () => {
    const server = await start();
    const { launches, trials } = server;
    const { id } = await launches.launch({ notebook: await notebook(server, STEPS), params: {} }, ann);
    await reaches(trials, id, (status) => status === 'running');
    expect(await trials.requestPause(id, ann)).toMatchObject({ pauseRequested: true });
    expect(await reaches(trials, id, (status) => status === 'paused')).toMatchObject({ reason: 'paused by Ann' });
    await trials.requestResume(id, ann);
    await reaches(trials, id, (status) => status === 'running');
    await trials.requestStop(id, ann);
    expect(await reaches(trials, id, isOver)).toMatchObject({ status: 'stopped', reason: 'stopped by Ann' });
  });

  test('a stop ends a queued trial at once, and a running one by its own code', async () => {
    const server = await start();
    const { launches, trials } = server;
    const id = await notebook(server, WAIT);
    const running = await launches.launch({ notebook: id, params: {} }, ann);
    const waiting = await launches.launch({ notebook: id, params: {} }, ann);
    await adopted(trials, running.id);
    expect(await trials.requestStop(waiting.id, ann)).toMatchObject({ status: 'stopped', reason: 'stopped by Ann' });
    await expect(launches.executed(running.id)).rejects.toMatchObject({ status: 404 });
    await trials.requestStop(running.id, ann);
    expect(await reaches(trials, running.id, isOver)).toMatchObject({ status: 'stopped', reason: 'stopped by Ann' });
    const next = await launches.launch({ notebook: await notebook(server, '1'), params: {} }, ann);
    await reaches(trials, next.id, isOver);
    // Had the stopped one been run, it would have been before `next`.
    expect(await trials.get(waiting.id)).toMatchObject({ status: 'stopped', startedAt: null });
  });

  test('a server that is shut down stops what it runs, keeps the notebook, and says why', async () => {
    const first = await start();
    const { id } = await first.launches.launch({ notebook: await notebook(first, WAIT), params: {} }, ann);
    await adopted(first.trials, id);
    await first.stop();
    const second = await start({ runs: false });
    expect(await second.trials.get(id)).toMatchObject({ status: 'stopped', reason: 'The server was shut down.' });
    expect(await second.launches.executed(id)).toMatchObject({ nbformat: 4 });
  });

  test('what is queued when the server ends is run after the next start, with the text it had', async () => {
    const first = await start({ runs: false });
    const id = await notebook(first, '// defaults\nconst lr = 1;', TRAIN);
    const { id: trial } = await first.launches.launch({ notebook: id, params: {} }, ann);
    await first.stop();
    const second = await start();
    await second.launches.recover();
    expect(await reaches(second.trials, trial, isOver)).toMatchObject({ status: 'completed', summary: { best: 1 } });
  });

  test('refuses what cannot be run, and makes no trial of it', async () => {
    const server = await start();
    const id = await notebook(server, '1');
    const before = (await server.trials.list({})).length;
    await expect(server.launches.launch({ notebook: 'nothing', params: {} }, ann)).rejects.toMatchObject({
      status: 404,
    });
    const bad = server.launches.launch({ notebook: id, params: { 'not a name': 1 } }, ann);
    await expect(bad).rejects.toMatchObject({ status: 422, problem: { error: 'parameter-unusable', where: 'params' } });
    expect((await server.trials.list({})).length).toBe(before);
  });

  test.runIf(name === 'postgres' && redisUrl)('a worker runs what a server launched, and hears its stop', async () => {
    const prefix = `test-${randomUUID()}`;
    const server = await start({ runs: false, prefix });
    const worker = await start({ prefix });
    const train = await notebook(server, '// defaults\nconst lr = 2;', TRAIN);
    const { id } = await server.launches.launch({ notebook: train, params: {} }, ann);
    await reaches(worker.trials, id, isOver);
    expect(await server.trials.get(id)).toMatchObject({ status: 'completed', summary: { best: 2 } });
    const [series] = await server.trials.series(id, ['loss'], { width: 100 });
    expect(series?.points.values).toEqual([2, 1, 2 / 3]);
    const { id: waiting } = await server.launches.launch({ notebook: await notebook(server, WAIT), params: {} }, ann);
    await adopted(worker.trials, waiting);
    await server.trials.requestStop(waiting, ann);
    expect(await reaches(worker.trials, waiting, isOver)).toMatchObject({
      status: 'stopped',
      reason: 'stopped by Ann',
    });
  });
});
