/**
 * Keeps cells from closing the files that the kernel itself lives on: its line to the parent, its event loops, the
 * standard streams. A closed number is given to the next file that is opened, which would then receive our frames.
 */
import fs, { fstatSync, readdirSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** Makes closing any file that is open now an error. Called before the first cell, when all of them are the kernel's. */
export function guardDescriptors(): void {
  const own = new Map(openDescriptors().map((fd) => [fd, identity(fd)]));
  const refuse = (fd: unknown): void => {
    if (typeof fd !== 'number' || !own.has(fd)) return;
    if (own.get(fd) !== identity(fd)) {
      // The kernel has closed it itself, as when a client went, and the number is another's now.
      own.delete(fd);
      return;
    }
    const error = new Error(`EPERM: file descriptor ${fd} belongs to the kernel and was not closed`);
    throw Object.assign(error, { code: 'EPERM', syscall: 'close' });
  };
  const { close, closeSync } = fs;
  const guardedClose = (fd: number, callback?: (error?: Error | null) => void): void => {
    refuse(fd);
    close(fd, callback);
  };
  const guardedCloseSync = (fd: number): void => {
    refuse(fd);
    closeSync(fd);
  };
  Object.assign(fs, { close: Object.assign(guardedClose, close), closeSync: guardedCloseSync });
  syncBuiltinESMExports();
}

function openDescriptors(): number[] {
  try {
    // The folder that is read is among them, and closed again by now.
    return readdirSync('/dev/fd')
      .map(Number)
      .filter((fd) => identity(fd) !== undefined);
  } catch {
    return [0, 1, 2];
  }
}

/** What a number stands for now; undefined where nothing is open. */
function identity(fd: number): string | undefined {
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
