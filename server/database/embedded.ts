/**
 * The embedded database: PGlite on its own thread behind a PostgreSQL socket inside the data directory. It locks the
 * directory, never deletes or repairs anything in it, and says what to do when it cannot be opened.
 */
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { lockDirectory } from './lock.ts';

/** The directory holds something that PGlite cannot open. */
export class DirectoryCorrupt extends Error {
  constructor(dir: string, reason: string) {
    super(
      `The database in ${dir} cannot be opened, its files are damaged or incomplete: ${reason}. Nothing was changed or deleted. ` +
        'Restore the directory from a backup, or move it away (keep it) and start again with an empty one.',
    );
    this.name = 'DirectoryCorrupt';
  }
}

export interface Embedded {
  /** What the PostgreSQL driver connects to. */
  readonly address: { host: string; port: number };
  /** Resolves once if the thread dies by itself. */
  readonly died: Promise<string>;
  close(): Promise<void>;
}

const Message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), address: z.string() }),
  z.object({ type: z.literal('closed') }),
]);

/** A unix socket's path may have about 104 bytes on the strictest system. */
const LONGEST_PATH = 100;

/**
 * Opens (or makes) the database of a data directory.
 * @throws DirectoryLocked when another living process holds it
 * @throws DirectoryCorrupt when it cannot be read
 */
export async function openEmbedded(dataDir: string): Promise<Embedded> {
  const home = resolve(dataDir);
  makeFolder(home);
  const dir = join(home, 'database');
  const unlock = lockDirectory(home);
  const socket = socketFolder(home);
  const release = (): void => {
    socket?.remove();
    unlock();
  };
  let worker: Worker;
  try {
    refuseForeign(dir);
    worker = new Worker(new URL('./embedded-worker.ts', import.meta.url), {
      workerData: { dir, path: socket?.file ?? null },
      execArgv: [],
      stdout: true,
      stderr: true,
    });
  } catch (error) {
    release();
    throw error;
  }
  const said: string[] = [];
  for (const stream of [worker.stdout, worker.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said.push(text);
      if (said.length > 40) said.shift();
    });
  }
  let closing = false;
  const died = new Promise<string>((done) => {
    worker.once('error', (error) => done(reasonOf(error)));
    worker.once('exit', (code) => {
      release();
      done(`its thread ended with code ${code}`);
    });
  });
  const ready = new Promise<string>((done) => {
    worker.on('message', (raw: unknown) => {
      const message = Message.parse(raw);
      if (message.type === 'ready') done(message.address);
    });
  });
  const address = await Promise.race([ready, died.then((reason) => ({ reason }))]);
  if (typeof address !== 'string') {
    const fatal = said.join('').match(/(?:FATAL|PANIC|ERROR):.*/)?.[0];
    throw new DirectoryCorrupt(dir, fatal ?? address.reason);
  }
  return {
    address: socket ? { host: socket.folder, port: 5432 } : tcp(address),
    died: died.then((reason) => (closing ? new Promise<string>(() => {}) : reason)),
    close: async () => {
      if (closing) return;
      closing = true;
      const gone = new Promise<void>((done) => worker.once('exit', () => done()));
      worker.postMessage({ type: 'close' });
      await gone;
    },
  };
}

function makeFolder(home: string): void {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    accessSync(home, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Error(
      `The data directory ${home} cannot be used: ${reasonOf(error)}. ` +
        'Give this user the right to write there, or choose another directory with --data.',
    );
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function tcp(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at), port: Number(address.slice(at + 1)) };
}

/** Where the socket goes: in the data directory, or in a temporary folder when that path is too long for a socket. */
function socketFolder(home: string): { folder: string; file: string; remove(): void } | null {
  if (process.platform === 'win32') return null;
  const inside = join(home, '.s.PGSQL.5432').length <= LONGEST_PATH;
  const folder = inside ? home : mkdtempSync(join(tmpdir(), 'trialroom-'));
  const file = join(folder, '.s.PGSQL.5432');
  // The lock is ours, so a socket left here belongs to a dead process.
  rmSync(file, { force: true });
  return { folder, file, remove: () => rmSync(inside ? file : folder, { force: true, recursive: true }) };
}

/** PGlite would make a new database over whatever it does not recognise; that must be a person's decision. */
function refuseForeign(dir: string): void {
  if (!existsSync(dir) || existsSync(join(dir, 'PG_VERSION'))) return;
  if (readdirSync(dir).length > 0) throw new DirectoryCorrupt(dir, 'it has files but no PG_VERSION');
}
