/**
 * The trash: what is thrown away lies in the data folder, each in a folder of its own with a note of where it was, until
 * somebody brings it back, erases it, or its time is over. Notebooks keep their ids there, and with them their documents,
 * history and comments. Nothing is deleted at once, and what comes back never lands on what stands there now.
 */
import { lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Trashed } from '@trialroom/shared/api/files';
import { ulid } from 'ulid';
import type { OpenDocuments } from '../documents/open-documents.ts';
import { Refusal } from '../http/refusal.ts';
import { codeOf } from '../notebooks/files.ts';
import { inTrash, trashPath } from '../notebooks/in-trash.ts';
import { type Notebooks, trashed, unwritable } from '../notebooks/notebooks.ts';
import { regularFolder } from '../notebooks/paths.ts';
import { moveAcross } from './across.ts';
import { freeName } from './free-name.ts';

const NOTE = 'note.json';
const CONTENT = 'content';
const Note = Trashed.omit({ id: true });
const ENTRY = /^[0-9A-Z]{26}$/;

/** How often the trash is looked through for what has lain there long enough, in ms. */
const SWEEP = 60 * 60 * 1000;
const DAY = 24 * 60 * 60 * 1000;

export interface Trash {
  /** Days after which what lies there is erased. */
  readonly days: number;
  /** What can be brought back, latest first. */
  list(): Promise<Trashed[]>;
  /** @throws Refusal (404, 409, 503) */
  throwNotebook(id: string, by: string): Promise<Trashed>;
  /** @throws Refusal (400, 404, 503) */
  throwFolder(path: string, by: string): Promise<Trashed>;
  /** A file that is no notebook, or a link. @throws Refusal (400, 404, 503) */
  throwFile(path: string, by: string): Promise<Trashed>;
  /** Brings an entry back; where it was, or beside what stands there now. @throws Refusal (404, 503) */
  restore(entry: string): Promise<string>;
  /** Brings one notebook back, out of the folder it was thrown away with if need be. @throws Refusal (404, 409, 503) */
  restoreNotebook(id: string): Promise<string>;
  /** Deletes an entry and all that is known of its notebooks. @throws Refusal (404) */
  erase(entry: string): Promise<void>;
  /** Erases what has lain there longer than it should. */
  sweep(): Promise<void>;
  close(): void;
}

export function createTrash(options: {
  notebooks: Notebooks;
  documents: OpenDocuments;
  /** Ends the kernel of a notebook; resolves when it is gone. */
  endKernel: (notebook: string) => Promise<void>;
  dataDir: string;
  days: number;
  now?: () => number;
  onError: (error: unknown) => void;
}): Trash {
  const { notebooks, documents, endKernel, days, now = Date.now, onError } = options;
  const root = join(options.dataDir, 'trash');

  const missing = (entry: string): Refusal =>
    new Refusal(404, {
      error: 'not-in-trash',
      message: 'this is not in the trash any more',
      where: entry,
      fix: 'Somebody has brought it back or erased it; look at the list again.',
    });

  async function noteOf(entry: string): Promise<Trashed | null> {
    if (!ENTRY.test(entry)) return null;
    try {
      const note = Note.parse(JSON.parse(await readFile(join(root, entry, NOTE), 'utf8')));
      // A note whose content never came, or has been brought back, is none.
      const held = await readdir(join(root, entry));
      return held.includes(CONTENT) ? { id: entry, ...note } : null;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') onError(error);
      return null;
    }
  }

  async function list(): Promise<Trashed[]> {
    const names = await readdir(root).catch(() => []);
    const notes = await Promise.all(names.map(noteOf));
    return notes.filter((note) => note !== null).sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
  }

  async function throwAway(path: string, kind: Trashed['kind'], by: string): Promise<Trashed> {
    const entry = ulid(now());
    const note = { path, kind, at: now(), by };
    const inside = await notebooks.below(path);
    await Promise.all(inside.map(({ id }) => endKernel(id)));
    for (const { id } of inside) if (documents.peek(id)) await settled(id);
    const folder = join(root, entry);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(join(folder, NOTE), JSON.stringify(note), { mode: 0o600 });
      const from = await notebooks.folder.place(path);
      await documents.between(path, () =>
        notebooks.carry(path, trashPath(entry, path), () =>
          moveAcross(from, join(folder, CONTENT)).catch((error: unknown) => {
            if (codeOf(error) !== 'ENOENT') return unwritable('the trash')(error);
            // The file is gone already, by another program's hand. What is known of the notebook can still come back.
            return writeFile(join(folder, CONTENT), '');
          }),
        ),
      );
    } catch (error) {
      await rm(folder, { recursive: true, force: true }).catch(onError);
      throw error instanceof Refusal ? error : unwritable('the trash')(error);
    }
    return { id: entry, ...note };
  }

  /** What people wrote goes along in the file, too. */
  async function settled(id: string): Promise<void> {
    const opened = await documents.open(id).catch(() => null);
    await opened?.saved().finally(() => opened.release());
  }

  /** Puts one thing from the trash where nothing is. @param at below the content of the entry; '' for all of it */
  async function bringBack(entry: string, kind: Trashed['kind'], from: string, at: string): Promise<string> {
    const free = await freeName(notebooks.folder, from, kind === 'folder' ? '' : extname(from));
    await documents.between(trashPath(entry, from), () =>
      notebooks.carry(trashPath(entry, from), free, async () => {
        try {
          const target = join(notebooks.folder.root, free);
          await mkdir(join(target, '..'), { recursive: true });
          const place = await notebooks.folder.place(free);
          const held = join(root, entry, CONTENT, at);
          // Kept empty where there was no file any more: the document writes it anew.
          const empty = kind === 'notebook' && (await readFile(held).catch(() => null))?.length === 0;
          if (empty) await rm(held);
          else await moveAcross(held, place);
        } catch (error) {
          if (codeOf(error) === 'ENOENT') throw missing(entry);
          unwritable(free)(error);
        }
      }),
    );
    return free;
  }

  async function erase(entry: string): Promise<void> {
    if (!(await noteOf(entry))) throw missing(entry);
    const inside = (await notebooks.below(trashPath(entry, '').replace(/\/$/, ''))).map(({ id }) => id);
    await Promise.all(inside.map(endKernel));
    await notebooks.forget(inside);
    await rm(join(root, entry), { recursive: true, force: true });
  }

  async function sweep(): Promise<void> {
    for (const { id, at } of await list()) if (now() - at > days * DAY) await erase(id);
  }

  const sweeping = setInterval(() => void sweep().catch(onError), SWEEP);
  sweeping.unref();
  void sweep().catch(onError);

  return {
    days,
    list,
    async throwNotebook(id, by) {
      const { path } = await notebooks.get(id);
      if (inTrash(path)) throw trashed(id);
      return throwAway(path, 'notebook', by);
    },
    async throwFolder(path, by) {
      const regular = regularFolder(path);
      if (!(await notebooks.folder.folders()).includes(regular)) {
        throw new Refusal(404, { error: 'no-such-folder', message: `there is no folder ${regular}`, where: 'path' });
      }
      return throwAway(regular, 'folder', by);
    },
    async throwFile(path, by) {
      const regular = regularFolder(path);
      const there = await lstat(await notebooks.folder.place(regular)).catch(() => null);
      if (!there || there.isDirectory()) {
        throw new Refusal(404, { error: 'no-such-file', message: `there is no file ${regular}`, where: 'path' });
      }
      return throwAway(regular, 'file', by);
    },
    async restore(entry) {
      const note = await noteOf(entry);
      if (!note) throw missing(entry);
      const path = await bringBack(entry, note.kind, note.path, '');
      await rm(join(root, entry), { recursive: true, force: true });
      return path;
    },
    async restoreNotebook(id) {
      const { path } = await notebooks.get(id);
      const lies = inTrash(path);
      const note = lies && (await noteOf(lies.entry));
      if (!lies || !note) throw missing(id);
      const whole = lies.path === note.path;
      const at = whole ? '' : lies.path.slice(note.path.length + 1);
      const back = await bringBack(lies.entry, 'notebook', lies.path, at);
      if (whole) await rm(join(root, lies.entry), { recursive: true, force: true });
      return back;
    },
    erase,
    sweep,
    close: () => clearInterval(sweeping),
  };
}
