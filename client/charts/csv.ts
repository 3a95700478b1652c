/** The curves of a figure as a table, one row an x: what a spreadsheet, or another program, reads. Pure. */
import type { PlotLine } from './model.ts';

/**
 * CSV as RFC 4180 says: a header, then one row for each x of any line, in ascending order. Values are those recorded, not
 * the smoothed ones; where a line has no point, or none that is a number, the field is empty. Lines that record one x
 * twice keep the later value.
 * @param xName what the first column is called
 */
export function csvOf(lines: readonly Pick<PlotLine, 'name' | 'x' | 'raw'>[], xName: string): string {
  const columns = lines.map(({ x, raw }) => new Map(x.map((at, index) => [at, raw[index]])));
  const xs = [...new Set(lines.flatMap(({ x }) => x))].sort((a, b) => a - b);
  const header = [
    xName,
    ...lines.map(({ name }, index) => name || (lines.length === 1 ? 'value' : `line ${index + 1}`)),
  ];
  const rows = xs.map((x) => [String(x), ...columns.map((column) => written(column.get(x)))]);
  return `${[header.map(quoted), ...rows].map((row) => row.join(',')).join('\r\n')}\r\n`;
}

const written = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value)
    ? ''
    : value === Infinity
      ? 'inf'
      : value === -Infinity
        ? '-inf'
        : String(value);

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
