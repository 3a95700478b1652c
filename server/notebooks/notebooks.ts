/**
 * The notebooks of the workspace: which files there are, under which ids, and what happens to them on disk. What a
 * notebook says while people edit it is the documents' business.
 */

import { basename } from 'node:path';
import type { NotebookListing } from '@trialroom/shared/live/events';
import { type NotebookFile, newNotebook, parseNotebook, serialiseNotebook } from '@trialroom/shared/notebook/format';
import { type OutputsByCell, outputsOf } from '@trialroom/shared/notebook/transfer';
import type { Database } from '../database/database.ts';
import { Refusal } from '../http/refusal.ts';
import type { Hub } from '../live/hub.ts';
import { type Bases, createBases } from './base.ts';
import { codeOf, type NotebookFolder, openFolder } from './files.ts';
import { forgetForGood, type Holder } from './forgetting.ts';
import { type Glimpse, Glimpses } from './glimpses.ts';
import { Ids } from './ids.ts';
import { inTrash, isTrashed } from './in-trash.ts';
import { isAtOrBelow, newPlace, regularFolder, regularPath } from './paths.ts';
import { watchFolder } from './watching.ts';

export interface Notebook {
  id: string;
  /** Relative to the notebooks folder. */
  path: string;
}

export interface Notebooks {
  readonly folder: NotebookFolder;
  readonly bases: Bases;
  /** Every notebook file, sorted by path; those that cannot be read carry a problem. */
  list(): Promise<NotebookListing[]>;
  /** Path of a notebook that was listed or asked for before; null otherwise. */
  pathOf(id: string): string | null;
  /** @throws Refusal (404) when no notebook has this id */
  get(id: string): Promise<Notebook>;
  /** The notebook at this path, given an id if it has none. @throws Refusal (400, 404) */
  at(path: string): Promise<Notebook>;
  listing(id: string): Promise<NotebookListing>;
  /** Gives a notebook's file another path, where nothing may be yet; its id stays. @throws Refusal (400, 404, 409, 503) */
  move(id: string, path: string): Promise<void>;
  /** Renames a folder; the notebooks in it keep their ids. @throws Refusal (400, 404, 409, 503) */
  moveFolder(from: string, to: string): Promise<void>;
  /** All notebooks at a path or below it, also in the trash. */
  below(place: string): Promise<Notebook[]>;
  /**
   * All notebooks at or below `from` have their ids at or below `to` from now on, once `carry` has moved their files; as
   * before when it throws. Either may be a place in the trash.
   */
  carry(from: string, to: string, carry: () => Promise<void>): Promise<void>;
  /** Makes a new notebook file: an empty one, or one that says this. @throws Refusal (400, 409, 503) */
  create(path: string, content?: NotebookFile): Promise<NotebookListing>;
  /** Forgets notebooks for good, with all that anyone holds of them; see `forgetting.ts`. They are as before when it throws. */
  forget(all: readonly string[]): Promise<void>;
  /** Names who else holds something of notebooks. */
  onForget(holder: Holder): void;
  /** Outputs that the file holds, by cell id; empty when it cannot be read. */
  readFileOutputs(id: string): Promise<OutputsByCell>;
  /** Called when the notebook's file was written, replaced, made or removed by anyone. */
  onFileChange(handler: (id: string) => void): void;
  /** Says where the kernel status of a listing comes from. Called once, by sessions. */
  kernelFrom(source: (id: string) => NotebookListing['kernel']): void;
  /** The list changed (a kernel's status, say): tell those who watch home, soon. */
  changed(): void;
  close(): Promise<void>;
}

/** How long changes are gathered before the list is sent again, in ms. */
const GATHER = 100;
/** Files that are looked at together: the system answers them side by side. */
const AT_ONCE = 32;

/** Opens the folder (made when absent), gives every notebook an id and begins to watch. */
export async function createNotebooks(options: {
  /** The notebooks folder. */
  path: string;
  database: Database;
  hub: Pick<Hub, 'emit'>;
  onError?: (error: unknown) => void;
}): Promise<Notebooks> {
  const { database, hub, onError = () => {} } = options;
  const folder = await openFolder(options.path);
  const ids = new Ids(database);
  const glimpses = new Glimpses(folder);
  const bases = createBases(database);
  const handlers: ((id: string) => void)[] = [];
  const holders: Holder[] = [];
  /** Those that are being forgotten. */
  const closing = new Set<string>();
  let kernelOf: (id: string) => NotebookListing['kernel'] = () => 'none';
  let telling: NodeJS.Timeout | null = null;
  let closed = false;

  const listed = (path: string, { changedAt, title, language, problem }: Omit<Glimpse, 'stamp'>): NotebookListing => {
    const id = ids.of(path) ?? '';
    return { id, path: inTrash(path)?.path ?? path, title, changedAt, kernel: kernelOf(id), language, problem };
  };

  async function list(): Promise<NotebookListing[]> {
    const paths = await folder.paths();
    await ids.identify(paths);
    const found: NotebookListing[] = [];
    for (let at = 0; at < paths.length; at += AT_ONCE) {
      const some = paths.slice(at, at + AT_ONCE);
      const files = await Promise.all(some.map((path) => glimpses.at(path).catch(() => null)));
      for (const [index, path] of some.entries()) {
        const file = files[index];
        // Without an id it is about to be elsewhere; whoever moves it says so afterwards.
        if (file && ids.of(path) !== undefined) found.push(listed(path, file));
      }
    }
    return found;
  }

  async function get(id: string): Promise<Notebook> {
    const path = closing.has(id) ? null : await ids.find(id);
    if (path === null) throw unknown(id);
    return { id, path };
  }

  async function listing(id: string): Promise<NotebookListing> {
    const { path } = await get(id);
    const file = isTrashed(path) ? null : await glimpses.at(path).catch(() => null);
    const [changedAt, title, problem] = [0, basename(path, '.ipynb'), `${path} is not on disk`];
    return listed(path, file ?? { changedAt, title, language: null, problem: isTrashed(path) ? null : problem });
  }

  function changed(): void {
    if (closed) return;
    telling ??= setTimeout(() => {
      telling = null;
      list()
        .then((notebooks) => closed || hub.emit('home', 'notebooks', { notebooks }))
        .catch(onError);
    }, GATHER);
  }

  async function heard(path: string, event: 'add' | 'change' | 'unlink'): Promise<void> {
    changed();
    if (event !== 'unlink') await ids.identify([path]);
    const id = ids.of(path);
    if (id !== undefined && !closed) for (const handler of handlers) handler(id);
  }

  async function carry(from: string, to: string, files: () => Promise<void>): Promise<void> {
    await ids.move(from, to, files);
    changed();
  }

  /** Where something new may stand. @throws Refusal (400, 409) */
  async function free(path: string, moving: string | null): Promise<string> {
    const place = newPlace(path);
    await folder.refuseTwins(place, moving);
    return place;
  }

  await ids.identify(await folder.paths());
  const stopWatching = await watchFolder(folder.root, {
    heard: (path, event) => void heard(path, event).catch(onError),
    folders: changed,
    onError,
  });

  return {
    folder,
    bases,
    list,
    pathOf: (id) => ids.pathOf(id),
    get,
    listing,
    below: (place) => ids.below(place),
    carry,
    async at(path) {
      const regular = regularPath(path);
      if (ids.of(regular) === undefined) {
        const there = await folder.stamp(regular);
        if (!there) throw unknown(regular);
        await ids.identify([regular]);
      }
      const id = ids.of(regular);
      // Its file is about to be elsewhere.
      if (id === undefined) throw unknown(regular);
      return { id, path: regular };
    },
    async move(id, path) {
      const from = (await get(id)).path;
      if (isTrashed(from)) throw trashed(id);
      const to = regularPath(path);
      if (to === from) return;
      const place = await free(to, from);
      await carry(from, place, () => folder.move(from, place).catch(unwritable(place)));
    },
    async moveFolder(from, to) {
      const [old, now] = [regularFolder(from), regularFolder(to)];
      if (old === now) return;
      if (isAtOrBelow(now, old)) {
        throw new Refusal(400, {
          error: 'bad-path',
          message: `${old} cannot be moved into itself`,
          where: 'to',
          fix: 'Choose a place outside of the folder.',
        });
      }
      const place = await free(now, old);
      await ids.identify((await folder.paths()).filter((path) => isAtOrBelow(path, old)));
      await carry(old, place, () => folder.moveFolder(old, place).catch(unwritable(place)));
    },
    async create(path, content = newNotebook()) {
      const place = await free(regularPath(path), null);
      await folder.create(place, serialiseNotebook(content)).catch(unwritable(place));
      await ids.identify([place]);
      changed();
      return listing(ids.of(place) ?? '');
    },
    async forget(all) {
      const own: Holder = {
        async erase(em, id) {
          await bases.erase(em, id);
          await ids.erase(em, id);
        },
      };
      try {
        const close = (): void => all.forEach((id) => void closing.add(id));
        await forgetForGood(database, [...holders, own], all, close, onError);
        for (const id of all) ids.drop(id);
      } finally {
        for (const id of all) closing.delete(id);
      }
    },
    onForget: (holder) => {
      holders.push(holder);
    },
    async readFileOutputs(id) {
      const { path } = await get(id);
      if (isTrashed(path)) return {};
      try {
        const file = await folder.read(path);
        return file ? outputsOf(parseNotebook(file.text)) : {};
      } catch {
        // What is wrong with the file shows in the list and in the document's file state.
        return {};
      }
    },
    onFileChange: (handler) => {
      handlers.push(handler);
    },
    kernelFrom(source) {
      kernelOf = source;
    },
    changed,
    async close() {
      closed = true;
      if (telling) clearTimeout(telling);
      await stopWatching();
    },
  };
}

const unknown = (id: string): Refusal =>
  new Refusal(404, {
    error: 'notebook-unknown',
    message: `there is no notebook ${id}`,
    where: 'id',
    fix: 'Open it from the list of notebooks.',
  });

/** What is asked of a notebook that lies in the trash and can only be done to one that does not. */
export const trashed = (id: string): Refusal =>
  new Refusal(409, {
    error: 'notebook-trashed',
    message: 'this notebook is in the trash',
    where: id,
    fix: 'Bring it back first.',
  });

/** Says in a refusal what the system said in a code. */
export const unwritable =
  (path: string) =>
  (error: unknown): never => {
    if (error instanceof Refusal) throw error;
    const full = codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT';
    throw new Refusal(503, {
      error: full ? 'disk-full' : 'folder-unwritable',
      message: `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      where: 'path',
      fix: full
        ? 'Free some room on the disk, then try again; nothing was changed.'
        : 'Check that the notebooks folder can be written to and that the disk is not full.',
    });
  };
