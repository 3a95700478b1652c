/**
 * The ground floor that server and worker share: log, database, hub and jobs, and the list of what must be ended. It
 * serves nobody by itself.
 */
import type { Redis } from 'ioredis';
import type { Config } from './config.ts';
import { connect } from './database/connect.ts';
import type { Database } from './database/database.ts';
import type { Embedded } from './database/embedded.ts';
import { migrate } from './database/migrate.ts';
import { Refusal } from './http/refusal.ts';
import { inProcessJobs } from './jobs/in-process.ts';
import type { Jobs } from './jobs/jobs.ts';
import { createHub, type SocketHub } from './live/socket-hub.ts';
import { type Log, openLog } from './log.ts';

export interface Floor {
  readonly log: Log;
  readonly db: Database;
  readonly hub: SocketHub;
  readonly jobs: Jobs;
  /** What to end, by name; the last pushed is ended first. */
  readonly endings: [name: string, end: () => Promise<void> | void][];
  /** Ends everything, each part even if another fails. May be called again. */
  close(): Promise<void>;
}

/** @throws Refusal, DirectoryLocked, DirectoryCorrupt or DatabaseUnreachable; nothing is left open then */
export async function createFloor(config: Config, embedded: Promise<Embedded> | null): Promise<Floor> {
  // First: where the data folder cannot be used, this says so best.
  const opened = await embedded;
  let log: Log;
  try {
    log = openLogOf(config);
  } catch (error) {
    await opened?.close();
    throw error;
  }
  const endings: Floor['endings'] = [];
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= endAll(endings, log);
    return closing;
  };
  try {
    const db = await connect({
      embedded,
      url: config.databaseUrl,
      schema: config.databaseSchema,
      onDeath: (reason) => {
        log.fatal({ reason }, 'the embedded database died');
        // Whoever runs this process restarts it; every acknowledged row is on disk.
        process.kill(process.pid, 'SIGTERM');
      },
    });
    endings.push(['database', () => db.close()]);
    await migrate(db);
    const redis = config.redisUrl === undefined ? undefined : await openRedis(config.redisUrl, log);
    if (redis) endings.push(['redis', () => redis.disconnect()]);
    const hub = await createHub({ log, redis, prefix: config.redisPrefix });
    endings.push(['hub', () => hub.close()]);
    const jobs =
      config.redisUrl === undefined
        ? inProcessJobs({ log })
        : await (await import('./jobs/bee.ts')).beeJobs({ url: config.redisUrl, prefix: config.redisPrefix, log });
    endings.push(['jobs', () => jobs.close()]);
    return { log, db, hub, jobs, endings, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function openLogOf(config: Config): Log {
  try {
    return openLog(config);
  } catch (error) {
    throw new Refusal(500, {
      error: 'data-folder-unwritable',
      message: `the log cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      where: config.dataDir,
      fix: 'give this user the right to write there, or choose another folder with --data',
    });
  }
}

async function endAll(endings: Floor['endings'], log: Log): Promise<void> {
  for (const [name, end] of endings.reverse()) {
    try {
      await end();
    } catch (error) {
      log.error({ err: error, part: name }, 'could not be ended properly');
    }
  }
  log.info('stopped');
  log.flush();
}

async function openRedis(url: string, log: Log): Promise<Redis> {
  // Redis and its queue are loaded by those who use them: most workspaces do not.
  const { Redis } = await import('ioredis');
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: null, connectTimeout: 5000 });
  let problem = '';
  redis.on('error', (error) => {
    problem = error.message || problem;
    log.warn({ err: error }, 'Redis is in trouble');
  });
  try {
    await redis.connect();
    return redis;
  } catch (error) {
    redis.disconnect();
    const { host } = new URL(url);
    throw new Refusal(503, {
      error: 'redis-unreachable',
      message: `Redis does not answer: ${problem || (error instanceof Error ? error.message : String(error))}`,
      where: host,
      fix: 'start it, correct REDIS_URL, or unset REDIS_URL to let one process do everything',
    });
  }
}
