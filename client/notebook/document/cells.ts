/**
 * The cells of a shared document as signals: the order is one, the kind of each cell is one, and neither moves when
 * someone types. Changes made here carry {@link STRUCTURE} as their origin, so that undo knows them as one's own.
 */
import { type Attachment, attachmentsOf, isFolded, isHidden } from '@trialroom/shared/notebook/cell-edits';
import {
  type CellSeed,
  type CellType,
  cellExtraOf,
  cellMetadataOf,
  cellOrder,
  cellsOf,
  insertCells,
  sourceOf,
  typeOf,
  type YCell,
} from '@trialroom/shared/notebook/document';
import { type Accessor, batch, createSignal, onCleanup, type Setter } from 'solid-js';
import type * as Y from 'yjs';
import { watchCells } from './cell-watch.ts';
import { createUndo } from './undo.ts';

/** Origin of changes to which cells there are, made in this page. */
export const STRUCTURE = Symbol('structure');

/** One cell, alive. */
export interface Cell {
  readonly id: string;
  readonly text: Y.Text;
  readonly type: Accessor<CellType>;
  readonly look: Accessor<CellLook>;
}

/** What the file says of how a cell is shown. */
export interface CellLook {
  tags: readonly string[];
  sourceHidden: boolean;
  outputsHidden: boolean;
  /** What stands below its heading is folded away. */
  folded: boolean;
  /** Images that its text shows, by name. */
  attachments: Readonly<Record<string, Attachment>>;
}

/** The cells as the page reads and changes them. */
export interface Cells {
  /** Ids from top to bottom. */
  readonly ids: Accessor<readonly string[]>;
  /** The cell of this id; undefined when there is none (any more). Tracks its replacement by another object. */
  get(id: string): Cell | undefined;
  /** The text of this cell as it is now; empty when there is none. Untracked. */
  textOf(id: string): string;
  /** The kind of every cell: one signal, for whoever asks for all of them. */
  readonly types: Accessor<ReadonlyMap<string, CellType>>;
  /** Cells below whose heading all is folded away, as the file says. */
  readonly folded: Accessor<ReadonlySet<string>>;
  readonly undo: Y.UndoManager;
  /** Makes a change that is undone as one step, by itself. Changes must have {@link STRUCTURE} as their origin. */
  change<T>(make: (doc: Y.Doc) => T): T;
  /** Puts new cells after `after` (null: at the top) and returns their ids, which are new. */
  insert(seeds: readonly Omit<CellSeed, 'id'>[], after: string | null): string[];
}

interface Entry {
  cell: Accessor<Cell>;
  setCell: Setter<Cell>;
  setType: Setter<CellType>;
  setLook: Setter<CellLook>;
}

/**
 * Follows the document until the owner is disposed.
 * @param undone is told which cells an undo or redo has changed
 */
export function createCells(doc: Y.Doc, undone: (cells: readonly string[]) => void = () => {}): Cells {
  const entries = new Map<string, Entry>();
  const map = cellsOf(doc);
  const [ids, setIds] = createSignal<readonly string[]>(cellOrder(doc));
  const readTypes = () => new Map([...map].map(([id, cell]) => [id, typeOf(cell)] as const));
  const readFolded = () => new Set([...map].flatMap(([id, cell]) => (isFolded(cellMetadataOf(cell)) ? [id] : [])));
  const [types, setTypes] = createSignal<ReadonlyMap<string, CellType>>(readTypes());
  const [folded, setFolded] = createSignal<ReadonlySet<string>>(readFolded());
  const undo = createUndo(doc, [STRUCTURE], undone);
  const noteFold = (id: string, cell: YCell): void => {
    const now = isFolded(cellMetadataOf(cell));
    if (now === folded().has(id)) return;
    const next = new Set(folded());
    if (now) next.add(id);
    else next.delete(id);
    setFolded(next);
  };

  const entryOf = (id: string): Entry | undefined => {
    const known = entries.get(id);
    if (known) return known;
    const ycell = map.get(id);
    if (!ycell) return undefined;
    const made = makeEntry(id, ycell);
    entries.set(id, made);
    return made;
  };

  const stop = watchCells(doc, {
    order(order) {
      for (const id of entries.keys()) if (!map.has(id)) entries.delete(id);
      batch(() => {
        setTypes(readTypes());
        setFolded(readFolded());
        setIds(order);
      });
    },
    type(id, type) {
      setTypes(readTypes());
      entries.get(id)?.setType(type);
    },
    metadata(id, cell) {
      noteFold(id, cell);
      entries.get(id)?.setLook(lookOf(cell));
    },
    replaced(id, ycell) {
      setTypes(readTypes());
      noteFold(id, ycell);
      const entry = entries.get(id);
      if (!entry) return;
      entry.setType(typeOf(ycell));
      entry.setLook(lookOf(ycell));
      entry.setCell((cell) => ({ ...cell, text: sourceOf(ycell) }));
    },
  });
  onCleanup(() => {
    stop();
    undo.destroy();
  });

  /** What was typed just before must not vanish together with the cell. */
  const change = <T>(make: (doc: Y.Doc) => T): T => {
    undo.stopCapturing();
    const made = make(doc);
    undo.stopCapturing();
    return made;
  };

  return {
    ids,
    textOf(id) {
      const cell = map.get(id);
      return cell ? sourceOf(cell).toString() : '';
    },
    types,
    folded,
    undo,
    change,
    get: (id) => entryOf(id)?.cell(),
    insert(seeds, after) {
      const named = seeds.map((seed) => ({ ...seed, id: newCellId() }));
      change(() => insertCells(doc, named, after, STRUCTURE));
      return named.map(({ id }) => id);
    },
  };
}

function makeEntry(id: string, ycell: YCell): Entry {
  const [type, setType] = createSignal(typeOf(ycell));
  const [look, setLook] = createSignal(lookOf(ycell));
  const [cell, setCell] = createSignal<Cell>({ id, text: sourceOf(ycell), type, look });
  return { cell, setCell, setType, setLook };
}

function lookOf(cell: YCell): CellLook {
  const metadata = cellMetadataOf(cell);
  const tags = metadata.get('tags');
  return {
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [],
    sourceHidden: isHidden(metadata, 'source'),
    outputsHidden: isHidden(metadata, 'outputs'),
    folded: isFolded(metadata),
    attachments: attachmentsOf(cellExtraOf(cell)),
  };
}

/** An id as nbformat wants it: letters, digits, at most 64; random, so that two people never make the same. */
export function newCellId(): string {
  return crypto.randomUUID().replaceAll('-', '').slice(0, 12);
}
