/**
 * Asks what a rename would change, about the text as it is now. What the language server answers counts only while the
 * cells still read as it saw them; else it is asked again.
 */
import { cellOrder, cellsOf, sourceOf } from '@trialroom/shared/notebook/document';
import * as Y from 'yjs';
import type { AskLanguage } from '../../data/language.ts';
import { type ChangedCell, changedLines, type TextEdit } from './edits.ts';

/** A name that is to be called otherwise. */
export interface Wish {
  cell: string;
  name: string;
  to: string;
  /** Where the name stands; it goes along with what others write before it. */
  place: Y.RelativePosition;
}

/** What renaming would do to the text that the document has at this moment. */
export interface Plan {
  edits: readonly TextEdit[];
  cells: readonly ChangedCell[];
  places: number;
}

export interface Asking {
  doc: Y.Doc;
  ask: AskLanguage;
  /** Resolves when the server holds what was written here. */
  received(): Promise<void>;
}

/** So often it is asked while others go on writing. */
const TRIES = 6;

/** A wish about the name at an offset of a cell. */
export function wishAt(doc: Y.Doc, cell: string, at: { from: number; text: string }, to: string): Wish | null {
  const found = cellsOf(doc).get(cell);
  if (!found) return null;
  const place = Y.createRelativePositionFromTypeIndex(sourceOf(found), at.from);
  return { cell, name: at.text, to, place };
}

/** What the rename would change, or why it cannot be done. */
export async function planOf({ doc, ask, received }: Asking, wish: Wish, signal?: AbortSignal): Promise<Plan | string> {
  const textOf = (cell: string): string | undefined => {
    const found = cellsOf(doc).get(cell);
    return found && sourceOf(found).toString();
  };
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      await received();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    const offset = Y.createAbsolutePositionFromRelativePosition(wish.place, doc)?.index;
    const source = textOf(wish.cell);
    if (offset === undefined || !source?.startsWith(wish.name, offset)) return gone(wish.name);
    const answer = await ask({ ask: 'rename', cell: wish.cell, source, offset, to: wish.to }, signal);
    if (!answer) return 'It cannot be renamed just now. Try again in a moment.';
    if (answer.problem !== null) return answer.problem;
    if (!answer.cells.every(({ cell, source }) => textOf(cell) === source)) continue;
    const sources = new Map(answer.cells.map(({ cell, source }) => [cell, source]));
    const cells = changedLines(answer.edits, sources, cellOrder(doc));
    return { edits: answer.edits, cells, places: answer.edits.length };
  }
  return 'Others are writing in these cells just now. Try again in a moment.';
}

const gone = (name: string): string => `"${name}" no longer stands where you asked: someone changed that line.`;

/** Whether two plans would look the same to whoever agreed to one of them. */
export const sameChanges = (one: Plan, other: Plan): boolean =>
  JSON.stringify(one.cells.map(shown)) === JSON.stringify(other.cells.map(shown));

/** Where lines moved within their cell, the change is the one that was seen. */
const shown = ({ cell, lines }: ChangedCell) => [cell, lines.map(({ before, after }) => [before, after])];
