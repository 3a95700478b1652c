/**
 * How the path of a notebook says that it lies in the trash: `.trash/<entry>/<where it was>`. No file of the notebooks
 * folder can have such a path, so what is made where it was is another notebook, and this one keeps its id.
 */
const TRASH = '.trash/';

/** True for the path of a notebook in the trash. */
export const isTrashed = (path: string): boolean => path.startsWith(TRASH);

/** The path of something in the trash. @param path where it was */
export const trashPath = (entry: string, path: string): string => `${TRASH}${entry}/${path}`;

/** Which entry of the trash a notebook lies in, and where it was; null when it is not in the trash. */
export function inTrash(path: string): { entry: string; path: string } | null {
  if (!isTrashed(path)) return null;
  const rest = path.slice(TRASH.length);
  const end = rest.indexOf('/');
  return { entry: rest.slice(0, end), path: rest.slice(end + 1) };
}
