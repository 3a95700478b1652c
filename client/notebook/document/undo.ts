/**
 * Undo of what this person did in this page, to the cells of one notebook, and to nothing else: outputs are not in the
 * document, what others did has other origins, and what others wrote into a cell made here keeps that cell alive.
 */
import { cellsOf, sourceOf, type YCell } from '@trialroom/shared/notebook/document';
import * as Y from 'yjs';

/** Changes that follow one another within this many ms are undone together. */
const CAPTURE_MS = 400;

/**
 * @param origins whose changes are one's own
 * @param shown is told which cells an undo or redo has changed
 */
export function createUndo(
  doc: Y.Doc,
  origins: readonly unknown[],
  shown: (cells: readonly string[]) => void,
): Y.UndoManager {
  const map = cellsOf(doc);
  const undo = new Y.UndoManager(map, {
    trackedOrigins: new Set(origins),
    captureTimeout: CAPTURE_MS,
    deleteFilter: (item) => {
      const cell = cellAround(map, item);
      // Its text may go, as far as it is one's own; the cell itself, its kind and its place stay.
      return cell === undefined || !isOfCell(item, cell) || !holdsOthersWork(cell, doc.clientID);
    },
  });
  undo.on('stack-item-popped', ({ changedParentTypes }) => {
    const cells = new Set<string>();
    for (const [type, events] of changedParentTypes) {
      const id = idOf(map, type._item);
      if (id !== undefined) cells.add(id);
      for (const event of events) {
        if (event instanceof Y.YMapEvent && event.target === map) for (const key of event.keysChanged) cells.add(key);
      }
    }
    if (cells.size > 0) shown([...cells]);
  });
  return undo;
}

/** The cell that the item is, or is in. */
function cellAround(map: Y.Map<YCell>, item: Y.Item): Y.Map<unknown> | undefined {
  for (let at: Y.Item | null = item; at; ) {
    const { parent }: Y.Item = at;
    if (parent === map)
      return at.content instanceof Y.ContentType && at.content.type instanceof Y.Map ? at.content.type : undefined;
    at = parent instanceof Y.AbstractType ? parent._item : null;
  }
  return undefined;
}

/** Whether the item is the cell or one of its entries, rather than a piece of its text. */
const isOfCell = (item: Y.Item, cell: Y.Map<unknown>): boolean => cell._item === item || item.parent === cell;

function holdsOthersWork(cell: Y.Map<unknown>, mine: number): boolean {
  for (let item = sourceOf(cell)._start; item; item = item.right) {
    if (!item.deleted && item.id.client !== mine) return true;
  }
  return false;
}

/** Id of the cell that an item is, or is in. */
function idOf(map: Y.Map<YCell>, item: Y.Item | null): string | undefined {
  for (let at = item; at; ) {
    if (at.parent === map) return at.parentSub ?? undefined;
    at = at.parent instanceof Y.AbstractType ? at.parent._item : null;
  }
  return undefined;
}
