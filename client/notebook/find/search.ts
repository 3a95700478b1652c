/** Finding and replacing in the texts of all cells, in sight or not. Pure. */
import type { CellType } from '@trialroom/shared/notebook/document';

/** What is looked for. */
export interface Query {
  text: string;
  regex: boolean;
  caseSensitive: boolean;
  wholeWord: boolean;
  /** The kind of cells to look in; null: all. */
  kind: CellType | null;
}

/** One place where it is: UTF-16 offsets into the text of a cell. */
export interface Match {
  cell: string;
  from: number;
  to: number;
}

/** A text to look in. */
export interface Page {
  id: string;
  type: CellType;
  text: string;
}

/** More than this many are not told apart: whoever looks for a letter gets a number, not a frozen page. */
export const MOST = 10_000;

/**
 * The query as a regular expression; undefined when nothing is looked for.
 * @throws SyntaxError in the words of the engine when a regular expression is none
 */
export function patternOf(query: Query): RegExp | undefined {
  if (query.text === '') return undefined;
  const source = query.regex ? query.text : query.text.replaceAll(/[$()*+.?[\\\]^{|}/]/g, '\\$&');
  const whole = query.wholeWord ? `(?<![\\p{L}\\p{N}_])(?:${source})(?![\\p{L}\\p{N}_])` : source;
  return new RegExp(whole, `gmu${query.caseSensitive ? '' : 'i'}`);
}

/** All places, from top to bottom. Empty matches (`a*`) are none. @throws SyntaxError as {@link patternOf} */
export function findAll(query: Query, pages: Iterable<Page>): Match[] {
  const pattern = patternOf(query);
  const matches: Match[] = [];
  if (!pattern) return matches;
  for (const { id, type, text } of pages) {
    if (query.kind !== null && query.kind !== type) continue;
    for (const found of text.matchAll(pattern)) {
      if (found[0] === '') continue;
      matches.push({ cell: id, from: found.index, to: found.index + found[0].length });
      if (matches.length >= MOST) return matches;
    }
  }
  return matches;
}

/** The text that takes the place of a match: `$1` and its kin mean what they mean to JavaScript, in regular expressions. */
export function replacementOf(query: Query, text: string, match: Match, by: string): string {
  if (!query.regex) return by;
  const pattern = patternOf(query);
  if (!pattern) return by;
  pattern.lastIndex = match.from;
  const found = pattern.exec(text);
  if (found?.index !== match.from) return by;
  // Replaced within the whole text, so that what looks around the match sees what is there.
  const once = new RegExp(pattern.source, pattern.flags.replace('g', 'y'));
  once.lastIndex = match.from;
  const replaced = text.replace(once, by);
  return replaced.slice(match.from, replaced.length - (text.length - match.to));
}

/** The match at or after a place, going round; -1 when there are none. */
export function nextFrom(
  matches: readonly Match[],
  order: readonly string[],
  place: { cell: string; at: number },
): number {
  if (matches.length === 0) return -1;
  const rank = new Map(order.map((id, index) => [id, index]));
  const here = rank.get(place.cell) ?? 0;
  const found = matches.findIndex(({ cell, from }) => {
    const there = rank.get(cell) ?? 0;
    return there > here || (there === here && from >= place.at);
  });
  return Math.max(found, 0);
}
