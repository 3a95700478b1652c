/**
 * Puts the server together: every capability is made here, in the order of the floors they stand on, and ended in the
 * reverse order. What each does is its own business; this file only knows who needs whom.
 */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { system } from '@trialroom/shared/api/endpoints';
import { z } from 'zod';
import { createAccounts } from './accounts/accounts.ts';
import { accountsRoutes } from './accounts/routes.ts';
import type { RunningServer } from './app.ts';
import type { Config } from './config.ts';
import type { Embedded } from './database/embedded.ts';
import { createFloor } from './floor.ts';
import { createHttp } from './http/http.ts';
import { listen } from './http/listen.ts';

const CLIENT = fileURLToPath(new URL('../client/dist', import.meta.url));

/**
 * Starts the server; resolves once it listens.
 * @throws Refusal, DirectoryLocked, DirectoryCorrupt or DatabaseUnreachable, each saying what to do; nothing is left running then
 */
export async function composeServer(config: Config, embedded: Promise<Embedded> | null): Promise<RunningServer> {
  const floor = await createFloor(config, embedded);
  const { db, hub, log, endings } = floor;
  try {
    const began = Date.now();
    const warnings = folderWarnings(config.notebooksDir);
    for (const warning of warnings) log.warn(warning);
    const accounts = await createAccounts({ db, dataDir: config.dataDir, token: config.token });
    const version = await ownVersion();
    const http = createHttp({
      accounts,
      log,
      clientDir: CLIENT,
      version,
      healthy: async () => {
        await db.em().execute('select 1');
      },
    });
    let url = '';
    accountsRoutes(http.router, accounts, () => config.publicUrl?.replace(/\/+$/, '') ?? url);
    http.router.on(system.status, async () => ({
      version,
      node: process.version,
      database: db.kind,
      jobs: floor.jobs.kind,
      uptime: Date.now() - began,
      sessions: 0,
      trials: 0,
    }));
    const listening = await listen({
      host: config.host,
      port: config.port,
      fetch: http.fetch,
      upgrades: new Map([['/socket.io', null]]),
      prepare: (server) => hub.attach(server, accounts.authenticate),
    });
    endings.push(['http', () => listening.close()]);
    url = listening.url;
    log.info({ url, database: db.kind, jobs: floor.jobs.kind, version }, 'listening');
    return { url, token: accounts.ownerToken, warnings, close: floor.close };
  } catch (error) {
    await floor.close();
    throw error;
  }
}

/** A notebooks folder that cannot be used is said, not fatal: the rest of the workspace still works. */
function folderWarnings(folder: string): string[] {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
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
