/**
 * Starts a server or a worker. The embedded database takes longest, on a thread of its own: it begins before the rest of the server
 * is even loaded, so that the two go on side by side.
 */
import type { Config } from './config.ts';
import { openEmbedded } from './database/embedded.ts';
import { Refusal } from './http/refusal.ts';

export interface RunningServer {
  /** e.g. `http://127.0.0.1:8700` */
  readonly url: string;
  /** The owner's token. */
  readonly token: string;
  /** What does not work as it should, in words, with what to do. */
  readonly warnings: readonly string[];
  /** Stops accepting, ends kernels, writes everything, closes the database. May be called again. */
  close(): Promise<void>;
}

/**
 * Starts the server; resolves once it listens.
 * @param now ms since the epoch: tells when what was deleted can no longer be brought back
 * @throws Refusal, DirectoryLocked, DirectoryCorrupt or DatabaseUnreachable, each saying what to do; nothing is left running then
 */
export async function startServer(config: Config, now: () => number = Date.now): Promise<RunningServer> {
  const embedded = config.databaseUrl === undefined ? openEmbedded(config.dataDir) : null;
  // Looked at when the rest is loaded; until then a failure is not unheard.
  embedded?.catch(() => {});
  const { composeServer } = await import('./compose.ts');
  return composeServer(config, embedded, now);
}

export interface RunningWorker {
  /** Stops taking trials, ends those that run here, closes the connections. May be called again. */
  close(): Promise<void>;
}

/**
 * Starts a worker: takes launched trials from the queue that it shares with its server, and serves nobody.
 * @throws Refusal when there is nothing to share: it needs DATABASE_URL and REDIS_URL
 */
export async function startWorker(config: Config): Promise<RunningWorker> {
  const missing = [
    ...(config.databaseUrl === undefined ? ['DATABASE_URL'] : []),
    ...(config.redisUrl === undefined ? ['REDIS_URL'] : []),
  ];
  if (missing.length > 0) {
    throw new Refusal(400, {
      error: 'worker-alone',
      message: `a worker needs ${missing.join(' and ')}: it shares them with its server`,
      where: missing.join(', '),
      fix: 'set them to what the server uses; a server without them runs launched trials itself and needs no worker',
    });
  }
  const { composeWorker } = await import('./compose.ts');
  return composeWorker(config);
}
