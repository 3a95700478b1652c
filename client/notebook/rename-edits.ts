/** Applies the replacements of a rename to the shared document, all of them or none. */

import type { CellRange } from '@trialroom/shared/language/language';
import { cellsOf, sourceOf } from '@trialroom/shared/notebook/document';
import type * as Y from 'yjs';

export type TextEdit = CellRange & { insert: string };

/**
 * Replaces each stretch, in one transaction. Every stretch must still read `from`, the name that was asked about: someone
 * may have written meanwhile. Returns why nothing was done, or null when it was.
 */
export function applyEdits(doc: Y.Doc, edits: readonly TextEdit[], from: string, origin: unknown): string | null {
  if (edits.length === 0) return 'There is nothing to rename.';
  const byCell = new Map<string, TextEdit[]>();
  for (const edit of edits) byCell.set(edit.cell, [...(byCell.get(edit.cell) ?? []), edit]);
  const texts: { text: Y.Text; edits: TextEdit[] }[] = [];
  for (const [id, list] of byCell) {
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
        text.delete(edit.from, edit.to - edit.from);
        text.insert(edit.from, edit.insert);
      }
    }
  }, origin);
  return null;
}

const MOVED = 'Someone is changing this text. Try again in a moment.';
