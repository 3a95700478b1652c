/** Giving a file on disk another name without ever replacing what has that name. */
import { link, lstat, rename, rm } from 'node:fs/promises';

/** The error's system code, e.g. `ENOENT`; null when it is another kind of error. */
export const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;

/** What file systems say that have no second names. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Moves a file to where nothing is. @throws the system's error, `EEXIST` when something is there */
export async function nameAnew(source: string, target: string): Promise<void> {
  try {
    // A second name first: unlike renaming, that never replaces what is there.
    await link(source, target);
  } catch (error) {
    if (!NO_LINKS.has(codeOf(error) ?? '')) throw error;
    if (await lstat(target).catch(() => null)) throw Object.assign(new Error(`${target} is there`), { code: 'EEXIST' });
    return rename(source, target);
  }
  await rm(source);
}

/** True when both names are of one file, as where capitals are not told apart. */
export async function sameFile(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([a, b].map((path) => lstat(path).catch(() => null)));
  return one != null && other != null && one.ino === other.ino && one.dev === other.dev;
}
