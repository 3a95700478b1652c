/** `trialroom worker`: takes launched trials from the queue. Its heartbeat is a file, so that `--check` needs no connection. */
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startWorker } from '../app.ts';
import { readConfig } from '../config.ts';

const BEAT_MS = 5000;

/** Flags of `worker`. */
export interface WorkerFlags {
  data?: string;
  notebooks?: string;
  check?: boolean;
}

export async function worker({ data, notebooks, check }: WorkerFlags): Promise<void> {
  const config = readConfig({ dataDir: data, notebooksDir: notebooks });
  const heart = join(config.dataDir, 'worker.heartbeat');
  if (check) {
    const beat = await stat(heart).catch(() => undefined);
    const alive = beat !== undefined && Date.now() - beat.mtimeMs < 3 * BEAT_MS;
    console.log(alive ? 'the worker is alive' : `no worker has given a sign of life in ${config.dataDir}`);
    process.exitCode = alive ? 0 : 1;
    return;
  }
  const running = await startWorker(config);
  await mkdir(config.dataDir, { recursive: true });
  const beat = (): Promise<void> => writeFile(heart, `${process.pid}\n`);
  await beat();
  const timer = setInterval(() => void beat(), BEAT_MS);
  console.log('The worker takes trials from the queue. Ctrl C stops it.');
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    clearInterval(timer);
    running
      .close()
      .then(() => rm(heart, { force: true }))
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
