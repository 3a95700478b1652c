/**
 * Brings a version back by editing the shared document: what is as it was is left alone, texts change by the smallest
 * change, and cells keep their ids, so that cursors, comments and what others type meanwhile stay where they are.
 * Call it inside a transaction.
 */
import type { VersionCell } from '@trialroom/shared/history/history';
import { keptInPlace } from '@trialroom/shared/history/order';
import {
  cellExtraOf,
  cellMetadataOf,
  cellOrder,
  cellsOf,
  changeText,
  deleteCell,
  extraOf,
  insertCells,
  metadataOf,
  moveCell,
  setCellType,
  sourceOf,
  typeOf,
} from '@trialroom/shared/notebook/document';
import { sameJson } from '@trialroom/shared/notebook/json';
import type * as Y from 'yjs';
import type { Snapshot } from './contents.ts';

/** Makes the document what the snapshot holds; outputs are not part of it. */
export function restoreAll(doc: Y.Doc, { metadata, extra, cells }: Snapshot): void {
  setBag(metadataOf(doc), metadata);
  setBag(extraOf(doc), extra);
  const wanted = new Set(cells.map(({ id }) => id));
  const before = cellOrder(doc);
  for (const id of before) if (!wanted.has(id)) deleteCell(doc, id);
  const stay = keptInPlace(
    before,
    cells.map(({ id }) => id),
  );
  let previous: string | null = null;
  for (const cell of cells) {
    setCell(doc, cell, previous);
    if (!stay.has(cell.id) && before.includes(cell.id)) moveCell(doc, cell.id, previous);
    previous = cell.id;
  }
}

/**
 * Brings one cell back as the snapshot holds it; one that was deleted comes back behind the nearest cell before it that
 * is still there. Nothing else changes.
 * @returns false when the snapshot does not hold it
 */
export function restoreCell(doc: Y.Doc, { cells }: Snapshot, id: string): boolean {
  const at = cells.findIndex((cell) => cell.id === id);
  const cell = cells[at];
  if (!cell) return false;
  const live = cellsOf(doc);
  const previous = cells.slice(0, at).findLast((one) => live.has(one.id));
  setCell(doc, cell, previous?.id ?? null);
  return true;
}

/** Changes the cell into this; one that is not there is made after `after`. */
function setCell(doc: Y.Doc, { id, type, source, metadata, extra }: VersionCell, after: string | null): void {
  const live = cellsOf(doc).get(id);
  if (!live) {
    insertCells(doc, [{ id, type, source, metadata, extra }], after);
    return;
  }
  changeText(sourceOf(live), source);
  if (typeOf(live) !== type) setCellType(doc, id, type);
  setBag(cellMetadataOf(live), metadata);
  if (sameJson(cellExtraOf(live), extra)) return;
  if (Object.keys(extra).length > 0) live.set('extra', extra);
  else live.delete('extra');
}

function setBag(live: Y.Map<unknown>, wanted: Record<string, unknown>): void {
  for (const key of [...live.keys()]) if (!Object.hasOwn(wanted, key)) live.delete(key);
  for (const [key, value] of Object.entries(wanted)) if (!sameJson(live.get(key), value)) live.set(key, value);
}
