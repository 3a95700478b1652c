/** The sign of life of a process: a file that is written again and again, so that whoever looks for it needs no connection. */
import { rm, stat, writeFile } from 'node:fs/promises';

/** How often the file is written, in ms. */
const BEAT_MS = 5000;

/**
 * Writes the file, and again until the returned function is called, which takes it away. A beat that fails (the disk is
 * full, say) is told to `failed` and is no reason to end: what the process does is worth more than the sign of it.
 * @throws Error when the first beat fails
 */
export async function beginHeartbeat(
  file: string,
  failed: (error: unknown) => void,
  everyMs = BEAT_MS,
): Promise<() => Promise<void>> {
  const beat = (): Promise<void> => writeFile(file, `${process.pid}\n`);
  await beat();
  let last: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    last = last.then(beat).catch(failed);
  }, everyMs);
  return async () => {
    clearInterval(timer);
    // A beat under way would leave the file behind.
    await last;
    await rm(file, { force: true });
  };
}

/** Whether the file has been written of late. */
export async function hasHeartbeat(file: string): Promise<boolean> {
  const beat = await stat(file).catch(() => undefined);
  return beat !== undefined && Date.now() - beat.mtimeMs < 3 * BEAT_MS;
}
