/** Moves files and folders between the notebooks folder and the data folder, which may be on different disks. */
import { randomBytes } from 'node:crypto';
import { cp, lstat, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../notebooks/files.ts';

/**
 * Moves a file, link or folder to where nothing is; makes the folder above. Until it is wholly there, it is wholly where
 * it was. @throws the system's error
 */
export async function moveAcross(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  if (await lstat(target).catch(() => null)) throw Object.assign(new Error(`${target} is there`), { code: 'EEXIST' });
  try {
    await rename(source, target);
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error;
    const temporary = join(dirname(target), `.trialroom-${randomBytes(6).toString('hex')}.tmp`);
    try {
      await cp(source, temporary, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
      await rename(temporary, target);
    } catch (failure) {
      await rm(temporary, { recursive: true, force: true }).catch(() => {});
      throw failure;
    }
    await rm(source, { recursive: true });
  }
}
