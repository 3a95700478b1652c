/**
 * Puts the server together: the ground floor, the workspace upon it, and the doors that people come in by. What is made
 * last is ended first.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { system } from '@trialroom/shared/api/endpoints';
import { z } from 'zod';
import { createAccounts } from './accounts/accounts.ts';
import { accountsRoutes } from './accounts/routes.ts';
import type { RunningServer, RunningWorker } from './app.ts';
import type { Config } from './config.ts';
import type { Embedded } from './database/embedded.ts';
import { createFloor } from './floor.ts';
import { createHttp } from './http/http.ts';
import { type Listening, listen, type UpgradeHandler } from './http/listen.ts';
import { createJupyter } from './jupyter/jupyter.ts';
import { PEOPLE_CHANNEL } from './live/socket-hub.ts';
import { createServing, createWorkspace, takeLaunches } from './workspace.ts';
import { workspaceRoutes } from './workspace-routes.ts';

const CLIENT = fileURLToPath(new URL('../client/dist', import.meta.url));

/**
 * Starts the server; resolves once it listens.
 * @throws Refusal, DirectoryLocked, DirectoryCorrupt or DatabaseUnreachable, each saying what to do; nothing is left running then
 */
export async function composeServer(
  config: Config,
  embedded: Promise<Embedded> | null,
  now: () => number,
): Promise<RunningServer> {
  const floor = await createFloor(config, embedded);
  const { db, hub, log, endings } = floor;
  try {
    const began = Date.now();
    const accounts = createAccounts({
      db,
      dataDir: config.dataDir,
      token: config.token,
      onChange: (person) => {
        hub.publish(PEOPLE_CHANNEL, person).catch((error) => log.error({ err: error }, 'a new name was not told'));
      },
    });
    const version = await ownVersion();
    let listening: Listening | undefined;
    // Ended after those who speak through it, so that what they refuse while ending is still answered.
    endings.push(['http', () => listening?.close()]);
    const http = createHttp({
      accounts,
      log,
      clientDir: CLIENT,
      version,
      healthy: async () => {
        await db.em().execute('select 1');
      },
    });
    const { router } = http;
    const address = (): string => config.publicUrl?.replace(/\/+$/, '') ?? listening?.url ?? '';
    accountsRoutes(router, accounts, address);
    const base = await createWorkspace(config, floor);
    const workspace = createServing(config, floor, base, accounts, now);
    takeLaunches(config, floor, base);
    await workspace.cells.recover();
    await workspace.launches.recover();
    const { documents, language, notebooks, rooms, sessions, trash, trials } = workspace;
    const jupyter = createJupyter({
      ...{ accounts, notebooks, documents, language, sessions, trash, version, log },
      dataDir: config.dataDir,
    });
    endings.push(['jupyter', () => jupyter.close()]);
    http.mount(jupyter.guest);
    const warnings = await folderWarnings(config.notebooksDir);
    for (const warning of warnings) log.warn(warning);
    workspaceRoutes(router, workspace);
    router.on(system.status, async () => ({
      version,
      node: process.version,
      database: db.kind,
      jobs: floor.jobs.kind,
      uptime: Date.now() - began,
      sessions: sessions.live(),
      trials: (await trials.list({ status: 'running' })).length,
      ...jupyter.status(),
    }));
    listening = await listen({
      host: config.host,
      port: config.port,
      fetch: http.fetch,
      upgrades: new Map<string, UpgradeHandler | null>([
        ['/socket.io', null],
        ['/yjs/room', { take: (...upgrade) => rooms.upgrade(...upgrade, accounts.authenticate) }],
        ['/yjs', { take: (...upgrade) => documents.upgrade(...upgrade, accounts.authenticate) }],
        ['/api/kernels', jupyter.channels],
        ['/api/events', jupyter.channels],
      ]),
      prepare: (server) => hub.attach(server, accounts.authenticate),
    });
    const { url, stop } = listening;
    endings.push(['new connections', stop]);
    // Only now: until the server listens, the machine is its own.
    sessions.pool.begin();
    log.info({ url, database: db.kind, jobs: floor.jobs.kind, version }, 'listening');
    return { url, token: accounts.ownerToken, warnings, close: floor.close };
  } catch (error) {
    await floor.close();
    throw error;
  }
}

/** Starts a worker; see `startWorker`. */
export async function composeWorker(config: Config): Promise<RunningWorker> {
  const floor = await createFloor(config, null);
  try {
    takeLaunches(config, floor, await createWorkspace(config, floor));
    floor.log.info('taking trials from the queue');
    return { close: floor.close };
  } catch (error) {
    await floor.close();
    throw error;
  }
}

/** A notebooks folder that cannot be written is said, not fatal: the rest of the workspace still works. */
async function folderWarnings(folder: string): Promise<string[]> {
  const probe = join(folder, `.trialroom-${process.pid}`);
  try {
    await writeFile(probe, '');
    await rm(probe);
    return [];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [
      `The notebooks folder ${folder} cannot be written (${reason}). Edits are kept in the database, but not in files: ` +
        'give this user the right to write there, or choose another folder with --notebooks.',
    ];
  }
}

async function ownVersion(): Promise<string> {
  const text = await readFile(new URL('./package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
