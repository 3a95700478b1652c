/** Names that nothing has yet: `a.ipynb`, `a 2.ipynb`, `a 3.ipynb`. */
import { Refusal } from '../http/refusal.ts';
import type { NotebookFolder } from '../notebooks/files.ts';
import { folderOf } from '../notebooks/paths.ts';

/**
 * The path itself if nothing stands there, else the first one with a number.
 * @param ending what stays behind the number
 */
export async function freeName(
  folder: NotebookFolder,
  path: string,
  ending = path.endsWith('.ipynb') ? '.ipynb' : '',
): Promise<string> {
  const stem = path.slice(0, path.length - ending.length);
  // A folder above that is there in another writing makes every name below it one that cannot be.
  const above = folderOf(path);
  if (above !== '') await folder.refuseTwins(above, null);
  const plain = stem.replace(/ \d{1,6}$/, '');
  for (let round = 1; ; round++) {
    const next = round === 1 ? path : `${plain} ${round}${ending}`;
    if (await isFree(folder, next)) return next;
  }
}

async function isFree(folder: NotebookFolder, path: string): Promise<boolean> {
  try {
    await folder.refuseTwins(path, null);
    return (await folder.stamp(path)) === null;
  } catch (error) {
    if (error instanceof Refusal && error.problem.error === 'path-taken') return false;
    throw error;
  }
}
