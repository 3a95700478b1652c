/**
 * Brings a change that another program made to the file into the live document, as a three-way merge: what was last
 * common (base), what the file says now (theirs), what people have in the document (ours). It never drops text that
 * someone typed: where one side deletes a cell that the other edited, the edit stays. Outputs are not its business.
 */
import diff from 'fast-diff';
import * as Y from 'yjs';
import {
  cellExtraOf,
  cellMetadataOf,
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
  type YCell,
} from './document.ts';
import type { FileCell, NotebookFile } from './format.ts';
import { sameJson } from './json.ts';
import { matchCells } from './match.ts';
import { cellExtra, fileExtra, seedOf } from './transfer.ts';

/**
 * Merges the change base → theirs into the document, in one transaction. Returns theirs with the ids its cells have in
 * the document: the new base.
 */
export function mergeNotebook(doc: Y.Doc, base: NotebookFile, theirs: NotebookFile, origin?: unknown): NotebookFile {
  const renamed = withDocumentIds(doc, base, theirs);
  doc.transact(() => {
    mergeBag(metadataOf(doc), base.metadata, theirs.metadata);
    mergeBag(extraOf(doc), fileExtra(base), fileExtra(theirs));
    mergeCells(doc, base, renamed);
  }, origin);
  return renamed;
}

/** Gives theirs the base's ids where a cell is the same one, and fresh ids where a new cell's id is taken. */
function withDocumentIds(doc: Y.Doc, base: NotebookFile, theirs: NotebookFile): NotebookFile {
  const matched = matchCells(base.cells, theirs.cells);
  const used = new Set(matched.filter((id) => id !== null));
  const cells = theirs.cells.map((cell, index): FileCell => {
    const known = matched[index];
    if (known) return { ...cell, id: known };
    let id = cell.id;
    for (let round = 2; used.has(id) || (id !== cell.id && cellsOf(doc).has(id)); round++)
      id = `${cell.id.slice(0, 56)}-${round}`;
    used.add(id);
    return { ...cell, id };
  });
  return { ...theirs, cells };
}

function mergeCells(doc: Y.Doc, base: NotebookFile, theirs: NotebookFile): void {
  const before = new Map(base.cells.map((cell) => [cell.id, cell]));
  const after = new Set(theirs.cells.map(({ id }) => id));
  for (const cell of base.cells) {
    const live = cellsOf(doc).get(cell.id);
    if (live && !after.has(cell.id) && sourceOf(live).toString() === cell.source) deleteCell(doc, cell.id);
  }
  const stay = unmoved(base, theirs);
  let previous: string | null = null;
  for (const cell of theirs.cells) {
    const old = before.get(cell.id);
    const live = cellsOf(doc).get(cell.id);
    if (live) {
      mergeCell(doc, live, old, cell);
      if (old && !stay.has(cell.id)) moveCell(doc, cell.id, previous);
    } else if (!old || old.source !== cell.source) {
      insertCells(doc, [seedOf(cell)], previous);
    } else continue;
    previous = cell.id;
  }
}

/** Ids of cells that kept their place: the longest run of theirs that is still in the base's order. */
function unmoved(base: NotebookFile, theirs: NotebookFile): Set<string> {
  const rank = new Map(base.cells.map((cell, index) => [cell.id, index]));
  const sequence = theirs.cells.flatMap(({ id }) => {
    const at = rank.get(id);
    return at === undefined ? [] : [{ id, at }];
  });
  const best: { length: number; from: number }[] = [];
  let last = -1;
  sequence.forEach(({ at }, index) => {
    let [length, from] = [1, -1];
    for (let earlier = 0; earlier < index; earlier++) {
      const known = best[earlier];
      if (known && known.length >= length && (sequence[earlier]?.at ?? at) < at)
        [length, from] = [known.length + 1, earlier];
    }
    best.push({ length, from });
    if (length > (best[last]?.length ?? 0)) last = index;
  });
  const kept = new Set<string>();
  for (let index = last; index >= 0; index = best[index]?.from ?? -1) kept.add(sequence[index]?.id ?? '');
  return kept;
}

/** `old` is absent when both sides made a cell of this id; then both texts are kept. */
function mergeCell(doc: Y.Doc, live: YCell, old: FileCell | undefined, cell: FileCell): void {
  const text = sourceOf(live);
  if (cell.source !== old?.source) changeText(text, mergeText(old?.source ?? '', text.toString(), cell.source));
  if (old && cell.cell_type !== old.cell_type && typeOf(live) === old.cell_type)
    setCellType(doc, cell.id, cell.cell_type);
  if (!old) return;
  mergeBag(cellMetadataOf(live), old.metadata, cell.metadata);
  const [extraBefore, extraAfter, extraNow] = [cellExtra(old), cellExtra(cell), cellExtraOf(live)];
  const merged = new Map(Object.entries(extraNow));
  mergeBag(merged, extraBefore, extraAfter);
  const extra = Object.fromEntries(merged);
  if (!sameJson(extra, extraNow)) live.set('extra', extra);
}

interface Bag {
  get(key: string): unknown;
  set(key: string, value: unknown): unknown;
  delete(key: string): unknown;
}

/** Key by key; where both sides changed a key, the live value stays. */
function mergeBag(live: Bag, base: Record<string, unknown>, theirs: Record<string, unknown>): void {
  for (const key of new Set([...Object.keys(base), ...Object.keys(theirs)])) {
    const [old, now, ours] = [base[key], theirs[key], live.get(key)];
    if (sameJson(old, now) || !sameJson(old, ours)) continue;
    if (now === undefined) live.delete(key);
    else live.set(key, now);
  }
}

interface Hunk {
  from: number;
  to: number;
  insert: string;
}

function hunks(base: string, target: string): Hunk[] {
  const found: Hunk[] = [];
  let at = 0;
  let open: Hunk | null = null;
  for (const [kind, part] of diff(base, target)) {
    if (kind === diff.EQUAL) {
      open = null;
      at += part.length;
      continue;
    }
    if (!open) {
      open = { from: at, to: at, insert: '' };
      found.push(open);
    }
    if (kind === diff.INSERT) open.insert += part;
    else {
      at += part.length;
      open.to = at;
    }
  }
  return found;
}

const same = (a: Hunk, b: Hunk): boolean => a.from === b.from && a.to === b.to && a.insert === b.insert;

/**
 * Merges two changes of one text. Everything inserted by either side is in the result, what either deleted is not;
 * a change that both made in the same way is made once. Equal inputs always give equal results.
 */
export function mergeText(base: string, ours: string, theirs: string): string {
  if (ours === theirs || theirs === base) return ours;
  if (ours === base) return theirs;
  const mine = hunks(base, ours);
  const yours = hunks(base, theirs).filter((hunk) => !mine.some((known) => same(known, hunk)));
  const root = new Y.Doc();
  root.clientID = 1;
  root.getText().insert(0, base);
  const start = Y.encodeStateAsUpdate(root);
  const updates = [mine, yours].map((changes, index) => {
    const side = new Y.Doc();
    side.clientID = index + 2;
    Y.applyUpdate(side, start);
    const text = side.getText();
    side.transact(() => {
      for (const { from, to, insert } of changes.toReversed()) {
        text.delete(from, to - from);
        text.insert(from, insert);
      }
    });
    const update = Y.encodeStateAsUpdate(side, Y.encodeStateVector(root));
    side.destroy();
    return update;
  });
  for (const update of updates) Y.applyUpdate(root, update);
  const merged = root.getText().toString();
  root.destroy();
  return merged;
}
