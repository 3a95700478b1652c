/** Which rows of a long list can be seen: only these are put on the page. */

/** Rows from `first` up to, not including, `end`, with a few more above and below so that scrolling never shows a hole. */
export function visibleRows(
  scrollTop: number,
  viewHeight: number,
  rowHeight: number,
  total: number,
): { first: number; end: number } {
  const margin = 10;
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - margin);
  const end = Math.min(total, Math.ceil((scrollTop + viewHeight) / rowHeight) + margin);
  return { first: Math.min(first, end), end };
}
