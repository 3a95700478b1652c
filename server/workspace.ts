/**
 * The capabilities of a workspace, made in the order in which they stand on each other. What each does is its own
 * business; this file only knows who needs whom, and knows nothing of HTTP but where routes are registered.
 */
import { join } from 'node:path';
import { type Blobs, createBlobs } from './blobs/blobs.ts';
import { blobsRoutes } from './blobs/routes.ts';
import type { Config } from './config.ts';
import type { Database } from './database/database.ts';
import { createDocuments, type OpenDocuments } from './documents/open-documents.ts';
import { notebookRoutes } from './documents/routes.ts';
import type { Floor } from './floor.ts';
import { tellGlances } from './home/glances.ts';
import { createHome } from './home/home.ts';
import { Refusal } from './http/refusal.ts';
import type { Router } from './http/register.ts';
import { createLanguage, type Language } from './language/language.ts';
import { languageRoutes } from './language/routes.ts';
import { createLaunches, type Launches } from './launches/launches.ts';
import { launchesRoutes } from './launches/routes.ts';
import { startRunner } from './launches/runner.ts';
import type { Hub } from './live/hub.ts';
import type { Log } from './log.ts';
import { createNotebooks, type Notebooks } from './notebooks/notebooks.ts';
import { sessionsRoutes } from './sessions/routes.ts';
import { createSessions, type Sessions } from './sessions/sessions.ts';
import { trialsRoutes } from './trials/routes.ts';
import { createTrials, type Trials } from './trials/trials.ts';

/** How often queued trials are given to the queue again, in ms. */
const RECOVERY = 60_000;

/** What servers and workers both have. */
export interface Workspace {
  readonly blobs: Blobs;
  readonly notebooks: Notebooks;
  readonly documents: OpenDocuments;
  readonly trials: Trials;
}

/** What only a server has. */
export interface Serving extends Workspace {
  readonly sessions: Sessions;
  readonly language: Language;
  readonly launches: Launches;
}

/** Makes the capabilities and adds what must be ended to the floor's list. */
export async function createWorkspace(config: Config, floor: Floor): Promise<Workspace> {
  const { db, hub, log, endings } = floor;
  const onError = reporter(log);
  const blobs = createBlobs(join(config.dataDir, 'blobs'));
  const notebooks = await openNotebooks(config.notebooksDir, db, hub, onError);
  endings.push(['notebooks', () => notebooks.close()]);
  const documents = createDocuments({ database: db, notebooks, hub, onError });
  endings.push(['documents', () => documents.flush().finally(() => documents.close())]);
  const trials = await createTrials({ db, hub, log, pathOf: async (id) => (await notebooks.get(id)).path });
  endings.push(['trials', () => trials.close()]);
  // In workers too: only the process that hosts a trial hears of its points.
  endings.push(['glances', tellGlances({ hub, trials, onError })]);
  return { blobs, notebooks, documents, trials };
}

const cellLimitOf = ({ cellTimeoutS }: Config): number | undefined =>
  cellTimeoutS === undefined ? undefined : cellTimeoutS * 1000;

/** Begins to take launched trials from the queue. */
export function takeLaunches(config: Config, floor: Floor, { trials, blobs }: Workspace): void {
  const { notebooksDir, kernelMemoryMb } = config;
  const cellLimitMs = cellLimitOf(config);
  const runner = startRunner({ ...floor, trials, blobs, notebooksDir, kernelMemoryMb, cellLimitMs });
  // No more may be taken before those that run are ended: what still waits is for others.
  floor.endings.push(['launched trials', () => floor.jobs.close().then(() => runner.close())]);
}

/** Adds what serves people. One process of a workspace does this: sessions of another would be taken for dead. */
export function createServing(config: Config, { db, hub, jobs, log, endings }: Floor, workspace: Workspace): Serving {
  const sessions = createSessions({
    ...workspace,
    db,
    hub,
    log,
    notebooksDir: config.notebooksDir,
    kernelMemoryMb: config.kernelMemoryMb,
    warmKernels: config.warmKernels,
    cellLimitMs: cellLimitOf(config),
    idleLimitMs: config.idleMinutes === 0 ? undefined : config.idleMinutes * 60_000,
  });
  endings.push(['sessions', () => sessions.close()]);
  const language = createLanguage({ ...workspace, hub, sessions, notebooksDir: config.notebooksDir, log });
  sessions.remarksFrom(language.remarks);
  endings.push(['language', () => language.close()]);
  const launches = createLaunches({ ...workspace, db, jobs, onError: reporter(log) });
  // The queue only says where to look; what SQL holds and the queue has lost is found again.
  const recovery = setInterval(() => void launches.recover().catch(reporter(log)), RECOVERY);
  recovery.unref();
  endings.push(['launches', () => launches.close()], ['recovery', () => clearInterval(recovery)]);
  createHome({ ...workspace, hub });
  return { ...workspace, sessions, language, launches };
}

const reporter =
  (log: Log) =>
  (error: unknown): void =>
    log.error({ err: error }, 'a background task failed');

/** @throws Refusal when the folder can be neither found nor made */
async function openNotebooks(
  path: string,
  database: Database,
  hub: Hub,
  onError: (error: unknown) => void,
): Promise<Notebooks> {
  try {
    return await createNotebooks({ path, database, hub, onError });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new Refusal(500, {
      error: 'notebooks-folder',
      message: `the notebooks folder cannot be opened: ${error.message}`,
      where: path,
      fix: 'make the folder and give this user the right to read it, or choose another with --notebooks',
    });
  }
}

/** Registers the HTTP interface of every capability. */
export function workspaceRoutes(
  router: Router,
  { blobs, documents, language, launches, notebooks, sessions, trials }: Serving,
): void {
  blobsRoutes(router, blobs);
  notebookRoutes(router, { documents, notebooks });
  sessionsRoutes(router, sessions);
  languageRoutes(router, language);
  trialsRoutes(router, trials);
  launchesRoutes(router, launches);
}
