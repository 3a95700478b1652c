/**
 * The notebooks of the workspace: which files there are, under which ids, and what happens to them on disk. All watching
 * of the folder is here, in one place. What a notebook says while people edit it is the documents' business.
 */

import { basename, relative, sep } from 'node:path';
import type { NotebookListing } from '@trialroom/shared/live/events';
import { fromFileOutput } from '@trialroom/shared/notebook/fileOutputs';
import {
  NotebookFormatError,
  newNotebook,
  notebookTitle,
  parseNotebook,
  serialiseNotebook,
} from '@trialroom/shared/notebook/format';
import type { OutputsByCell } from '@trialroom/shared/notebook/transfer';
import { watch } from 'chokidar';
import { ulid } from 'ulid';
import type { Database } from '../database/database.ts';
import { Refusal } from '../http/refusal.ts';
import type { Hub } from '../live/hub.ts';
import { type Bases, createBases } from './base.ts';
import { NotebookRow } from './entities.ts';
import { codeOf, type NotebookFolder, NotText, openFolder, regularPath, skipped } from './files.ts';

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
  /** Renames a folder; the notebooks in it keep their ids. Both paths are regular, and nothing is at the new one yet. */
  moveFolder(from: string, to: string): Promise<void>;
  /** Gives a notebook's file another path, where nothing may be yet; its id stays. @throws Refusal (400, 404, 409) */
  move(id: string, path: string): Promise<void>;
  /** Makes a new notebook file. @throws Refusal (400, 409, 503) */
  create(path: string): Promise<NotebookListing>;
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

interface Seen {
  stamp: string;
  changedAt: number;
  title: string;
  problem: string | null;
}

/** How long changes are gathered before the list is sent again, in ms. */
const GATHER = 100;

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
  const seen = new Map<string, Seen>();
  const ids = new Map<string, string>();
  const handlers: ((id: string) => void)[] = [];
  let kernelOf: (id: string) => NotebookListing['kernel'] = () => 'none';
  let telling: NodeJS.Timeout | null = null;
  let closed = false;

  const unknown = (id: string): Refusal =>
    new Refusal(404, {
      error: 'notebook-unknown',
      message: `there is no notebook ${id}`,
      where: 'id',
      fix: 'Open it from the list of notebooks.',
    });

  async function identify(paths: readonly string[]): Promise<void> {
    const fresh = paths.filter((path) => !ids.has(path));
    if (fresh.length === 0) return;
    const em = database.em();
    // Another server may give the same path an id at the same time: the first one stays.
    await em.upsertMany(
      NotebookRow,
      fresh.map((path) => ({ id: ulid(), path, createdAt: Date.now() })),
      { onConflictFields: ['path'], onConflictAction: 'ignore' },
    );
    for (const row of await database.em().find(NotebookRow, { path: { $in: fresh } })) ids.set(row.path, row.id);
  }

  async function look(path: string): Promise<Seen | null> {
    const now = await folder.stamp(path);
    if (!now) return null;
    const known = seen.get(path);
    if (known?.stamp === now.stamp) return known;
    const named = basename(path, '.ipynb');
    let [title, problem]: [string, string | null] = [named, null];
    try {
      const file = await folder.read(path);
      if (!file) return null;
      title = notebookTitle(parseNotebook(file.text)) ?? named;
    } catch (error) {
      problem = problemOf(error);
    }
    const found = { ...now, title, problem };
    seen.set(path, found);
    return found;
  }

  function listed(path: string, { changedAt, title, problem }: Seen): NotebookListing {
    const id = ids.get(path) ?? '';
    return { id, path, title, changedAt, kernel: kernelOf(id), problem };
  }

  async function list(): Promise<NotebookListing[]> {
    const paths = await folder.paths();
    await identify(paths);
    const found: NotebookListing[] = [];
    for (const path of paths) {
      const file = await look(path);
      if (file) found.push(listed(path, file));
    }
    return found;
  }

  function pathOf(id: string): string | null {
    for (const [path, known] of ids) if (known === id) return path;
    return null;
  }

  async function get(id: string): Promise<Notebook> {
    const known = pathOf(id);
    if (known !== null) return { id, path: known };
    const row = await database.em().findOne(NotebookRow, { id });
    if (!row) throw unknown(id);
    ids.set(row.path, row.id);
    return { id: row.id, path: row.path };
  }

  async function listing(id: string): Promise<NotebookListing> {
    const { path } = await get(id);
    const file = await look(path).catch(() => null);
    return listed(
      path,
      file ?? { stamp: '', changedAt: 0, title: basename(path, '.ipynb'), problem: `${path} is not on disk` },
    );
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

  async function heard(full: string): Promise<void> {
    const path = relative(folder.root, full).split(sep).join('/');
    changed();
    await identify([path]);
    const id = ids.get(path);
    if (id !== undefined && !closed) for (const handler of handlers) handler(id);
  }

  await identify(await folder.paths());
  const watcher = watch(folder.root, {
    ignoreInitial: true,
    followSymlinks: false,
    ignored: (path, stats) =>
      path !== folder.root && (skipped(basename(path)) || (stats?.isFile() === true && !path.endsWith('.ipynb'))),
  });
  for (const event of ['add', 'change', 'unlink'] as const) {
    watcher.on(event, (path) => {
      if (path.endsWith('.ipynb')) heard(path).catch(onError);
    });
  }
  watcher.on('error', onError);
  await new Promise<void>((ready) => watcher.once('ready', ready));

  return {
    folder,
    bases: createBases(database),
    list,
    pathOf,
    get,
    listing,
    async at(path) {
      const regular = regularPath(path);
      if (!ids.has(regular)) {
        const there = await folder.stamp(regular);
        if (!there) throw unknown(regular);
        await identify([regular]);
      }
      return { id: ids.get(regular) ?? '', path: regular };
    },
    async move(id, path) {
      const from = (await get(id)).path;
      const to = regularPath(path);
      if (to === from) return;
      const before = ids.get(to);
      const told = (path: string, given: string | undefined): void => {
        if (given === undefined) ids.delete(path);
        else ids.set(path, given);
      };
      // First, so that a watcher who is quicker than this does not take the file for a new notebook.
      told(from, undefined);
      told(to, id);
      try {
        await folder.move(from, to);
      } catch (error) {
        told(from, id);
        told(to, before);
        throw error;
      }
      // An id that the new path had once, for a file that is long gone, gives way.
      await database.em().nativeDelete(NotebookRow, { path: to });
      await database.em().nativeUpdate(NotebookRow, { id }, { path: to });
      changed();
    },
    async moveFolder(from, to) {
      const rename = (old: string, now: string): string[] => {
        const inside = [...ids.keys()].filter((path) => path.startsWith(`${old}/`));
        for (const path of inside) ids.set(`${now}${path.slice(old.length)}`, ids.get(path) ?? '');
        for (const path of inside) ids.delete(path);
        return inside;
      };
      await identify((await folder.paths()).filter((path) => path.startsWith(`${from}/`)));
      // Open documents must know the new place when the old one is gone.
      const moved = rename(from, to);
      try {
        await folder.moveFolder(from, to);
      } catch (error) {
        rename(to, from);
        throw error;
      }
      for (const path of moved) {
        const now = `${to}${path.slice(from.length)}`;
        await database.em().nativeDelete(NotebookRow, { path: now });
        await database.em().nativeUpdate(NotebookRow, { path }, { path: now });
      }
      changed();
    },
    async create(path) {
      const regular = regularPath(path);
      try {
        await folder.create(regular, serialiseNotebook(newNotebook()));
      } catch (error) {
        if (error instanceof Refusal) throw error;
        throw new Refusal(503, {
          error: 'folder-unwritable',
          message: `${regular} cannot be made: ${error instanceof Error ? error.message : String(error)}`,
          where: 'path',
          fix: 'Check that the notebooks folder can be written to and that the disk is not full.',
        });
      }
      await identify([regular]);
      changed();
      return listing(ids.get(regular) ?? '');
    },
    async readFileOutputs(id) {
      const { path } = await get(id);
      try {
        const file = await folder.read(path);
        if (!file) return {};
        return Object.fromEntries(
          parseNotebook(file.text).cells.flatMap((cell) =>
            cell.cell_type === 'code'
              ? [
                  [
                    cell.id,
                    {
                      outputs: cell.outputs.map((output) => fromFileOutput(output, cell.execution_count)),
                      count: cell.execution_count,
                    },
                  ],
                ]
              : [],
          ),
        );
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
      await watcher.close();
    },
  };
}

/** Why a file cannot be read as a notebook, in a sentence. */
export function problemOf(error: unknown): string {
  if (error instanceof NotebookFormatError) return `${error.message}. ${error.fix}`;
  if (error instanceof NotText) return `${error.message}. Save it as UTF-8.`;
  if (error instanceof Refusal) return `${error.message}. ${error.problem.fix ?? ''}`.trim();
  const code = codeOf(error);
  return code === null ? String(error) : `the file cannot be read (${code}). Check its permissions.`;
}
