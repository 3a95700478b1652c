/** The notebooks folder as rows to draw: folders before notebooks, by name; only what stands in open folders. Pure. */
import type { NotebookListing } from '@trialroom/shared/live/events';

export interface FolderRow {
  kind: 'folder';
  path: string;
  name: string;
  /** 1 at the top. */
  level: number;
  open: boolean;
  /** How many notebooks are in it, at any depth. */
  count: number;
}

export interface NotebookRow {
  kind: 'notebook';
  path: string;
  name: string;
  level: number;
  id: string;
}

export type TreeRow = FolderRow | NotebookRow;

/** The folder that something stands in; '' at the top. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** What something is called: the last part of its path, a notebook without its ending. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1).replace(/\.ipynb$/, '');

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** All folders there are: those that are said, and those that notebooks stand in. */
export function allFolders(folders: readonly string[], notebooks: readonly Pick<NotebookListing, 'path'>[]): string[] {
  const all = new Set(folders);
  for (const { path } of notebooks) for (let at = folderOf(path); at !== ''; at = folderOf(at)) all.add(at);
  return [...all].sort(byName.compare);
}

/** The rows from top to bottom. */
export function rowsOf(
  folders: readonly string[],
  notebooks: readonly Pick<NotebookListing, 'id' | 'path'>[],
  open: ReadonlySet<string>,
): TreeRow[] {
  const inside = new Map<string, { folders: string[]; notebooks: Pick<NotebookListing, 'id' | 'path'>[] }>();
  const at = (folder: string) => {
    let held = inside.get(folder);
    if (!held) {
      held = { folders: [], notebooks: [] };
      inside.set(folder, held);
    }
    return held;
  };
  const counts = new Map<string, number>();
  for (const folder of allFolders(folders, notebooks)) at(folderOf(folder)).folders.push(folder);
  for (const notebook of notebooks) {
    at(folderOf(notebook.path)).notebooks.push(notebook);
    for (let above = folderOf(notebook.path); above !== ''; above = folderOf(above)) {
      counts.set(above, (counts.get(above) ?? 0) + 1);
    }
  }
  const rows: TreeRow[] = [];
  const walk = (folder: string, level: number): void => {
    const held = at(folder);
    for (const path of held.folders.sort((a, b) => byName.compare(nameOf(a), nameOf(b)))) {
      const isOpen = open.has(path);
      rows.push({ kind: 'folder', path, name: nameOf(path), level, open: isOpen, count: counts.get(path) ?? 0 });
      if (isOpen) walk(path, level + 1);
    }
    for (const { id, path } of held.notebooks.sort((a, b) => byName.compare(nameOf(a.path), nameOf(b.path)))) {
      rows.push({ kind: 'notebook', path, name: nameOf(path), level, id });
    }
  };
  walk('', 1);
  return rows;
}

/** Where something lands that is put into a folder ('' for the top); null where it is already, or cannot go. */
export function landing(path: string, into: string): string | null {
  if (folderOf(path) === into || into === path || into.startsWith(`${path}/`)) return null;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return into === '' ? name : `${into}/${name}`;
}

/**
 * Which row a key leads to, by the keyboard pattern of trees; and what the key does to a folder.
 * @param current path of the row that has the focus
 */
export function step(
  rows: readonly TreeRow[],
  current: string | null,
  key: string,
): { to: string | null; fold?: 'open' | 'close' } {
  const index = Math.max(
    0,
    rows.findIndex(({ path }) => path === current),
  );
  const row = rows[index];
  const at = (other: number): string | null => rows[Math.min(rows.length - 1, Math.max(0, other))]?.path ?? null;
  if (!row) return { to: null };
  switch (key) {
    case 'ArrowDown':
      return { to: at(index + 1) };
    case 'ArrowUp':
      return { to: at(index - 1) };
    case 'Home':
      return { to: at(0) };
    case 'End':
      return { to: at(rows.length - 1) };
    case 'ArrowRight':
      if (row.kind !== 'folder') return { to: row.path };
      return row.open
        ? { to: rows[index + 1]?.level === row.level + 1 ? at(index + 1) : row.path }
        : { to: row.path, fold: 'open' };
    case 'ArrowLeft':
      if (row.kind === 'folder' && row.open) return { to: row.path, fold: 'close' };
      return { to: folderOf(row.path) || row.path };
    default: {
      if (key.length !== 1 || key === ' ') return { to: row.path };
      const begins = ({ name }: TreeRow): boolean => name.toLowerCase().startsWith(key.toLowerCase());
      const next = [...rows.slice(index + 1), ...rows.slice(0, index + 1)].find(begins);
      return { to: next?.path ?? row.path };
    }
  }
}
