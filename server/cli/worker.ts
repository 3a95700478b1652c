/** `trialroom worker`: takes launched trials from the queue. Its heartbeat is a file, so that `--check` needs no connection. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startWorker } from '../app.ts';
import { readConfig } from '../config.ts';
import { failure } from './failure.ts';
import { beginHeartbeat, hasHeartbeat } from './heartbeat.ts';

/** Flags of `worker`. */
export interface WorkerFlags {
  data?: string;
  notebooks?: string;
  check?: boolean;
}

/**
 * Takes trials until a signal ends it; with `check`, only says whether another worker over this folder lives, by exit
 * code.
 */
export async function worker({ data, notebooks, check }: WorkerFlags): Promise<void> {
  const config = readConfig({ dataDir: data, notebooksDir: notebooks });
  const heart = join(config.dataDir, 'worker.heartbeat');
  if (check) {
    const alive = await hasHeartbeat(heart);
    console.log(alive ? 'the worker is alive' : `no worker has given a sign of life in ${config.dataDir}`);
    process.exitCode = alive ? 0 : 1;
    return;
  }
  const running = await startWorker(config);
  await mkdir(config.dataDir, { recursive: true });
  const endHeartbeat = await beginHeartbeat(heart, (error) => console.error(failure(error)));
  console.log('The worker takes trials from the queue. Ctrl C stops it.');
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    running
      .close()
      .then(endHeartbeat)
      .then(
        () => process.exit(0),
        (error) => {
          console.error(error);
          process.exit(1);
        },
      );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
}
