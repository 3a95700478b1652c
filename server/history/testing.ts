/** For tests: notebooks as fast-check makes them, and random edits of shared documents. */
import {
  cellOrder,
  cellsOf,
  deleteCell,
  insertCells,
  metadataOf,
  moveCell,
  setCellType,
  sourceOf,
} from '@trialroom/shared/notebook/document';
import fc from 'fast-check';
import type * as Y from 'yjs';

/** An edit, with numbers that are taken modulo what there is. */
export type Edit = {
  kind: 'insert' | 'delete' | 'move' | 'type' | 'erase' | 'retype' | 'tag';
  a: number;
  b: number;
  text: string;
};

export const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('insert', 'delete', 'move', 'type', 'type', 'erase', 'retype', 'tag'),
    a: fc.nat(1000),
    b: fc.nat(1000),
    text: fc.string({ maxLength: 12, unit: fc.constantFrom('a', 'b', ' ', '\n', 'ü', '😀') }),
  }),
  { maxLength: 30 },
);

let made = 0;

/** Makes an edit of whatever is there. */
export function makeEdit(doc: Y.Doc, { kind, a, b, text }: Edit): void {
  const ids = cellOrder(doc);
  const id = ids[a % Math.max(1, ids.length)];
  const after = b % 3 === 0 ? null : (ids[b % Math.max(1, ids.length)] ?? null);
  if (kind === 'insert' || id === undefined) {
    insertCells(doc, [{ id: `n${made++}`, type: 'code', source: text, metadata: { b } }], after);
    return;
  }
  const cell = cellsOf(doc).get(id);
  if (!cell) return;
  const source = sourceOf(cell);
  if (kind === 'delete') deleteCell(doc, id);
  else if (kind === 'move') moveCell(doc, id, after);
  else if (kind === 'type') source.insert(b % (source.length + 1), text);
  else if (kind === 'erase')
    source.delete(b % (source.length + 1), Math.min(a % 5, source.length - (b % (source.length + 1))));
  else if (kind === 'retype') setCellType(doc, id, b % 2 === 0 ? 'markdown' : 'code');
  else metadataOf(doc).set(`k${a % 3}`, { b });
}
