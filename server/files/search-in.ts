/** Looks for a pattern in the cells of one notebook. Pure; it may take as long as the pattern likes, so it runs on a thread. */
import type { Found } from '@trialroom/shared/api/files';

/** The text of a cell. */
export interface Page {
  cell: string;
  text: string;
}

/** Most letters of a line that are shown, and how many of them stand before what was found. */
const SHOWN = 240;
const BEFORE = 60;

/**
 * @param most lines to give; further places are counted
 * @returns how often it was found, and the lines in which
 */
export function searchIn(pages: readonly Page[], pattern: RegExp, most: number): Pick<Found, 'total' | 'lines'> {
  const lines: Found['lines'] = [];
  let total = 0;
  for (const { cell, text } of pages) {
    let [line, lineAt] = [1, 0];
    for (const match of text.matchAll(pattern)) {
      if (match[0] === '') continue;
      total++;
      if (lines.length >= most) continue;
      for (let next = text.indexOf('\n', lineAt); next >= 0 && next < match.index; next = text.indexOf('\n', lineAt)) {
        line++;
        lineAt = next + 1;
      }
      const end = text.indexOf('\n', lineAt);
      const from = Math.max(lineAt, match.index - BEFORE);
      const shown = text.slice(from, Math.min(end < 0 ? text.length : end, from + SHOWN));
      const to = Math.min(shown.length, match.index - from + match[0].length);
      lines.push({ cell, line, text: shown, from: match.index - from, to });
    }
  }
  return { total, lines };
}
