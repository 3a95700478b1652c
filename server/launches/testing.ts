/** A whole small workspace for tests of trials that are run again: real files, database, jobs, kernels and sessions. */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { newNotebook, serialiseNotebook } from '@trialroom/shared/notebook/format';
import type { Trial } from '@trialroom/shared/trial/trial';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { createBlobs } from '../blobs/blobs.ts';
import type { Database } from '../database/database.ts';
import type { TestDatabase } from '../database/testing.ts';
import { createDocuments, type OpenDocuments } from '../documents/open-documents.ts';
import { inProcessJobs } from '../jobs/in-process.ts';
import { createHub } from '../live/socket-hub.ts';
import { createNotebooks } from '../notebooks/notebooks.ts';
import { Shares } from '../sessions/kernels/share.ts';
import type { Sessions } from '../sessions/offer.ts';
import { createSessions } from '../sessions/sessions.ts';
import { createTrials, type Trials } from '../trials/trials.ts';
import { type CellRuns, createCellRuns } from './cells.ts';
import { createLaunches } from './launches.ts';
import { startRunner } from './runner.ts';

export const ann = { id: 'ann', name: 'Ann', colour: 'a' } as const;
export const ben = { id: 'ben', name: 'Ben', colour: 'b' } as const;

export interface Workspace {
  trials: Trials;
  sessions: Sessions;
  documents: OpenDocuments;
  cells: CellRuns;
  /** Launches a notebook of one cell. */
  launch(source: string): Promise<Trial>;
  /** Writes a notebook with these code cells (id → source) and returns its id. */
  notebook(cells: Record<string, string>): Promise<string>;
  close(): Promise<void>;
}

/** Where a `describe` has its workspaces. */
export interface Place {
  readonly db: Database;
  readonly folder: string;
  /** Called after each test, the latest first. */
  readonly endings: (() => unknown)[];
  /** A workspace that ends with the test. */
  start(seenByRunner?: (trials: Trials) => Trials): Promise<Workspace>;
}

/** Call it in a `describe`: one database and one folder for all of its tests. */
export function workspaces(open: TestDatabase['open']): Place {
  let db: Database;
  let folder: string;
  const endings: (() => unknown)[] = [];
  beforeAll(async () => {
    db = await open();
    folder = await mkdtemp(join(tmpdir(), 'trialroom-launches-'));
  });
  afterAll(async () => {
    await db.close();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });
  return {
    get db() {
      return db;
    },
    get folder() {
      return folder;
    },
    endings,
    start: async (seenByRunner) => {
      const work = await openWorkspace(db, folder, seenByRunner);
      endings.push(() => work.close());
      return work;
    },
  };
}

/** One server of the workspace in this folder; what runs launched trials sees them through `seenByRunner`. */
export async function openWorkspace(
  db: Database,
  folder: string,
  seenByRunner = (trials: Trials): Trials => trials,
): Promise<Workspace> {
  const log = pino({ level: process.env.TEST_LOG ?? 'silent' });
  const onError = (error: unknown): void => log.error({ err: error }, 'fault');
  const hub = await createHub({ log });
  const jobs = inProcessJobs({ log });
  const notebooks = await createNotebooks({ path: join(folder, 'notebooks'), database: db, hub, onError });
  const documents = createDocuments({ database: db, notebooks, hub, onError });
  const blobs = createBlobs(join(folder, 'blobs'));
  const trials = await createTrials({ db, hub, log, blobs, pathOf: async (id) => (await notebooks.get(id)).path });
  const shares = new Shares();
  const notebooksDir = notebooks.folder.root;
  const sessions = createSessions({ db, hub, documents, notebooks, trials, blobs, log, shares, notebooksDir });
  const cells = createCellRuns({ db, trials, sessions, documents, onError });
  const launches = createLaunches({ db, trials, jobs, blobs, documents, notebooks, cells, onError });
  const runner = startRunner({ db, hub, trials: seenByRunner(trials), jobs, blobs, log, shares, notebooksDir });
  const notebook = async (sources: Record<string, string>): Promise<string> => {
    const path = `${randomUUID()}/train.ipynb`;
    const file = join(notebooksDir, path);
    await mkdir(dirname(file), { recursive: true });
    const cells = Object.entries(sources).map(([id, source]) => ({
      ...{ id, cell_type: 'code' as const, source },
      ...{ metadata: {}, outputs: [], execution_count: null },
    }));
    await writeFile(file, serialiseNotebook({ ...newNotebook(), cells }));
    return (await notebooks.at(path)).id;
  };
  return {
    ...{ trials, sessions, documents, cells, notebook },
    launch: async (source) => launches.launch({ notebook: await notebook({ c: source }), params: {} }, ann),
    close: async () => {
      await runner.close();
      launches.close();
      await sessions.close();
      await cells.close();
      shares.close();
      await trials.close();
      await documents.close();
      await notebooks.close();
      await jobs.close();
      await hub.close();
    },
  };
}

/** Resolves with the trial once it is as wanted, now or after a change. */
export async function reaches(trials: Trials, id: string, wanted: (trial: Trial) => boolean): Promise<Trial> {
  for (;;) {
    const changed = new Promise<void>((resolve) => {
      const end = trials.onChange(() => {
        end();
        resolve();
      });
    });
    const trial = await trials.get(id);
    if (wanted(trial)) return trial;
    await changed;
  }
}

/** Every value of a key by step; a step that was taken again has to give what it gave. */
export async function valuesOf(trials: Trials, id: string, key: string): Promise<Map<number, number>> {
  const [series] = await trials.series(id, [key], { width: 10_000 });
  const values = new Map<number, number>();
  for (const [at, step] of (series?.points.steps ?? []).entries()) {
    const value = Number(series?.points.values[at]);
    const known = values.get(Number(step));
    if (known !== undefined) expect(value).toBe(known);
    values.set(Number(step), value);
  }
  return values;
}

/** Put in the place of `hold`: waits at a step until someone wants a pause. */
export const HOLD = 'while (step === 30 && !run.pausing) await new Promise((next) => setTimeout(next, 5));';

/** Dropout, shuffles and Adam: all that chance and memory have a hand in. 180 steps. */
export const FIT = `import * as tf from "@tensorflow/tfjs";
import { fit, trial } from "trialroom";
const run = await trial({ experiment: "fit", name: "fit", params: {} });
const layer = (units, activation, more = {}) => tf.layers.dense({ units, activation,
  kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }), ...more });
const model = tf.sequential({ layers: [layer(6, "relu", { inputShape: [4] }), tf.layers.dropout({ rate: 0.3 }), layer(3, "softmax")] });
const x = Array.from({ length: 48 }, (_, row) => Array.from({ length: 4 }, (_, at) => Math.sin(row * 3.1 + at * (1 + (row % 3)))));
const y = x.map((_, row) => [0, 1, 2].map((label) => (label === row % 3 ? 1 : 0)));
await fit(model, [x, y], { loss: "categoricalCrossentropy", optimizer: "adam", epochs: 30, batchSize: 8, seed: 7, trial: run,
  checkpoints: { folder: "checkpoints/" + run.id, everyEpochs: 1000 }, progress: false,
  callbacks: [{ onStep: async ({ step }) => { /* hold */ } }] });
await run.finish();`;

/** A loop of its own, of 200 steps. */
export const LOOP = `import { readFile, writeFile } from "node:fs/promises";
import { trial } from "trialroom";
const run = await trial({ experiment: "loop", name: "loop", params: {} });
const file = "state-" + run.id + ".json";
let state = 1;
const steps = run.steps(200, {
  every: 50,
  checkpoint: async () => { await writeFile(file, String(state)); return file; },
  restore: async (path) => { state = Number(await readFile(path, "utf8")); },
});
for await (const step of steps) {
  state = (state * 48271) % 2147483647;
  run.log({ state }, { step: step + 1 });
  /* hold */
}
await run.finish();`;
