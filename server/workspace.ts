/**
 * The capabilities of a workspace, made in the order in which they stand on each other. What each does is its own
 * business; this file only knows who needs whom, and knows nothing of HTTP but where routes are registered.
 */
import { join } from 'node:path';
import { annotationsMarkdown, withAnnotations } from '@trialroom/shared/annotation/export';
import type { Accounts } from './accounts/accounts.ts';
import { type Annotations, createAnnotations } from './annotations/annotations.ts';
import { keepPlaces } from './annotations/renewal.ts';
import { annotationsRoutes } from './annotations/routes.ts';
import { type Blobs, createBlobs } from './blobs/blobs.ts';
import { blobsRoutes } from './blobs/routes.ts';
import type { Config } from './config.ts';
import type { Database } from './database/database.ts';
import { createDocuments, type OpenDocuments } from './documents/open-documents.ts';
import { notebookRoutes } from './documents/routes.ts';
import { filesRoutes } from './files/routes.ts';
import { createSearch, type Search } from './files/search.ts';
import { createTrash, type Trash } from './files/trash.ts';
import type { Floor } from './floor.ts';
import { createHistory, type History } from './history/history.ts';
import { keepVector } from './history/renewal.ts';
import { historyRoutes } from './history/routes.ts';
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
import { Shares } from './sessions/share.ts';
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
  /** How its kernels share the cores. */
  readonly shares: Shares;
}

/** What only a server has. */
export interface Serving extends Workspace {
  readonly sessions: Sessions;
  readonly history: History;
  readonly language: Language;
  readonly launches: Launches;
  readonly trash: Trash;
  readonly search: Search;
  readonly annotations: Annotations;
}

/** Makes the capabilities and adds what must be ended to the floor's list. */
export async function createWorkspace(config: Config, floor: Floor): Promise<Workspace> {
  const { db, hub, log, endings } = floor;
  const onError = reporter(log);
  const blobs = createBlobs(join(config.dataDir, 'blobs'));
  const notebooks = await openNotebooks(config.notebooksDir, db, hub, onError);
  endings.push(['notebooks', () => notebooks.close()]);
  const documents = createDocuments({ database: db, notebooks, hub, onError });
  documents.onRenew(keepPlaces);
  documents.onRenew(keepVector);
  endings.push(['documents', () => documents.flush().finally(() => documents.close())]);
  const trials = await createTrials({ db, hub, log, pathOf: async (id) => (await notebooks.get(id)).path });
  endings.push(['trials', () => trials.close()]);
  // In workers too: only the process that hosts a trial hears of its points.
  endings.push(['glances', tellGlances({ hub, trials, onError })]);
  const shares = new Shares();
  endings.push(['shares', () => shares.close()]);
  return { blobs, notebooks, documents, trials, shares };
}

const cellLimitOf = ({ cellTimeoutS }: Config): number | undefined =>
  cellTimeoutS === undefined ? undefined : cellTimeoutS * 1000;

/** Begins to take launched trials from the queue. */
export function takeLaunches(config: Config, floor: Floor, { trials, blobs, shares }: Workspace): void {
  const { notebooksDir, kernelMemoryMb } = config;
  const cellLimitMs = cellLimitOf(config);
  const runner = startRunner({ ...floor, trials, blobs, shares, notebooksDir, kernelMemoryMb, cellLimitMs });
  // No more may be taken before those that run are ended: what still waits is for others.
  floor.endings.push(['launched trials', () => floor.jobs.close().then(() => runner.close())]);
}

/** Adds what serves people. One process of a workspace does this: sessions of another would be taken for dead. */
export function createServing(
  config: Config,
  { db, hub, jobs, log, endings }: Floor,
  workspace: Workspace,
  accounts: Pick<Accounts, 'people'>,
): Serving {
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
  const history = createHistory({
    ...{ database: db, documents: workspace.documents, hub, people: accounts.people, onError: reporter(log) },
    pauseMs: config.historyPauseS * 1000,
  });
  // Ended before sessions, whose outputs the last versions hold too.
  endings.push(['history', () => history.close()]);
  const language = createLanguage({ ...workspace, hub, sessions, notebooksDir: config.notebooksDir, log });
  sessions.remarksFrom(language.remarks);
  endings.push(['language', () => language.close()]);
  const launches = createLaunches({ ...workspace, db, jobs, onError: reporter(log) });
  // The queue only says where to look; what SQL holds and the queue has lost is found again.
  const recovery = setInterval(() => void launches.recover().catch(reporter(log)), RECOVERY);
  recovery.unref();
  endings.push(['launches', () => launches.close()], ['recovery', () => clearInterval(recovery)]);
  createHome({ ...workspace, hub });
  const annotations = createAnnotations({ ...workspace, db, hub, peopleOf: accounts.people, onError: reporter(log) });
  workspace.documents.onMoved(annotations.moved);
  // History before sessions: a version that is just being kept still asks what the cells show.
  for (const { holder } of [history, sessions, annotations]) workspace.notebooks.onForget(holder);
  const trash = createTrash({
    ...workspace,
    endKernel: (notebook) => (sessions.state(notebook) ? sessions.shutdown(notebook) : Promise.resolve()),
    ...{ dataDir: config.dataDir, days: config.trashDays, onError: reporter(log) },
  });
  endings.push(['trash', () => trash.close()]);
  const search = createSearch(workspace);
  endings.push(['search', () => search.close()]);
  return { ...workspace, sessions, history, language, launches, annotations, trash, search };
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
  { annotations, blobs, documents, history, language, launches, notebooks, search, sessions, trash, trials }: Serving,
): void {
  annotationsRoutes(router, annotations);
  blobsRoutes(router, blobs);
  filesRoutes(router, {
    ...{ documents, notebooks, search, trash },
    comments: async (id, reader) => {
      const all = await annotations.list(id, reader);
      return ({ id: cell }) => annotationsMarkdown(all.filter(({ target }) => target.cell === cell));
    },
  });
  historyRoutes(router, history);
  notebookRoutes(router, {
    ...{ documents, notebooks },
    annotated: async (id, file, reader) => withAnnotations(file, await annotations.list(id, reader)),
  });
  sessionsRoutes(router, sessions);
  languageRoutes(router, language);
  trialsRoutes(router, trials);
  launchesRoutes(router, launches);
}
