/**
 * Edits of many cells at once, each in one transaction, so that one undo takes them back and nobody sees a half of them.
 */
import type * as Y from 'yjs';
import {
  type CellSeed,
  type CellType,
  cellExtraOf,
  cellMetadataOf,
  cellOrder,
  cellsOf,
  deleteCell,
  insertCells,
  moveCell,
  setCellType,
  sourceOf,
  typeOf,
} from './document.ts';

/** The cells as plain data, in the order shown; what is gone is left out. Ids are those of the originals. */
export function readCells(doc: Y.Doc, ids: readonly string[]): CellSeed[] {
  const wanted = new Set(ids);
  return cellOrder(doc).flatMap((id) => {
    const cell = wanted.has(id) ? cellsOf(doc).get(id) : undefined;
    if (!cell) return [];
    const seed: CellSeed = { id, type: typeOf(cell), source: sourceOf(cell).toString() };
    const metadata = cellMetadataOf(cell).toJSON();
    const extra = cellExtraOf(cell);
    if (Object.keys(metadata).length > 0) seed.metadata = metadata;
    if (Object.keys(extra).length > 0) seed.extra = extra;
    return [seed];
  });
}

/** Removes cells. */
export function deleteCells(doc: Y.Doc, ids: readonly string[], origin?: unknown): void {
  doc.transact(() => {
    for (const id of ids) deleteCell(doc, id, origin);
  }, origin);
}

/** Puts cells just after `after` (null: at the top), in the order they have. `after` must not be one of them. */
export function moveCells(doc: Y.Doc, ids: readonly string[], after: string | null, origin?: unknown): void {
  const wanted = new Set(ids);
  if (after !== null && wanted.has(after)) return;
  doc.transact(() => {
    let last = after;
    for (const id of cellOrder(doc)) {
      if (!wanted.has(id)) continue;
      moveCell(doc, id, last, origin);
      last = id;
    }
  }, origin);
}

/** Changes the kind of cells. */
export function setCellTypes(doc: Y.Doc, ids: readonly string[], type: CellType, origin?: unknown): void {
  doc.transact(() => {
    for (const id of ids) setCellType(doc, id, type, origin);
  }, origin);
}

/**
 * Parts a cell at the given places of its text. The first part stays the same cell; the others become new ones, of the
 * same kind. Line breaks around a cut are dropped: the cut stands for them.
 * @param idOf gives the id of each new cell
 * @returns ids of all parts, from top to bottom
 */
export function splitCell(
  doc: Y.Doc,
  id: string,
  places: readonly number[],
  idOf: () => string,
  origin?: unknown,
): string[] {
  const cell = cellsOf(doc).get(id);
  if (!cell) return [];
  const text = sourceOf(cell);
  const whole = text.toString();
  const cuts = [...new Set(places)].filter((at) => at >= 0 && at <= whole.length).sort((a, b) => a - b);
  const [first] = cuts;
  if (first === undefined) return [id];
  const bounds = [...cuts, whole.length];
  const seeds = cuts.map((from, index): CellSeed => {
    const part = whole.slice(from, bounds[index + 1]);
    const last = index === cuts.length - 1;
    return { id: idOf(), type: typeOf(cell), source: last ? part.replace(/^\n+/, '') : part.replace(/^\n+|\n+$/g, '') };
  });
  const kept = whole.slice(0, first).replace(/\n+$/, '').length;
  doc.transact(() => {
    text.delete(kept, whole.length - kept);
    insertCells(doc, seeds, id, origin);
  }, origin);
  return [id, ...seeds.map((seed) => seed.id)];
}

/**
 * Joins cells into the topmost of them, an empty line between one and the next. It keeps its identity and its kind, and
 * takes over the attachments of the others.
 * @returns its id; undefined when there are fewer than two
 */
export function mergeCells(doc: Y.Doc, ids: readonly string[], origin?: unknown): string | undefined {
  const seeds = readCells(doc, ids);
  const [first, ...rest] = seeds;
  const target = first && cellsOf(doc).get(first.id);
  if (!first || !target || rest.length === 0) return undefined;
  doc.transact(() => {
    const text = sourceOf(target);
    for (const { source } of rest)
      if (source !== '') text.insert(text.length, text.length > 0 ? `\n\n${source}` : source);
    const attachments = Object.assign({}, ...[...rest, first].map(({ extra }) => extra?.attachments ?? {}));
    if (Object.keys(attachments).length > 0) target.set('extra', { ...first.extra, attachments });
    deleteCells(
      doc,
      rest.map(({ id }) => id),
      origin,
    );
  }, origin);
  return first.id;
}

/** Parts of a cell that may be put out of sight; kept in the file where Jupyter keeps it. */
export type CellPart = 'source' | 'outputs';
const HIDDEN: Record<CellPart, string> = { source: 'source_hidden', outputs: 'outputs_hidden' };

/** Whether a part of the cell is put out of sight. */
export function isHidden(metadata: Y.Map<unknown>, part: CellPart): boolean {
  const jupyter = metadata.get('jupyter');
  return typeof jupyter === 'object' && jupyter !== null && Reflect.get(jupyter, HIDDEN[part]) === true;
}

/** Puts a part of the cells out of sight, or back. */
export function setHidden(doc: Y.Doc, ids: readonly string[], part: CellPart, hidden: boolean, origin?: unknown): void {
  doc.transact(() => {
    for (const id of ids) {
      const cell = cellsOf(doc).get(id);
      if (!cell) continue;
      const metadata = cellMetadataOf(cell);
      const { [HIDDEN[part]]: _, ...others } = Object(metadata.get('jupyter') ?? {});
      const next = hidden ? { ...others, [HIDDEN[part]]: true } : others;
      if (Object.keys(next).length > 0) metadata.set('jupyter', next);
      else metadata.delete('jupyter');
    }
  }, origin);
}

const FOLDED = 'heading_collapsed';

/** Whether what stands below the cell's heading is folded away. */
export const isFolded = (metadata: Y.Map<unknown>): boolean => metadata.get(FOLDED) === true;

/** Folds away what stands below the cell's heading, or unfolds it. */
export function setFolded(doc: Y.Doc, id: string, folded: boolean, origin?: unknown): void {
  const cell = cellsOf(doc).get(id);
  if (!cell) return;
  doc.transact(() => {
    if (folded) cellMetadataOf(cell).set(FOLDED, true);
    else cellMetadataOf(cell).delete(FOLDED);
  }, origin);
}

/** An image in a text cell: its bytes as base64, by type. */
export type Attachment = Readonly<Record<string, string>>;

/** The images that belong to a cell, by name. */
export function attachmentsOf(extra: Readonly<Record<string, unknown>>): Record<string, Attachment> {
  const { attachments } = extra;
  if (typeof attachments !== 'object' || attachments === null) return {};
  return Object.fromEntries(
    Object.entries(attachments).flatMap(([name, bundle]) => {
      if (typeof bundle !== 'object' || bundle === null) return [];
      const images = Object.entries(bundle).flatMap(([mime, content]): [string, string][] => {
        const text = Array.isArray(content) ? content.join('') : content;
        return typeof text === 'string' ? [[mime, text]] : [];
      });
      return images.length > 0 ? [[name, Object.fromEntries(images)]] : [];
    }),
  );
}

/**
 * Adds an image to a cell under a name that is free.
 * @returns the name, which Markdown shows by `![](attachment:NAME)`; undefined when the cell is gone
 */
export function attach(
  doc: Y.Doc,
  id: string,
  wanted: string,
  image: Attachment,
  origin?: unknown,
): string | undefined {
  const cell = cellsOf(doc).get(id);
  if (!cell) return undefined;
  const extra = cellExtraOf(cell);
  const taken = attachmentsOf(extra);
  const [, stem = wanted, ending = ''] = /^(.*?)(\.[^.]*)?$/.exec(wanted.replaceAll(/[\s()<>]/g, '-')) ?? [];
  let name = `${stem}${ending}`;
  for (let number = 2; name in taken; number++) name = `${stem}-${number}${ending}`;
  doc.transact(() => cell.set('extra', { ...extra, attachments: { ...taken, [name]: image } }), origin);
  return name;
}
