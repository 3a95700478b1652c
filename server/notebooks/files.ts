/**
 * Notebook files on disk: found, read, and replaced in one step, always inside one folder. It refuses every path that
 * leads out of the folder, by name or by link, and knows nothing of what the files say.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { Refusal } from '../http/refusal.ts';
import { codeOf, nameAnew, sameFile } from './naming.ts';
import { folded, skipped } from './paths.ts';

/** A file as read; `stamp` changes whenever the file is written or replaced. */
export interface FileText {
  text: string;
  /** SHA-256 of the bytes, in hex. */
  hash: string;
  stamp: string;
}

/** The file is there but is no text. */
export class NotText extends Error {}

/** SHA-256 of a text's UTF-8 bytes, in hex. */
export const hashOf = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

export { codeOf } from './naming.ts';

const gone = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '');

const taken = (path: string): Refusal =>
  new Refusal(409, {
    error: 'path-taken',
    message: `${path} is there already`,
    where: 'path',
    fix: 'Choose another name.',
  });

/** The notebook files of one folder. Paths are relative to it, with `/` between parts. */
export class NotebookFolder {
  readonly root: string;

  /** `root` must exist and be a real path; see {@link openFolder}. */
  constructor(root: string) {
    this.root = root;
  }

  /** Paths of all notebooks, sorted. Folders that cannot be read are left out. */
  async paths(): Promise<string[]> {
    const found: string[] = [];
    const walk = async (folder: string): Promise<void> => {
      for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
        if (skipped(entry.name)) continue;
        const path = join(folder, entry.name);
        if (entry.isDirectory()) await walk(path);
        // A file in a folder that was walked into is inside; only a link may lead out.
        else if (entry.name.endsWith('.ipynb') && (entry.isFile() || (await this.#within(path)))) {
          found.push(relative(this.root, path).split(sep).join('/'));
        }
      }
    };
    await walk(this.root);
    return found.sort();
  }

  /** What changes whenever the file does; null when there is no such file. */
  async stamp(path: string): Promise<{ stamp: string; changedAt: number } | null> {
    try {
      const { mtimeNs, ctimeNs, size, ino } = await stat(join(this.root, path), { bigint: true });
      return { stamp: `${mtimeNs}.${ctimeNs}.${size}.${ino}`, changedAt: Number(mtimeNs / 1_000_000n) };
    } catch (error) {
      if (gone(error)) return null;
      throw error;
    }
  }

  /** Reads a file; null when there is none. @throws NotText, or the system's error when it cannot be read */
  async read(path: string): Promise<FileText | null> {
    // The stamp is taken first: a change while reading then shows as a stamp that no longer fits.
    const before = await this.stamp(path);
    if (!before) return null;
    let bytes: Buffer;
    try {
      bytes = await readFile(await this.#inside(path));
    } catch (error) {
      if (gone(error)) return null;
      throw error;
    }
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      return { text, hash: hashOf(bytes), stamp: before.stamp };
    } catch {
      throw new NotText('the file is not UTF-8 text');
    }
  }

  /**
   * Replaces the file in one step, keeping its mode and owner; makes its folder when needed. After a crash there is the
   * old text or the new, never half of one. Returns the new stamp. @throws the system's error
   */
  async write(path: string, text: string): Promise<string> {
    await mkdir(dirname(join(this.root, path)), { recursive: true });
    const target = await this.#inside(path);
    const old = await lstat(target).catch(() => null);
    const temporary = join(dirname(target), `.trialroom-${randomBytes(6).toString('hex')}.tmp`);
    try {
      await writeDurably(temporary, text);
      if (old?.isFile()) {
        await chmod(temporary, old.mode & 0o7777);
        await chown(temporary, old.uid, old.gid).catch(() => {});
      }
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
    const now = await this.stamp(path);
    if (!now) throw new Error(`${basename(path)} was removed while it was written`);
    return now.stamp;
  }

  /** Makes a file that is not there yet: all of it or nothing. @throws Refusal (409) when it is, or the system's error */
  async create(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.root, path)), { recursive: true });
    const target = await this.#inside(path);
    const temporary = join(dirname(target), `.trialroom-${randomBytes(6).toString('hex')}.tmp`);
    try {
      await writeDurably(temporary, text);
      await nameAnew(temporary, target);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      throw new Refusal(409, {
        error: 'notebook-exists',
        message: `${path} is there already`,
        where: 'path',
        fix: 'Choose another name, or open the notebook that is there.',
      });
    } finally {
      await rm(temporary, { force: true }).catch(() => {});
    }
  }

  /** Gives a file another path; makes the folder when needed. @throws Refusal (404, 409) */
  async move(from: string, to: string): Promise<void> {
    const source = await this.place(from);
    await mkdir(dirname(join(this.root, to)), { recursive: true });
    const target = await this.place(to);
    const leads = await readlink(source).catch(() => null);
    try {
      if (leads !== null) {
        // Where a link leads is told from where it stands.
        await symlink(relative(dirname(target), await this.#inside(from)), target);
        await rm(source);
      } else if (folded(source) === folded(target) && (await sameFile(source, target))) await rename(source, target);
      else await nameAnew(source, target);
    } catch (error) {
      if (gone(error))
        throw new Refusal(404, { error: 'no-such-file', message: `${from} is not on disk`, where: 'path' });
      throw codeOf(error) === 'EEXIST' ? taken(to) : error;
    }
  }

  /** Renames a folder; makes the folders above the new place when needed. @throws Refusal (404, 409) */
  async moveFolder(from: string, to: string): Promise<void> {
    const source = await this.place(from);
    if (!(await lstat(source).catch(() => null))?.isDirectory())
      throw new Refusal(404, { error: 'no-such-folder', message: `there is no folder ${from}`, where: 'path' });
    await mkdir(dirname(join(this.root, to)), { recursive: true });
    const target = await this.place(to);
    if (!(await sameFile(source, target)) && (await lstat(target).catch(() => null))) throw taken(to);
    await rename(source, target);
  }

  /** Makes a folder, and those above it. @throws Refusal (409) when something is there */
  async makeFolder(path: string): Promise<void> {
    await mkdir(dirname(join(this.root, path)), { recursive: true });
    await mkdir(await this.place(path)).catch((error: unknown) => {
      throw codeOf(error) === 'EEXIST' ? taken(path) : error;
    });
  }

  /** Paths of all folders, sorted; links are not followed. */
  async folders(): Promise<string[]> {
    const found: string[] = [];
    const walk = async (folder: string): Promise<void> => {
      for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
        if (skipped(entry.name) || !entry.isDirectory()) continue;
        const path = join(folder, entry.name);
        found.push(relative(this.root, path).split(sep).join('/'));
        await walk(path);
      }
    };
    await walk(this.root);
    return found.sort();
  }

  /**
   * Refuses a place whose name differs from one beside it only in capitals, or in how its accents are written: another
   * system could hold only one of the two.
   * @param moving what is about to have this place, and so gives up its own
   * @throws Refusal (409)
   */
  async refuseTwins(path: string, moving: string | null): Promise<void> {
    const parts = path.split('/');
    for (const [depth, part] of parts.entries()) {
      const above = parts.slice(0, depth).join('/');
      const beside: string[] = await readdir(join(this.root, above)).catch(() => []);
      if (beside.includes(part)) continue;
      const twin = beside.find((name) => folded(name) === folded(part));
      if (twin === undefined) return;
      const there = above === '' ? twin : `${above}/${twin}`;
      if (there === moving) continue;
      throw new Refusal(409, {
        error: 'path-taken',
        message: `${there} is there already, and ${JSON.stringify(part)} differs from it only in how it is written`,
        where: 'path',
        fix: 'Choose another name, or write it as what is there.',
      });
    }
  }

  /** Where the name itself stands on this machine; a link is not followed. @throws Refusal (400), or the system's error */
  async place(path: string): Promise<string> {
    const folder = dirname(path);
    return join(folder === '.' ? this.root : await this.#inside(folder), basename(path));
  }

  /** The real place of a path, links followed. @throws Refusal (400) when it is outside the folder */
  async #inside(path: string): Promise<string> {
    const full = join(this.root, path);
    const real = await realpath(full).catch(async (error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
      return join(await realpath(dirname(full)), basename(full));
    });
    if (real.startsWith(this.root.endsWith(sep) ? this.root : this.root + sep)) return real;
    throw new Refusal(400, {
      error: 'bad-path',
      message: `${path} is a link that leads out of the notebooks folder`,
      where: 'path',
      fix: 'Put the file itself into the notebooks folder.',
    });
  }

  async #within(full: string): Promise<boolean> {
    try {
      await this.#inside(relative(this.root, full));
      return true;
    } catch {
      return false;
    }
  }
}

/** Opens the folder, making it when needed. */
export async function openFolder(path: string): Promise<NotebookFolder> {
  await mkdir(path, { recursive: true });
  return new NotebookFolder(await realpath(path));
}

/** Makes a file; it is on the disk when this resolves. @throws the system's error, also when it is there already */
async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o666);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
