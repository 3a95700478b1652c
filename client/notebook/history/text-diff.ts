/**
 * Two texts as lines to be drawn: what stayed, what went, what came, and within changed lines the words that differ.
 * Texts too long to be compared in good time are shown as replaced.
 */
import { diffLines, diffWordsWithSpace } from 'diff';

/** A stretch of a line; `marked` where it differs from the other text. */
export interface Part {
  text: string;
  marked: boolean;
}

/** One line of the picture. `before` and `after` are its numbers in the two texts, from 1. */
export type DiffLine =
  | { kind: 'same'; before: number; after: number; parts: Part[] }
  | { kind: 'removed'; before: number; after: null; parts: Part[] }
  | { kind: 'added'; before: null; after: number; parts: Part[] };

/** Time for a comparison, in ms, and the share of characters that must agree for words to be worth marking. */
const TIME = 200;
const ALIKE = 0.35;

/** The lines of both texts, as a reader follows them from top to bottom. */
export function diffText(before: string, after: string): DiffLine[] {
  // Both ends alike, so that a last line without a break is not another line.
  const [old, now] = [before === '' ? '' : `${before}\n`, after === '' ? '' : `${after}\n`];
  const blocks = diffLines(old, now, { timeout: TIME }) ?? [
    { value: old, removed: true, added: false },
    { value: now, removed: false, added: true },
  ];
  const lines: DiffLine[] = [];
  let [left, right] = [1, 1];
  for (let index = 0; index < blocks.length; index++) {
    const block = blocks[index];
    if (!block || block.value === '') continue;
    const next = blocks[index + 1];
    if (block.removed && next?.added) {
      const [gone, come] = words(block.value, next.value);
      for (const parts of gone) lines.push({ kind: 'removed', before: left++, after: null, parts });
      for (const parts of come) lines.push({ kind: 'added', before: null, after: right++, parts });
      index++;
    } else {
      for (const text of linesOf(block.value)) {
        const parts = [{ text, marked: false }];
        if (block.removed) lines.push({ kind: 'removed', before: left++, after: null, parts });
        else if (block.added) lines.push({ kind: 'added', before: null, after: right++, parts });
        else lines.push({ kind: 'same', before: left++, after: right++, parts });
      }
    }
  }
  return lines;
}

/** Lines of a stretch that ends with a line break. */
const linesOf = (value: string): string[] => value.replace(/\n$/, '').split('\n');

/** The lines of two stretches with the words marked that differ; none, where hardly anything agrees. */
function words(before: string, after: string): [Part[][], Part[][]] {
  const plain = (value: string): Part[][] => linesOf(value).map((text) => [{ text, marked: false }]);
  const changes = diffWordsWithSpace(before, after, { timeout: TIME });
  if (!changes) return [plain(before), plain(after)];
  const kept = changes.reduce(
    (sum, { added, removed, value }) => (added || removed ? sum : sum + value.trim().length),
    0,
  );
  if (kept < ALIKE * Math.max(before.trim().length, after.trim().length)) return [plain(before), plain(after)];
  const side = (other: 'added' | 'removed'): Part[][] =>
    cut(
      changes
        .filter((change) => !change[other])
        .map(({ value, added, removed }) => ({ text: value, marked: added || removed })),
    );
  return [side('added'), side('removed')];
}

/** Parts cut at line breaks; the last break ends the last line. */
function cut(parts: readonly Part[]): Part[][] {
  const lines: Part[][] = [[]];
  for (const { text, marked } of parts) {
    text.split('\n').forEach((piece, index) => {
      if (index > 0) lines.push([]);
      if (piece !== '') lines.at(-1)?.push({ text: piece, marked });
    });
  }
  lines.pop();
  return lines;
}

/** Lines around a change that are shown; longer stretches without one are folded. */
const CONTEXT = 3;

/** A run of lines that is shown, or one that is folded away. */
export interface Run {
  folded: boolean;
  lines: DiffLine[];
}

/** Parts lines into those near a change and those that may be folded away; a fold stands for four lines at least. */
export function foldLines(lines: readonly DiffLine[]): Run[] {
  const near = lines.map(() => false);
  lines.forEach(({ kind }, index) => {
    if (kind === 'same') return;
    for (let at = Math.max(0, index - CONTEXT); at <= Math.min(lines.length - 1, index + CONTEXT); at++)
      near[at] = true;
  });
  const runs: Run[] = [];
  lines.forEach((line, index) => {
    const folded = near[index] !== true;
    const last = runs.at(-1);
    if (last && last.folded === folded) last.lines.push(line);
    else runs.push({ folded, lines: [line] });
  });
  return runs.map((run) => (run.folded && run.lines.length < 4 ? { ...run, folded: false } : run));
}
