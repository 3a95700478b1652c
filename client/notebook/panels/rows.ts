/** Which rows of a long list are on the screen, when all rows have one height. */

/** Rows beyond the screen that are drawn too, so that a quick scroll shows no gap. */
const MARGIN = 8;

/** The rows of a long list that are drawn, and the room that the others take. */
export interface Window {
  /** First row drawn. */
  from: number;
  /** Row after the last drawn. */
  to: number;
}

/** The rows to draw of `count`, for a box `height` high that is scrolled down by `top`. Lists up to `whole` are drawn whole. */
export function rowsShown(count: number, row: number, top: number, height: number, whole = 200): Window {
  if (count <= whole) return { from: 0, to: count };
  const first = Math.floor(Math.max(0, top) / row) - MARGIN;
  const last = Math.ceil((Math.max(0, top) + Math.max(0, height)) / row) + MARGIN;
  const to = Math.min(count, Math.max(last, MARGIN));
  return { from: Math.max(0, Math.min(first, to)), to };
}
