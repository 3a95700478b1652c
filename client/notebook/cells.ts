/**
 * The cells of a shared document as signals: the order is one, the kind of each cell is one, and neither moves when
 * someone types. Changes made here carry {@link STRUCTURE} as their origin, so that undo knows them as one's own.
 */
import {
  type CellSeed,
  type CellType,
  cellMetadataOf,
  cellOrder,
  cellsOf,
  deleteCell,
  insertCells,
  moveCell,
  setCellType,
  sourceOf,
  typeOf,
  type YCell,
} from '@trialroom/shared/notebook/document';
import { type Accessor, createSignal, onCleanup, type Setter } from 'solid-js';
import * as Y from 'yjs';
import { watchCells } from './cell-watch.ts';

/** Origin of changes to which cells there are, made in this page. */
export const STRUCTURE = Symbol('structure');

/** One cell, alive. */
export interface Cell {
  readonly id: string;
  readonly text: Y.Text;
  readonly type: Accessor<CellType>;
  readonly tags: Accessor<readonly string[]>;
}

export interface Cells {
  /** Ids from top to bottom. */
  readonly ids: Accessor<readonly string[]>;
  /** The cell of this id; undefined when there is none (any more). Tracks its replacement by another object. */
  get(id: string): Cell | undefined;
  readonly undo: Y.UndoManager;
  /** Puts a new cell after `after` (null: at the top) and returns its id. */
  insert(type: CellType, after: string | null, source?: string): string;
  remove(id: string): void;
  setType(id: string, type: CellType): void;
  /** Moves one place up (-1) or down (1); false when it is there already. */
  move(id: string, by: -1 | 1): boolean;
}

interface Entry {
  cell: Accessor<Cell>;
  setCell: Setter<Cell>;
  setType: Setter<CellType>;
  setTags: Setter<readonly string[]>;
}

/** Follows the document until the owner is disposed. */
export function createCells(doc: Y.Doc): Cells {
  const entries = new Map<string, Entry>();
  const map = cellsOf(doc);
  const [ids, setIds] = createSignal<readonly string[]>(cellOrder(doc));
  const undo = new Y.UndoManager(map, { trackedOrigins: new Set<unknown>([STRUCTURE]), captureTimeout: 400 });

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
      setIds(order);
    },
    type: (id, type) => void entries.get(id)?.setType(type),
    metadata: (id, cell) => void entries.get(id)?.setTags(tagsOf(cell)),
    replaced(id, ycell) {
      const entry = entries.get(id);
      if (!entry) return;
      entry.setType(typeOf(ycell));
      entry.setTags(tagsOf(ycell));
      entry.setCell((cell) => ({ ...cell, text: sourceOf(ycell) }));
    },
  });
  onCleanup(() => {
    stop();
    undo.destroy();
  });

  /** One step of undo each: what was typed just before must not vanish together with the cell. */
  const change = (make: () => void): void => {
    undo.stopCapturing();
    make();
    undo.stopCapturing();
  };

  return {
    ids,
    undo,
    get: (id) => entryOf(id)?.cell(),
    insert(type, after, source = '') {
      const seed: CellSeed = { id: newCellId(), type, source };
      change(() => insertCells(doc, [seed], after, STRUCTURE));
      return seed.id;
    },
    remove: (id) => change(() => deleteCell(doc, id, STRUCTURE)),
    setType: (id, type) => change(() => setCellType(doc, id, type, STRUCTURE)),
    move(id, by) {
      const order = cellOrder(doc);
      const at = order.indexOf(id);
      const to = at + by;
      if (at < 0 || to < 0 || to >= order.length) return false;
      const after = by < 0 ? (order[to - 1] ?? null) : (order[to] ?? null);
      change(() => moveCell(doc, id, after, STRUCTURE));
      return true;
    },
  };
}

function makeEntry(id: string, ycell: YCell): Entry {
  const [type, setType] = createSignal(typeOf(ycell));
  const [tags, setTags] = createSignal(tagsOf(ycell));
  const [cell, setCell] = createSignal<Cell>({ id, text: sourceOf(ycell), type, tags });
  return { cell, setCell, setType, setTags };
}

function tagsOf(cell: YCell): readonly string[] {
  const tags = cellMetadataOf(cell)?.get('tags');
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
}

/** An id as nbformat wants it: letters, digits, at most 64; random, so that two people never make the same. */
function newCellId(): string {
  return crypto.randomUUID().replaceAll('-', '').slice(0, 12);
}
