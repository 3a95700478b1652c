/** Structured logs: one JSON object a line, to a file in the data folder or to standard output. Secrets are cut out by name. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';

export type Log = Logger;

const REDACT = ['token', 'authorization', 'cookie', 'password', 'secret', 'databaseUrl', 'redisUrl'];

/** Opens the log. Lines are written at once, so that the last words before a crash are there. */
export function openLog({ dataDir, log }: { dataDir: string; log: 'file' | 'stdout' }): Log {
  const options = {
    level: process.env.LOG_LEVEL ?? 'info',
    redact: { paths: REDACT.flatMap((name) => [name, `*.${name}`]), remove: true },
  };
  if (log === 'stdout') return pino(options);
  mkdirSync(join(dataDir, 'logs'), { recursive: true });
  return pino(options, pino.destination({ dest: join(dataDir, 'logs', 'server.log'), sync: true }));
}
