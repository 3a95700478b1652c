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
import { Refusal } from './http/refusal.ts';
import type { Router } from './http/register.ts';
import type { Hub } from './live/hub.ts';
import { createNotebooks, type Notebooks } from './notebooks/notebooks.ts';
import { sessionsRoutes } from './sessions/routes.ts';
import { createSessions, type Sessions } from './sessions/sessions.ts';
import { trialsRoutes } from './trials/routes.ts';
import { createTrials, type Trials } from './trials/trials.ts';

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
}

/** Makes the capabilities and adds what must be ended to the floor's list. */
export async function createWorkspace(config: Config, { db, hub, log, endings }: Floor): Promise<Workspace> {
  const onError = (error: unknown): void => log.error({ err: error }, 'a background task failed');
  const blobs = createBlobs(join(config.dataDir, 'blobs'));
  const notebooks = await openNotebooks(config.notebooksDir, db, hub, onError);
  endings.push(['notebooks', () => notebooks.close()]);
  const documents = createDocuments({ database: db, notebooks, hub, onError });
  endings.push(['documents', () => documents.flush().finally(() => documents.close())]);
  const trials = await createTrials({ db, hub, log, pathOf: async (id) => (await notebooks.get(id)).path });
  endings.push(['trials', () => trials.close()]);
  return { blobs, notebooks, documents, trials };
}

/** Adds what serves people. One process of a workspace does this: sessions of another would be taken for dead. */
export function createServing(config: Config, { db, hub, log, endings }: Floor, workspace: Workspace): Serving {
  const sessions = createSessions({
    ...workspace,
    db,
    hub,
    log,
    notebooksDir: config.notebooksDir,
    kernelMemoryMb: config.kernelMemoryMb,
  });
  endings.push(['sessions', () => sessions.close()]);
  return { ...workspace, sessions };
}

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
export function workspaceRoutes(router: Router, { blobs, documents, notebooks, sessions, trials }: Serving): void {
  blobsRoutes(router, blobs);
  notebookRoutes(router, { documents, notebooks });
  sessionsRoutes(router, sessions);
  trialsRoutes(router, trials);
}
