/**
 * The server as Jupyter's tools see it: the Jupyter Server interface over our notebooks, documents and sessions, so that
 * JupyterLab, VS Code and everything built on `@jupyterlab/services` can use this server as theirs.
 */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Accounts } from '../accounts/accounts.ts';
import type { OpenDocuments } from '../documents/open-documents.ts';
import type { Trash } from '../files/trash.ts';
import type { Guest } from '../http/http.ts';
import type { UpgradeHandler } from '../http/listen.ts';
import { identifying } from '../http/pages.ts';
import type { Language } from '../language/language.ts';
import type { Log } from '../log.ts';
import type { Notebooks } from '../notebooks/notebooks.ts';
import type { Sessions } from '../sessions/offer.ts';
import { createChannels } from './channels/upgrade.ts';
import { Checkpoints } from './contents/checkpoints.ts';
import { Contents } from './contents/contents.ts';
import { LiveNotebooks } from './contents/notebooks.ts';
import { Grounds } from './contents/place.ts';
import { contentsRoutes } from './contents/routes.ts';
import { createDoor, type Door, json } from './door.ts';
import { JupyterSessions } from './kernels/jupyter-sessions.ts';
import { Kernels } from './kernels/kernels.ts';
import { kernelspecRoutes } from './kernels/kernelspecs.ts';
import { kernelRoutes } from './kernels/routes.ts';

/** What of the server is shown to Jupyter's tools. */
export interface JupyterOptions {
  accounts: Pick<Accounts, 'authenticate'>;
  notebooks: Notebooks;
  documents: OpenDocuments;
  sessions: Sessions;
  trash: Pick<Trash, 'throwFile' | 'throwFolder' | 'throwNotebook'>;
  language: Pick<Language, 'ask'>;
  /** Nothing of it is ever given out. */
  dataDir: string;
  version: string;
  log: Log;
}

/** The interface, for the HTTP server to mount. */
export interface Jupyter {
  readonly guest: Guest;
  /** Takes upgrades to `/api/kernels/…` and `/api/events/…`. */
  readonly channels: UpgradeHandler;
  /** What `/api/status` says beyond our own. */
  status(): { started: string; last_activity: string; connections: number; kernels: number };
  close(): void;
}

/** The Jupyter Server whose interface this is, as far as it goes; clients look at it to know what they may ask for. */
const SERVER_VERSION = '2.17.0';

/** Puts the interface together over the server's own capabilities. */
export function createJupyter(options: JupyterOptions): Jupyter {
  const { accounts, notebooks, documents, language, sessions, trash, log, version, dataDir } = options;
  const started = Date.now();
  const fault = (error: unknown): void => log.error({ err: error }, 'a Jupyter client could not be served');
  const door = createDoor({ authenticate: (headers) => accounts.authenticate(identifying(headers)), log });
  const grounds = new Grounds(notebooks.folder.root, [realpathSync(dataDir)]);
  const checkpoints = new Checkpoints(join(dataDir, 'checkpoints'));
  const contents = new Contents(grounds, new LiveNotebooks(notebooks, documents, trash), trash, checkpoints);
  const kernels = new Kernels({
    ...{ sessions, notebooks, documents, fault },
    about: { version, node: process.version },
    language: async (id, query) => (notebooks.pathOf(id) === null ? null : language.ask(id, query)),
  });
  notebooks.onForget({
    letGo: async (notebook) => kernels.forget(notebook),
    erase: async (_em, notebook) => () => checkpoints.drop(notebook),
  });
  smallRoutes(door, version);
  kernelspecRoutes(door);
  kernelRoutes(door, kernels, new JupyterSessions(kernels, notebooks));
  contentsRoutes(door, contents);
  const channels = createChannels({
    authenticate: (headers) => accounts.authenticate(headers),
    room: (kernel) => kernels.room(kernel),
    fault,
  });
  return {
    guest: door,
    channels: { take: channels.take, anyOrigin: true },
    status: () => {
      const models = kernels.list().map((kernel) => kernels.model(kernel));
      return {
        started: new Date(started).toISOString(),
        last_activity:
          models
            .map((model) => model.last_activity)
            .sort()
            .at(-1) ?? new Date(started).toISOString(),
        connections: models.reduce((sum, { connections }) => sum + connections, 0),
        kernels: models.length,
      };
    },
    close: () => channels.close(),
  };
}

/** What clients ask for at their start, and what there is none of here. */
function smallRoutes(door: Door, version: string): void {
  door.on('GET', /\/api/, 'read', async () => json({ version: SERVER_VERSION, trialroom: version }));
  door.on('GET', /\/api\/terminals/, 'read', async () => json([]));
  // Ways to export: ours are in our own pages.
  door.on('GET', /\/api\/nbconvert/, 'read', async () => json({}));
  // Settings of old notebook clients: none are kept.
  door.on('GET', /\/api\/config\/(?<section>[\w-]+)/, 'read', async () => json({}));
}
