/**
 * Shows a place in a text: the lines around it and a caret. Plain text, so that a terminal, an `.ipynb` file and a page
 * can all show it.
 */

/** 1-based line and column of an offset (both in UTF-16 units). */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - (before.lastIndexOf('\n') + 1) + 1 };
}

const WIDEST = 160;

/**
 * Lines around a 1-based place.
 * @example
 *   1 | const f = () => {
 * > 2 |   throw new Error('boom');
 *     |         ^
 *   3 | };
 */
export function excerpt(source: string, line: number, column: number): string {
  const lines = source.split(/\r?\n/);
  if (line < 1 || line > lines.length) return '';
  const from = Math.max(1, line - 2);
  const to = Math.min(lines.length, line + 1);
  const width = String(to).length;
  // A very long line is shown around the place only.
  const cut = column > WIDEST - 20 ? column - Math.floor(WIDEST / 2) : 0;
  const shown: string[] = [];
  for (let number = from; number <= to; number++) {
    const text = (lines[number - 1] ?? '').slice(cut, cut + WIDEST);
    shown.push(`${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${text}`.trimEnd());
    if (number === line) {
      const indent = text.slice(0, column - 1 - cut).replace(/[^\t]/g, ' ');
      shown.push(`  ${' '.repeat(width)} | ${indent}^`);
    }
  }
  return shown.join('\n');
}
