/** The result of `trialroom run`, written to a file or to the standard output. */
import { randomBytes } from 'node:crypto';
import { access, constants, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Refusal } from '../http/refusal.ts';

/** Stands for the standard input or output in the place of a file. */
export const STANDARD = '-';

/** Looks before hours are spent whether the result can be written. @throws Refusal when it cannot */
export async function mustBeWritable(path: string): Promise<void> {
  if (path === STANDARD) return;
  const folder = dirname(path);
  const there = await stat(folder).catch(() => null);
  if (!there?.isDirectory()) throw unwritable(path, `there is no folder ${folder}`);
  await access(folder, constants.W_OK).catch((error: Error) => {
    throw unwritable(path, error.message);
  });
  if ((await stat(path).catch(() => null))?.isDirectory()) throw unwritable(path, 'it is a folder');
}

/** Writes to the standard output, or the whole file or nothing. @throws Refusal */
export async function writeResult(path: string, text: string): Promise<void> {
  if (path === STANDARD) {
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(text, (error) =>
        error ? reject(unwritable('the standard output', error.message)) : resolve(),
      );
    });
    return;
  }
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw unwritable(path, (error as Error).message);
  }
}

const unwritable = (path: string, why: string): Refusal =>
  new Refusal(500, {
    error: 'unwritable',
    message: `the executed notebook could not be written to ${path}: ${why}`,
    fix: 'give --out a file in a folder that you may write to',
  });
