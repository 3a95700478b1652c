/**
 * Tells a page what changed in the shared document, cell by cell: the order of cells, the kind of one, its metadata, or
 * that its text object is another one. Changes of text are left to whoever shows that text, so that a keystroke costs
 * its own cell and no other.
 */
import { type CellType, cellOrder, cellsOf, typeOf, type YCell } from '@trialroom/shared/notebook/document';
import type * as Y from 'yjs';

/** Who is told. Each is called after the transaction, once for each thing that changed. */
export interface CellWatcher {
  /** The ids from top to bottom are now these. */
  order(ids: readonly string[]): void;
  /** The kind of this cell is now this. */
  type(id: string, type: CellType): void;
  metadata(id: string, cell: YCell): void;
  /** This id now stands for another object: views of the old one are dead. */
  replaced(id: string, cell: YCell): void;
}

/** Watches the cells of a document, from now on; returns what ends it. */
export function watchCells(doc: Y.Doc, watcher: CellWatcher): () => void {
  const cells = cellsOf(doc);
  let shown = cellOrder(doc);

  const observe = (events: Y.YEvent<Y.AbstractType<unknown>>[]): void => {
    let orderMayDiffer = false;
    for (const event of events) {
      const [id, part] = event.path;
      if (id === undefined) {
        orderMayDiffer = true;
        for (const [key, change] of event.changes.keys) {
          const cell = cells.get(key);
          if (cell && change.action === 'update') watcher.replaced(key, cell);
        }
        continue;
      }
      const cell = cells.get(String(id));
      if (!cell) continue;
      if (part === 'metadata') watcher.metadata(String(id), cell);
      if (part !== undefined) continue;
      for (const key of event.changes.keys.keys()) {
        if (key === 'order') orderMayDiffer = true;
        else if (key === 'type') watcher.type(String(id), typeOf(cell));
        else if (key === 'source') watcher.replaced(String(id), cell);
        else watcher.metadata(String(id), cell);
      }
    }
    if (!orderMayDiffer) return;
    const ids = cellOrder(doc);
    if (ids.length === shown.length && ids.every((id, index) => id === shown[index])) return;
    shown = ids;
    watcher.order(ids);
  };

  cells.observeDeep(observe);
  return () => cells.unobserveDeep(observe);
}
