/**
 * The capabilities of a workspace, made in the order in which they stand on each other. What each does is its own
 * business; this file only knows who needs whom, and nothing of HTTP.
 */
import { join } from 'node:path';
import type { Accounts } from './accounts/accounts.ts';
import { type Annotations, createAnnotations } from './annotations/annotations.ts';
import { keepPlaces } from './annotations/renewal.ts';
import { notebookKeeper, trialKeeper } from './annotations/subjects.ts';
import { type Blobs, createBlobs } from './blobs/blobs.ts';
import { namedInDatabase, namedInNotebooks } from './blobs/named.ts';
import { createSweep } from './blobs/sweep.ts';
import { type Capture, createCapture } from './comparison/capture.ts';
import { type ComparisonServing, createComparison } from './comparison/serving.ts';
import type { Config } from './config.ts';
import type { Database } from './database/database.ts';
import { createDocuments, type OpenDocuments } from './documents/open-documents.ts';
import { createExperiments, type Experiments } from './experiments/experiments.ts';
import { createTotals, type Totals } from './experiments/totals.ts';
import { createSearch, type Search } from './files/search.ts';
import { createTrash, type Trash } from './files/trash.ts';
import type { Floor } from './floor.ts';
import { createHistory, type History } from './history/history.ts';
import { namedInVersions } from './history/named.ts';
import { keepVector } from './history/renewal.ts';
import { tellGlances } from './home/glances.ts';
import { createHome } from './home/home.ts';
import { Refusal } from './http/refusal.ts';
import { createLanguage, type Language } from './language/language.ts';
import { type CellRuns, createCellRuns } from './launches/cells.ts';
import { namedInExecuted } from './launches/executed.ts';
import { createLaunches, type Launches } from './launches/launches.ts';
import { startRunner } from './launches/runner.ts';
import { launchedSource } from './launches/source.ts';
import type { Hub } from './live/hub.ts';
import type { Log } from './log.ts';
import { eraseMetrics } from './metrics/store.ts';
import { createNotebooks, type Notebooks } from './notebooks/notebooks.ts';
import { createRemote, type Remote } from './remote/remote.ts';
import { createIntake } from './results/intake.ts';
import { createResults, type Results } from './results/results.ts';
import type { ResultsSink } from './results/sink.ts';
import { createRooms, type Rooms } from './rooms/rooms.ts';
import { Shares } from './sessions/kernels/share.ts';
import type { Sessions } from './sessions/offer.ts';
import { createSessions } from './sessions/sessions.ts';
import { trialNames } from './trials/names.ts';
import { createTrials, type Trials } from './trials/trials.ts';

/** How often queued trials are given to the queue again, in ms. */
const RECOVERY = 60_000;

/** What servers and workers both have. */
export interface Workspace {
  readonly blobs: Blobs;
  readonly notebooks: Notebooks;
  readonly documents: OpenDocuments;
  readonly trials: Trials;
  readonly totals: Totals;
  /** How trials ran: environment and code. */
  readonly capture: Capture;
  /** Where kernels bring evaluations and artifacts. */
  readonly intake: ResultsSink;
  /** How its kernels share the cores. */
  readonly shares: Shares;
}

/** What only a server has. */
export interface Serving extends Workspace {
  readonly sessions: Sessions;
  readonly history: History;
  readonly language: Language;
  readonly launches: Launches;
  /** Trials that go on in sessions. */
  readonly cells: CellRuns;
  readonly trash: Trash;
  readonly search: Search;
  readonly annotations: Annotations;
  readonly rooms: Rooms;
  readonly remote: Remote;
  readonly results: Results;
  readonly comparison: ComparisonServing;
  readonly experiments: Experiments;
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
  let totals: Totals | undefined;
  // Ended after the trials, whose last points it still reads.
  endings.push(['metrics in figures', () => totals?.close()]);
  const trials = await createTrials({
    ...{ db, hub, log, blobs, keptDays: config.purgeDays },
    pathOf: async (id) => (await notebooks.get(id)).path,
  });
  trials.onPurge(eraseMetrics);
  endings.push(['trials', () => trials.close()]);
  // In workers too: only the process that hosts a trial hears of its points.
  totals = createTotals({ db, trials, onError });
  endings.push(['glances', tellGlances({ hub, trials, onError })]);
  const capture = createCapture({ db, trials, documents, launchedSource: (id) => launchedSource(db, id), onError });
  trials.onPurge(capture.erase);
  endings.push(['capture', () => capture.close()]);
  const intake = createIntake({ db, blobs, hub, uploadsDir: join(config.dataDir, 'uploads'), onError });
  const shares = new Shares();
  endings.push(['shares', () => shares.close()]);
  return { blobs, notebooks, documents, trials, totals, capture, intake, shares };
}

const cellLimitOf = ({ cellTimeoutS }: Config): number | undefined =>
  cellTimeoutS === undefined ? undefined : cellTimeoutS * 1000;

/** Begins to take launched trials from the queue. */
export function takeLaunches(config: Config, floor: Floor, { trials, intake, blobs, shares }: Workspace): void {
  const { notebooksDir, kernelMemoryMb } = config;
  const cellLimitMs = cellLimitOf(config);
  const runner = startRunner({
    ...{ ...floor, trials, results: intake, blobs, shares, notebooksDir, kernelMemoryMb, cellLimitMs },
  });
  // No more may be taken before those that run are ended: what still waits is for others.
  floor.endings.push(['launched trials', () => floor.jobs.close().then(() => runner.close())]);
}

/** Adds what serves people. One process of a workspace does this: sessions of another would be taken for dead. */
export function createServing(
  config: Config,
  { db, hub, jobs, log, endings }: Floor,
  workspace: Workspace,
  accounts: Pick<Accounts, 'people'>,
  now: () => number,
): Serving {
  const sessions = createSessions({
    ...workspace,
    results: workspace.intake,
    db,
    hub,
    log,
    notebooksDir: config.notebooksDir,
    kernelMemoryMb: config.kernelMemoryMb,
    warmKernels: config.warmKernels,
    cellLimitMs: cellLimitOf(config),
    idleLimitMs: config.idleMinutes === 0 ? undefined : config.idleMinutes * 60_000,
  });
  const cells = createCellRuns({ ...workspace, db, sessions, onError: reporter(log) });
  // Ended after the sessions, whose last words it still hears.
  endings.push(['runs of cells', () => cells.close()], ['sessions', () => sessions.close()]);
  const history = createHistory({
    ...{ database: db, documents: workspace.documents, hub, people: accounts.people, onError: reporter(log) },
    pauseMs: config.historyPauseS * 1000,
  });
  // Ended before sessions, whose outputs the last versions hold too.
  endings.push(['history', () => history.close()]);
  const language = createLanguage({ ...workspace, hub, sessions, notebooksDir: config.notebooksDir, log });
  sessions.remarksFrom(language.remarks);
  endings.push(['language', () => language.close()]);
  const launches = createLaunches({ ...workspace, db, jobs, cells, onError: reporter(log) });
  // The queue only says where to look; what SQL holds and the queue has lost is found again.
  const recovery = setInterval(() => void launches.recover().catch(reporter(log)), RECOVERY);
  recovery.unref();
  endings.push(['launches', () => launches.close()], ['recovery', () => clearInterval(recovery)]);
  createHome({ ...workspace, hub });
  const names = trialNames(db);
  const annotations = createAnnotations({
    ...{ db, hub, peopleOf: accounts.people, onError: reporter(log) },
    subjects: {
      notebook: notebookKeeper(workspace.notebooks, workspace.documents),
      trial: trialKeeper(names.trial, workspace.trials.note),
      experiment: { nameOf: names.experiment },
    },
  });
  workspace.documents.onMoved(annotations.moved);
  workspace.trials.onPurge((em, gone) => annotations.erase(em, 'trial', gone));
  workspace.trials.onExperimentPurge((em, gone) => annotations.erase(em, 'experiment', gone));
  // History before sessions: a version that is just being kept still asks what the cells show.
  for (const { holder } of [history, sessions, annotations]) workspace.notebooks.onForget(holder);
  const trash = createTrash({
    ...workspace,
    endKernel: (notebook) => (sessions.state(notebook) ? sessions.shutdown(notebook) : Promise.resolve()),
    ...{ dataDir: config.dataDir, days: config.trashDays, onError: reporter(log) },
  });
  endings.push(['trash', () => trash.close()]);
  const sweep = createSweep(join(config.dataDir, 'blobs'), { onError: reporter(log) });
  for (const user of [
    ...[namedInDatabase(db), namedInVersions(db), namedInExecuted(db, workspace.blobs)],
    ...[config.notebooksDir, join(config.dataDir, 'trash')].map(namedInNotebooks),
  ]) {
    sweep.ask(user);
  }
  sweep.begin();
  endings.push(['sweep of blobs', () => sweep.close()]);
  const search = createSearch(workspace);
  endings.push(['search', () => search.close()]);
  const rooms = createRooms({ database: db, hub, onError: reporter(log) });
  workspace.trials.onExperimentPurge(rooms.erase);
  endings.push(['rooms', () => rooms.flush().finally(() => rooms.close())]);
  const remote = createRemote({ ...workspace, db, results: workspace.intake, onError: reporter(log) });
  endings.push(['remote', () => remote.close()]);
  const results = createResults({ db, blobs: workspace.blobs, environmentOf: workspace.capture.environmentOf });
  const comparison = createComparison({
    ...{ ...workspace, db, results, log },
    ...{ folder: config.notebooksDir, memoryMb: config.kernelMemoryMb },
  });
  endings.push(['comparison', () => comparison.close()]);
  const experiments = createExperiments({
    ...{ ...workspace, db, hub, onError: reporter(log) },
    now,
    notesOf: (ids) => annotations.notesOf('trial', ids),
  });
  // At once too: a server that is started often would never come to it. Ended before what it deletes from.
  const purging = experiments.purge().catch(reporter(log));
  endings.push(['experiments', () => experiments.close()], ['purge', () => purging]);
  void workspace.totals.catchUp().catch(reporter(log));
  return {
    ...{
      ...workspace,
      sessions,
      history,
      language,
      launches,
      cells,
      annotations,
      trash,
      search,
      rooms,
      remote,
      results,
    },
    ...{ experiments, comparison },
  };
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
