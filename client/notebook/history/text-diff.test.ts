import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DiffLine, diffText, foldLines } from './text-diff.ts';

const textOf = (lines: readonly DiffLine[]): string =>
  lines.map(({ parts }) => parts.map(({ text }) => text).join('')).join('\n');
const marked = (line: DiffLine | undefined): string[] =>
  (line?.parts ?? []).filter((part) => part.marked).map(({ text }) => text);

describe('two texts as lines', () => {
  test('lines that stayed and came make the second text, lines that stayed and went the first', () => {
    const text = fc.array(fc.constantFrom('a', 'b ', 'const x = 1;', '', 'ü 😀', '  deep'), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (one, two) => {
        const [before, after] = [one.join('\n'), two.join('\n')];
        const lines = diffText(before, after);
        expect(textOf(lines.filter(({ kind }) => kind !== 'added'))).toBe(before);
        expect(textOf(lines.filter(({ kind }) => kind !== 'removed'))).toBe(after);
        const numbers = lines.flatMap((line) => line.after ?? []);
        expect(numbers).toEqual(numbers.map((_, index) => index + 1));
        expect(foldLines(lines).flatMap((run) => run.lines)).toEqual(lines);
        for (const run of foldLines(lines))
          if (run.folded) expect(run.lines.every(({ kind }) => kind === 'same')).toBe(true);
      }),
    );
  });

  test('within a changed line only the words that differ are marked', () => {
    const [gone, come] = diffText('const rate = 0.1; // slow', 'const rate = 0.3; // slow');
    expect([gone?.kind, marked(gone)]).toEqual(['removed', ['1']]);
    expect([come?.kind, marked(come)]).toEqual(['added', ['3']]);
  });

  test('where hardly anything agrees, whole lines are said to be replaced', () => {
    const lines = diffText('import { a } from "b";', 'for (;;) console.log(Math.random())');
    expect(lines.flatMap(marked)).toEqual([]);
    expect(lines.map(({ kind }) => kind)).toEqual(['removed', 'added']);
  });

  test('a long stretch without a change is folded, up to three lines around it', () => {
    const before = Array.from({ length: 40 }, (_, index) => `line ${index}`);
    const after = before.with(20, 'line twenty');
    const runs = foldLines(diffText(before.join('\n'), after.join('\n')));
    expect(runs.map(({ folded, lines }) => [folded, lines.length])).toEqual([
      [true, 17],
      [false, 8],
      [true, 16],
    ]);
  });
});
