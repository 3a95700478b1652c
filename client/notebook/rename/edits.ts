/** The replacements of a rename: as they would change the lines of cells, and applied to the shared document. */
import type { CellRange } from '@trialroom/shared/language/language';
import { cellsOf, sourceOf } from '@trialroom/shared/notebook/document';
import type * as Y from 'yjs';
import type { Part } from '../history/text-diff.ts';

export type TextEdit = CellRange & { insert: string };

/** One line that a rename changes, in parts; marked is what goes, and what comes. */
export interface ChangedLine {
  /** Its number in the cell, from 1. */
  line: number;
  before: Part[];
  after: Part[];
}

/** What a rename changes in one cell. */
export interface ChangedCell {
  cell: string;
  places: number;
  lines: ChangedLine[];
}

/** The lines that the replacements change, cell by cell in this order of cells. */
export function changedLines(
  edits: readonly TextEdit[],
  sources: ReadonlyMap<string, string>,
  order: readonly string[],
): ChangedCell[] {
  const byCell = Map.groupBy(edits, ({ cell }) => cell);
  return order.flatMap((cell) => {
    const list = byCell.get(cell)?.toSorted((a, b) => a.from - b.from);
    const source = sources.get(cell);
    return list && source !== undefined ? [{ cell, places: list.length, lines: linesOf(source, list) }] : [];
  });
}

function linesOf(source: string, edits: readonly TextEdit[]): ChangedLine[] {
  const lines: ChangedLine[] = [];
  let start = 0;
  let next = 0;
  source.split(/\r\n|\r|\n/).forEach((text, index) => {
    const end = start + text.length;
    const before: Part[] = [];
    const after: Part[] = [];
    let at = start;
    const keep = (to: number): void => {
      if (to === at) return;
      const part = { text: source.slice(at, to), marked: false };
      before.push(part);
      after.push(part);
    };
    for (let edit = edits[next]; edit && edit.to <= end; edit = edits[++next]) {
      keep(edit.from);
      before.push({ text: source.slice(edit.from, edit.to), marked: true });
      after.push({ text: edit.insert, marked: true });
      at = edit.to;
    }
    if (at > start || before.length > 0) {
      keep(end);
      lines.push({ line: index + 1, before, after });
    }
    start = end + (source.startsWith('\r\n', end) ? 2 : 1);
  });
  return lines;
}

/**
 * Replaces each stretch, in one transaction. Every stretch must still read `from`, the name that was asked about: someone
 * may have written meanwhile. Returns why nothing was done, or null when it was.
 */
export function applyEdits(doc: Y.Doc, edits: readonly TextEdit[], from: string, origin: unknown): string | null {
  if (edits.length === 0) return 'There is nothing to rename.';
  const texts: { text: Y.Text; edits: TextEdit[] }[] = [];
  for (const [id, list] of Map.groupBy(edits, ({ cell }) => cell)) {
    const cell = cellsOf(doc).get(id);
    if (!cell) return MOVED;
    const text = sourceOf(cell);
    const source = text.toString();
    // From the end, so that what is still to be replaced stays where it is.
    const sorted = [...list].sort((a, b) => b.from - a.from);
    let limit = source.length;
    for (const edit of sorted) {
      if (edit.to > limit || source.slice(edit.from, edit.to) !== from) return MOVED;
      limit = edit.from;
    }
    texts.push({ text, edits: sorted });
  }
  doc.transact(() => {
    for (const { text, edits: list } of texts) {
      for (const edit of list) {
        // Within the old name, so that what is pinned to it, a comment or a cursor, is then around the new one.
        text.insert(edit.from + 1, edit.insert);
        text.delete(edit.from + 1 + edit.insert.length, edit.to - edit.from - 1);
        text.delete(edit.from, 1);
      }
    }
  }, origin);
  return null;
}

const MOVED = 'Someone is changing this text. Try again in a moment.';
