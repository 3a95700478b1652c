/**
 * The shared document of a notebook: what people edit together, as a Yjs document. Outputs and run states are not in it:
 * they have one author, the server, and live elsewhere.
 *
 * Layout: `doc.getMap('cells')`: cell id → Y.Map { type, source: Y.Text, order, metadata: Y.Map, extra } and
 * `doc.getMap('metadata')`: the notebook's metadata, one entry a key; `doc.getMap('extra')`: unknown top-level keys.
 * Cells are in a map and carry a fractional `order` key, so that moving a cell is one assignment: it keeps its identity,
 * its text, its cursors and its comments, and two people moving it at once cannot duplicate it.
 */
import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing';
import * as Y from 'yjs';

export type CellType = 'code' | 'markdown' | 'raw';

/** A cell as plain data, for making one. */
export interface CellSeed {
  id: string;
  type: CellType;
  source: string;
  metadata?: Record<string, unknown>;
  /** Unknown keys of the cell in the file, and attachments; carried along untouched. */
  extra?: Record<string, unknown>;
}

/** The live cell: wraps the Y.Map so that callers need not know key names. */
export type YCell = Y.Map<unknown>;

export const cellsOf = (doc: Y.Doc): Y.Map<YCell> => doc.getMap<YCell>('cells');
export const metadataOf = (doc: Y.Doc): Y.Map<unknown> => doc.getMap('metadata');
export const extraOf = (doc: Y.Doc): Y.Map<unknown> => doc.getMap('extra');

export const typeOf = (cell: YCell): CellType => cell.get('type') as CellType;
export const sourceOf = (cell: YCell): Y.Text => cell.get('source') as Y.Text;
export const orderOf = (cell: YCell): string => cell.get('order') as string;
export const cellMetadataOf = (cell: YCell): Y.Map<unknown> => cell.get('metadata') as Y.Map<unknown>;
export const cellExtraOf = (cell: YCell): Record<string, unknown> =>
  (cell.get('extra') ?? {}) as Record<string, unknown>;

/** Cell ids as shown from top to bottom. Equal orders (two people inserting at one place) are parted by id. */
export function cellOrder(doc: Y.Doc): string[] {
  return [...cellsOf(doc).entries()]
    .map(([id, cell]) => ({ id, order: orderOf(cell) }))
    .sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : a.id < b.id ? -1 : 1))
    .map(({ id }) => id);
}

/** Puts new cells after the cell `after` (null: at the top), in one transaction. */
export function insertCells(doc: Y.Doc, seeds: readonly CellSeed[], after: string | null, origin?: unknown): void {
  doc.transact(() => {
    const cells = cellsOf(doc);
    const orders = ordersAfter(doc, after, seeds.length);
    seeds.forEach((seed, index) => {
      const cell: YCell = new Y.Map();
      cell.set('type', seed.type);
      cell.set('order', orders[index]);
      cell.set('source', new Y.Text(seed.source));
      cell.set('metadata', new Y.Map(Object.entries(seed.metadata ?? {})));
      if (seed.extra && Object.keys(seed.extra).length > 0) cell.set('extra', seed.extra);
      cells.set(seed.id, cell);
    });
  }, origin);
}

/** Removes a cell; nothing happens when it is already gone. */
export function deleteCell(doc: Y.Doc, id: string, origin?: unknown): void {
  doc.transact(() => cellsOf(doc).delete(id), origin);
}

/** Moves a cell to just after `after` (null: to the top). */
export function moveCell(doc: Y.Doc, id: string, after: string | null, origin?: unknown): void {
  const cell = cellsOf(doc).get(id);
  if (!cell || after === id) return;
  doc.transact(() => {
    const others = cellOrder(doc).filter((other) => other !== id);
    const order = keysBetween(doc, others, after, 1)[0];
    cell.set('order', order);
  }, origin);
}

/** Changes what kind of cell it is; its text and identity stay. */
export function setCellType(doc: Y.Doc, id: string, type: CellType, origin?: unknown): void {
  doc.transact(() => cellsOf(doc).get(id)?.set('type', type), origin);
}

function ordersAfter(doc: Y.Doc, after: string | null, count: number): string[] {
  return keysBetween(doc, cellOrder(doc), after, count);
}

function keysBetween(doc: Y.Doc, ids: readonly string[], after: string | null, count: number): string[] {
  const cells = cellsOf(doc);
  const at = after === null ? -1 : ids.indexOf(after);
  const orderAt = (index: number): string | null => {
    const id = ids[index];
    const cell = id === undefined ? undefined : cells.get(id);
    return cell ? orderOf(cell) : null;
  };
  // An unknown `after` (deleted meanwhile) means: at the end.
  const left = after !== null && at < 0 ? orderAt(ids.length - 1) : orderAt(at);
  let right: string | null = null;
  if (after === null || at >= 0) {
    for (let next = at + 1; next < ids.length && right === null; next++) {
      const order = orderAt(next);
      if (order !== null && (left === null || order > left)) right = order;
    }
  }
  return count === 1 ? [generateKeyBetween(left, right)] : generateNKeysBetween(left, right, count);
}
