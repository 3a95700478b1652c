/**
 * What the page of notebooks knows and can do: folders, which of them are open, and every change to the tree. A change is
 * asked of the server and shows when the server tells of it; a refused one says why and keeps what was typed.
 */
import { files } from '@trialroom/shared/api/endpoints';
import type { HomeSnapshot } from '@trialroom/shared/live/events';
import { createEffect, createMemo, createResource, createSignal, on } from 'solid-js';
import { call } from '../data/api.ts';
import type { Watched } from '../data/watched.ts';
import { allFolders, folderOf, landing, rowsOf, type TreeRow } from './tree.ts';

/** Where this device remembers which folders are open. */
const OPEN = 'trialroom.folders';

function remembered(): ReadonlySet<string> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(OPEN) ?? '[]');
    return new Set(Array.isArray(value) ? value.filter((path) => typeof path === 'string') : []);
  } catch {
    return new Set();
  }
}

/** Something done that can be undone. */
export interface Done {
  text: string;
  undo: () => Promise<unknown>;
}

export type Files = ReturnType<typeof createFiles>;

export function createFiles(home: Watched<HomeSnapshot>) {
  const [folders, { refetch }] = createResource(async () => (await call(files.folders)).folders);
  const [open, setOpen] = createSignal(remembered());
  const [failure, setFailure] = createSignal<unknown>(null);
  const [done, setDone] = createSignal<Done | null>(null);
  const [active, setActive] = createSignal<string | null>(null);
  const [awaited, setAwaited] = createSignal<string | null>(null);
  const [renaming, setRenaming] = createSignal<string | null>(null);
  const [moving, setMoving] = createSignal<TreeRow | null>(null);
  const listed = () => home.value?.notebooks ?? [];
  /** Without a connection, those that were there when it broke. */
  const known = createMemo<string[]>(
    (before) => (folders.state === 'ready' || folders.state === 'refreshing' ? (folders.latest ?? before) : before),
    [],
  );
  const rows = createMemo(() => rowsOf(known(), listed(), open()));
  // The server tells of the list whenever a folder came or went, too.
  createEffect(
    on(
      () => home.value?.notebooks,
      () => void refetch(),
      { defer: true },
    ),
  );

  function fold(path: string, isOpen: boolean): void {
    const next = new Set(open());
    if (isOpen) next.add(path);
    else next.delete(path);
    setOpen(next);
    localStorage.setItem(OPEN, JSON.stringify([...next]));
  }

  /** Opens every folder above something. */
  function reveal(path: string): void {
    for (let at = folderOf(path); at !== ''; at = folderOf(at)) fold(at, true);
  }

  async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await work();
      setFailure(null);
      return result;
    } catch (error) {
      setFailure(error);
      return undefined;
    } finally {
      void refetch();
    }
  }

  const relocate = (row: Pick<TreeRow, 'kind' | 'path'> & { id?: string }, to: string): Promise<unknown> =>
    row.kind === 'folder'
      ? call(files.moveFolder, { body: { from: row.path, to } })
      : call(files.move, { params: { id: row.id ?? '' }, body: { path: to } });

  return {
    rows,
    folders: createMemo(() => allFolders(known(), listed())),
    loading: () => home.status === 'loading' || folders.state === 'pending',
    listing: (id: string) => listed().find((one) => one.id === id),
    fold,
    reveal,
    attempt,
    failure,
    dismiss: () => setFailure(null),
    done,
    setDone,
    /** Path of the row that has, or last had, the focus. */
    active,
    setActive,
    /** Path of the row that gets the focus as soon as it is there. */
    awaited,
    setAwaited,
    renaming,
    setRenaming,
    /** What the dialog asks a new folder for. */
    moving,
    setMoving,
    /** Gives a row another name in its folder. @throws ProblemError */
    async rename(row: TreeRow, name: string): Promise<void> {
      const folder = folderOf(row.path);
      const to = `${folder === '' ? '' : `${folder}/`}${name.trim()}${row.kind === 'notebook' ? '.ipynb' : ''}`;
      if (to !== row.path) await relocate(row, to);
      if (row.kind === 'folder' && row.open) fold(to, true);
      setAwaited(to);
      setRenaming(null);
      setActive(to);
      void refetch();
    },
    async move(row: TreeRow, into: string): Promise<void> {
      const to = landing(row.path, into);
      if (to === null) return;
      const moved = await attempt(() => relocate(row, to).then(() => true));
      if (!moved) return;
      reveal(to);
      setActive(to);
      setDone({
        text: `${row.name} is now in ${into === '' ? 'the top folder' : into}.`,
        undo: () => relocate({ ...row, path: to }, row.path),
      });
    },
    async duplicate(id: string, as?: 'typescript'): Promise<void> {
      const made = await attempt(() => call(files.duplicate, { params: { id }, body: as ? { as } : {} }));
      if (made) setActive(made.path);
    },
    async trash(row: TreeRow): Promise<void> {
      const all = rows();
      const at = all.findIndex(({ path }) => path === row.path);
      const next = all.slice(at + 1).find(({ path }) => !path.startsWith(`${row.path}/`)) ?? all[at - 1];
      const thrown = await attempt(() =>
        row.kind === 'folder'
          ? call(files.trashFolder, { body: { path: row.path } })
          : call(files.trash, { params: { id: row.id }, body: {} }),
      );
      if (!thrown) return;
      setActive(next?.path ?? null);
      setDone({
        text: `${row.name} is in the trash.`,
        undo: () => call(files.restore, { params: { id: thrown.id }, body: {} }),
      });
    },
    async makeFolder(path: string): Promise<void> {
      await call(files.makeFolder, { body: { path } });
      reveal(path);
      setActive(path);
      void refetch();
    },
  };
}

/** Hands a file of the server's to the browser, to be kept. */
export function download(id: string, form: 'ipynb' | 'ts' | 'md', comments = false): void {
  const link = document.createElement('a');
  link.href = `/api/notebooks/${encodeURIComponent(id)}/as/${form}${comments ? '?comments=true' : ''}`;
  link.download = '';
  link.click();
}
