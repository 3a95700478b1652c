/**
 * Paths of files as Jupyter's clients name them, and where they are on disk: always inside the notebooks folder, by name
 * and by link, and never hidden.
 */
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { Refusal } from '../../http/refusal.ts';
import { codeOf } from '../../notebooks/files.ts';
import { skipped } from '../../notebooks/paths.ts';

const refusal = (path: string, why: string): Refusal =>
  new Refusal(400, {
    error: 'bad-path',
    message: `${JSON.stringify(path)} ${why}`,
    where: 'path',
    fix: 'Give a path inside the notebooks folder, such as "ideas/first.ipynb".',
  });

/** The refusal of what is not there. */
export const missing = (path: string): Refusal =>
  new Refusal(404, { error: 'no-such-file', message: `there is no ${JSON.stringify(path)} here`, where: 'path' });

/**
 * A path made regular: `/` between its parts, none before or after; empty for the notebooks folder itself.
 * @throws Refusal (400) when it leads out of the folder, (404) when it leads to a hidden place
 */
export function contentPath(path: string): string {
  const trimmed = path.replace(/^\/+|\/+$/g, '');
  if (trimmed === '') return '';
  if (trimmed.includes('\\') || /^[a-zA-Z]:/.test(trimmed)) throw refusal(path, 'is not a relative path');
  for (const part of trimmed.split('/')) {
    if (part === '..') throw refusal(path, 'leads out of the notebooks folder');
    if (part === '' || part === '.') throw refusal(path, 'has an empty part');
    if (skipped(part)) throw missing(path);
    if ([...part].some((char) => char < ' ' || char === '\u007f')) throw refusal(path, 'has a control character');
    if (Buffer.byteLength(part) > 255) throw refusal(path, 'has a part longer than 255 bytes');
  }
  return trimmed;
}

/** Whether a path is that of a notebook, by its ending. */
export const isNotebook = (path: string): boolean => path.endsWith('.ipynb');

/** Something on disk. */
export interface Thing {
  /** Regular path, as it was asked for. */
  path: string;
  /** Real place, links followed. */
  full: string;
  kind: 'file' | 'directory';
  size: number;
  changedAt: number;
  createdAt: number;
}

/** Places inside one folder. */
export class Grounds {
  readonly root: string;
  readonly #closed: readonly string[];

  /**
   * @param root a real path
   * @param closed real paths of folders that nothing is given from, even where they lie inside
   */
  constructor(root: string, closed: readonly string[] = []) {
    this.root = root;
    this.#closed = closed;
  }

  /** What is at a regular path; null when there is nothing, or nothing that is a file or folder. */
  async look(path: string): Promise<Thing | null> {
    try {
      const full = await this.#inside(path, await realpath(join(this.root, path)));
      const found = await stat(full);
      if (!found.isFile() && !found.isDirectory()) return null;
      const { mtimeMs, birthtimeMs, size } = found;
      const kind = found.isDirectory() ? 'directory' : 'file';
      return { path, full, kind, size, changedAt: mtimeMs, createdAt: birthtimeMs || mtimeMs };
    } catch (error) {
      if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES'].includes(codeOf(error) ?? '')) return null;
      throw error;
    }
  }

  /** What is at a regular path. @throws Refusal (404) */
  async find(path: string): Promise<Thing> {
    const thing = await this.look(path);
    if (!thing) throw missing(path);
    return thing;
  }

  /** The real place for something new; its folder must be there. @throws Refusal (404, 400) */
  async spot(path: string): Promise<string> {
    const full = await this.nameAt(path);
    // A link that leads nowhere yet would be followed when it is written to.
    return this.#inside(path, await realpath(full).catch(() => full));
  }

  /** The real place of a name itself, which may be a link: what leads there is followed, it is not. @throws Refusal (404, 400) */
  async nameAt(path: string): Promise<string> {
    const folder = await this.look(dirname(`/${path}`).slice(1));
    if (folder?.kind !== 'directory') throw missing(dirname(path));
    return join(folder.full, basename(path));
  }

  async #inside(path: string, real: string): Promise<string> {
    const within = (folder: string): boolean =>
      real === folder || real.startsWith(folder.endsWith(sep) ? folder : folder + sep);
    const hidden = relative(this.root, real)
      .split(sep)
      .some((part) => part !== '..' && skipped(part));
    if (!within(this.root)) throw refusal(path, 'is a link that leads out of the notebooks folder');
    if (hidden || this.#closed.some(within)) throw missing(path);
    return real;
  }
}
