/**
 * Ranges of a cell's text that stick to their letters: as Yjs relative positions they move with every edit, whoever makes
 * it. What is typed at either edge of a range is not in it.
 */
import { type AnnotationTarget, MOST_QUOTE } from '@trialroom/shared/annotation/target';
import * as buffer from 'lib0/buffer';
import * as Y from 'yjs';

/** A stretch of a text: offsets, the end not included. */
export interface Stretch {
  from: number;
  to: number;
}

type TextTarget = Extract<AnnotationTarget, { kind: 'text' }>;

/** A quote shorter than this could be anywhere, and is not looked for. */
const LEAST_QUOTE = 4;

/** Pins a stretch of the text, which must not be empty. */
export function pin(text: Y.Text, { from, to }: Stretch): Pick<TextTarget, 'start' | 'end' | 'quote'> {
  const at = (index: number, assoc: number): string =>
    buffer.toBase64(Y.encodeRelativePosition(Y.createRelativePositionFromTypeIndex(text, index, assoc)));
  return { start: at(from, 0), end: at(to, -1), quote: text.toString().slice(from, to).slice(0, MOST_QUOTE) };
}

/**
 * Where the pinned range is now. When all its letters are gone, but exactly one place says again what it said (someone
 * took a deletion back, or another program rewrote the line), it is there. Null: it is nowhere.
 */
export function locate(
  text: Y.Text,
  { start, end, quote }: Pick<TextTarget, 'start' | 'end' | 'quote'>,
): Stretch | null {
  const from = absolute(text, start);
  const to = absolute(text, end);
  if (from !== null && to !== null && from < to) return { from, to };
  if (quote.trim().length < LEAST_QUOTE) return null;
  const now = text.toString();
  const first = now.indexOf(quote);
  if (first < 0 || now.includes(quote, first + 1)) return null;
  return { from: first, to: first + quote.length };
}

function absolute(text: Y.Text, encoded: string): number | null {
  const { doc } = text;
  if (!doc) return null;
  try {
    const relative = Y.decodeRelativePosition(buffer.fromBase64(encoded));
    const position = Y.createAbsolutePositionFromRelativePosition(relative, doc);
    return position?.type === text ? position.index : null;
  } catch {
    // Anyone may have sent anything; what is no position is nowhere.
    return null;
  }
}
