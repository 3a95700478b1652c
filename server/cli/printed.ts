/** Files into which `trialroom run` writes what cells print, as they print it. */
import { createWriteStream, openSync, type WriteStream } from 'node:fs';
import { Refusal } from '../http/refusal.ts';

/** Where to write the text of each stream; absent: nowhere. */
export type Printed = Partial<Record<'stdout' | 'stderr', WriteStream>>;

/** Opens the files. @throws Refusal when one cannot be written */
export function openPrinted(flags: { stdoutFile?: string | undefined; stderrFile?: string | undefined }): Printed {
  const printed: Printed = {};
  for (const name of ['stdout', 'stderr'] as const) {
    const path = flags[`${name}File`];
    if (path !== undefined) printed[name] = createWriteStream(path, { fd: opened(path, name) });
  }
  return printed;
}

function opened(path: string, name: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    throw new Refusal(500, {
      error: 'unwritable',
      message: `what cells print cannot be written to ${path}: ${(error as Error).message}`,
      fix: `give --${name}-file a file in a folder that you may write to`,
    });
  }
}
