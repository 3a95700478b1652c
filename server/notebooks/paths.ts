/**
 * Paths of notebooks and folders as text: which can be, and which may be given to something new. What is on disk already
 * may have any name; a new name must be one that every other system can hold too.
 */
import { Refusal } from '../http/refusal.ts';

/** True for folders and files that are nobody's notebooks: hidden ones, packages, Jupyter's checkpoints. */
export const skipped = (name: string): boolean => name.startsWith('.') || name === 'node_modules';

const refusePath = (path: string, why: string): Refusal =>
  new Refusal(400, {
    error: 'bad-path',
    message: `${JSON.stringify(path)} ${why}`,
    where: 'path',
    fix: 'Give a path inside the notebooks folder, such as "ideas/first.ipynb".',
  });

/**
 * A folder's path as people write it.
 * @throws Refusal (400) when it leads out of the folder or to a hidden place
 */
export function regularFolder(path: string): string {
  if (path.startsWith('/') || path.includes('\\') || /^[a-zA-Z]:/.test(path))
    throw refusePath(path, 'is not a relative path');
  for (const part of path.split('/')) {
    if (part === '..') throw refusePath(path, 'leads out of the notebooks folder');
    if (part === '' || part === '.' || part === '.ipynb') throw refusePath(path, 'has an empty part');
    if (skipped(part)) throw refusePath(path, `has a part that is never listed: ${JSON.stringify(part)}`);
    if ([...part].some((char) => char < ' ' || char === '\u007f')) throw refusePath(path, 'has a control character');
    if (Buffer.byteLength(part) > 255) throw refusePath(path, 'has a part longer than 255 bytes');
  }
  return path;
}

/**
 * A path as people write it, made regular: `/` between parts, `.ipynb` at the end.
 * @throws Refusal (400) when it leads out of the folder or to a hidden place
 */
export const regularPath = (path: string): string => regularFolder(path.endsWith('.ipynb') ? path : `${path}.ipynb`);

/** Names that Windows keeps for devices, whatever ending they have. */
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;
const FORBIDDEN = /[<>:"|?*]/;

/** How two names compare where a file system does not tell capitals, or ways to write an accent, apart. */
export const folded = (name: string): string => name.normalize('NFC').toLowerCase();

/**
 * A regular path that something new may have: composed letters, and no name that another system refuses.
 * @throws Refusal (400) that names the part
 */
export function newPlace(path: string): string {
  const composed = path.normalize('NFC');
  for (const part of composed.split('/')) {
    const shown = JSON.stringify(part);
    if (RESERVED.test(part)) throw refusePath(path, `has a part that Windows keeps for itself: ${shown}`);
    const found = FORBIDDEN.exec(part)?.[0];
    if (found !== undefined) throw refusePath(path, `has ${JSON.stringify(found)} in it, which Windows does not allow`);
    if (/[. ]$/.test(part) || /^ |[. ]\.ipynb$/i.test(part))
      throw refusePath(path, `has a part that begins or ends with a space or a dot: ${shown}`);
    if (Buffer.byteLength(part) > 255) throw refusePath(path, 'has a part longer than 255 bytes');
  }
  return composed;
}

/** The folder of a path; '' at the top. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** True for the path itself and all below it. */
export const isAtOrBelow = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`);
