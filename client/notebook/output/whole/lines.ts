/** A long text as lines that are cut out when they are looked at, and what is found in it. Pure. */
import { ansiless } from '@trialroom/shared/notebook/ansi';

/** More than these are not told apart. */
export const MOST_FOUND = 10_000;
/** Most characters of a line that are drawn. */
export const LONGEST_LINE = 4000;

/** A place in the text: a line, from 0, and columns in it. */
export interface Found {
  line: number;
  from: number;
  to: number;
}

/** The lines of a text without terminal codes. What returned to the beginning of its line stands on lines of its own. */
export class Lines {
  readonly #text: string;
  /** Where each line begins, and where one after the last would. */
  readonly #starts: Uint32Array;
  readonly count: number;

  constructor(text: string) {
    this.#text = ansiless(text)
      .replace(/^\r+/, '')
      .replaceAll(/\r*\n\r*|\r+/g, '\n');
    let count = 1;
    for (let at = this.#text.indexOf('\n'); at >= 0; at = this.#text.indexOf('\n', at + 1)) count++;
    // A break at the end ends the last line.
    if (this.#text.endsWith('\n')) count--;
    this.count = count;
    this.#starts = new Uint32Array(count + 1);
    let start = 0;
    for (let line = 1; line <= count; line++) {
      const end = this.#text.indexOf('\n', start);
      start = end < 0 ? this.#text.length + 1 : end + 1;
      this.#starts[line] = start;
    }
  }

  /** The text of a line, from 0. */
  at(line: number): string {
    return this.#text.slice(this.#starts[line] ?? 0, (this.#starts[line + 1] ?? 1) - 1);
  }

  /** All places of a text, whatever its case, from top to bottom. */
  find(wanted: string): Found[] {
    if (wanted === '') return [];
    const pattern = new RegExp(wanted.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&'), 'giu');
    const found: Found[] = [];
    let line = 0;
    for (const { index, 0: text } of this.#text.matchAll(pattern)) {
      while ((this.#starts[line + 1] ?? Number.POSITIVE_INFINITY) <= index) line++;
      const from = index - (this.#starts[line] ?? 0);
      found.push({ line, from, to: from + text.length });
      if (found.length >= MOST_FOUND) break;
    }
    return found;
  }
}
