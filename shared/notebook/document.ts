/**
 * The shared document of a notebook: what people edit together, as a Yjs document. Outputs and run states are not in it:
 * they have one author, the server, and live elsewhere.
 *
 * Layout: `doc.getMap('cells')`: cell id → Y.Map { type, source: Y.Text, order, metadata: Y.Map, extra } and
 * `doc.getMap('metadata')`: the notebook's metadata, one entry a key; `doc.getMap('extra')`: unknown top-level keys.
 * Cells are in a map and carry a fractional `order` key, so that moving a cell is one assignment: it keeps its identity,
 * its text, its cursors and its comments, and two people moving it at once cannot duplicate it.
 */
import diff from 'fast-diff';
import { generateNKeysBetween } from 'fractional-indexing';
import * as Y from 'yjs';

/**
 * Message type, on a `/yjs/` socket beside y-protocols' own 0…3, by which the server says that edits are durable.
 * Payload: varUint8Array state vector of what is stored, varUint how many update messages (sync step 2 and update) of this
 * connection are stored. A deletion does not grow a state vector, so whoever must know that *everything* is saved counts
 * the messages sent.
 */
export const MESSAGE_SAVED = 4;

/**
 * Code with which a `/yjs/` socket is closed when the copy of the document that wants in is of another making than the
 * server's: the two would not merge but stand side by side. Whoever has something unsent loads the document anew and
 * merges it in as text (`merge.ts`).
 */
export const CLOSED_REPLACED = 4409;
/** Code of a socket that is closed because the notebook is gone. */
export const CLOSED_GONE = 4410;

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

// Every editor may write anything into the document, so what is read is checked; odd values read as the plainest cell.
export const typeOf = (cell: YCell): CellType => {
  const type = cell.get('type');
  return type === 'markdown' || type === 'raw' ? type : 'code';
};
/** The live text; an unattached empty one when the cell was made without. */
export const sourceOf = (cell: YCell): Y.Text => {
  const source = cell.get('source');
  return source instanceof Y.Text ? source : new Y.Doc().getText();
};
export const orderOf = (cell: YCell): string => {
  const order = cell.get('order');
  return typeof order === 'string' ? order : '';
};
export const cellMetadataOf = (cell: YCell): Y.Map<unknown> => {
  const metadata = cell.get('metadata');
  return metadata instanceof Y.Map ? metadata : new Y.Doc().getMap();
};
export const cellExtraOf = (cell: YCell): Record<string, unknown> => {
  const extra = cell.get('extra');
  return typeof extra === 'object' && extra !== null ? Object.fromEntries(Object.entries(extra)) : {};
};

/** Cell ids as shown from top to bottom. Equal orders (two people inserting at one place) are parted by id. */
export function cellOrder(doc: Y.Doc): string[] {
  return [...cellsOf(doc).entries()]
    .filter(([, cell]) => cell instanceof Y.Map)
    .map(([id, cell]) => ({ id, order: orderOf(cell) }))
    .sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : a.id < b.id ? -1 : 1))
    .map(({ id }) => id);
}

/** Puts new cells after the cell `after` (null: at the top), in one transaction. */
export function insertCells(doc: Y.Doc, seeds: readonly CellSeed[], after: string | null, origin?: unknown): void {
  doc.transact(() => {
    const cells = cellsOf(doc);
    const orders = keysBetween(doc, cellOrder(doc), after, seeds.length);
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

/** Replaces the text of a cell by the smallest change, so that cursors and what others type meanwhile stay in place. */
export function setSource(doc: Y.Doc, id: string, source: string, origin?: unknown): void {
  const cell = cellsOf(doc).get(id);
  if (!cell) return;
  doc.transact(() => changeText(sourceOf(cell), source), origin);
}

/** Turns the text into `target` by the smallest change. */
export function changeText(text: Y.Text, target: string): void {
  let at = 0;
  for (const [kind, part] of diff(text.toString(), target)) {
    if (kind === diff.DELETE) text.delete(at, part.length);
    else {
      if (kind === diff.INSERT) text.insert(at, part);
      at += part.length;
    }
  }
}

/**
 * Keys for `count` cells after `after`. Cells that follow with the same key as their predecessor (two people inserted at
 * one place) are given new keys first, so that what is put between them lands between them. Call it in a transaction.
 */
function keysBetween(doc: Y.Doc, ids: readonly string[], after: string | null, count: number): string[] {
  const cells = ids.flatMap((id) => cellsOf(doc).get(id) ?? []);
  const known = after === null ? -1 : ids.indexOf(after);
  // An unknown `after` (deleted meanwhile) means: at the end.
  const at = after !== null && known < 0 ? cells.length - 1 : known;
  const left = cells[at];
  const leftKey = left ? orderOf(left) : null;
  let next = at + 1;
  while (left && next < cells.length && keyAt(cells, next) === leftKey) next++;
  const tied = cells.slice(at + 1, next);
  try {
    const keys = generateNKeysBetween(leftKey, keyAt(cells, next), count + tied.length);
    tied.forEach((cell, index) => {
      cell.set('order', keys[count + index]);
    });
    return keys.slice(0, count);
  } catch {
    // A key that no one of ours made: all cells get fresh keys, in the order shown.
    const keys = generateNKeysBetween(null, null, cells.length + count);
    cells.forEach((cell, index) => {
      cell.set('order', keys[index <= at ? index : index + count]);
    });
    return keys.slice(at + 1, at + 1 + count);
  }
}

function keyAt(cells: readonly YCell[], index: number): string | null {
  const cell = cells[index];
  return cell ? orderOf(cell) : null;
}
