/** All rows of a table as CSV (RFC 4180), for who wants the whole of what a page shows the beginning of. */
import { describe } from './describe.ts';

/** Most characters of CSV; a table that is likely to need more has none. */
const MOST_CHARACTERS = 32 * 1024 * 1024;
/** Rows that a guess of the size is made from. */
const SAMPLE = 100;
const MOST_COLUMNS = 1000;

type Row = Readonly<Record<string, unknown>>;

/** The rows as CSV with a line of names, or undefined when they are too many, or cannot be read. */
export function csvOf(rows: readonly Row[]): string | undefined {
  const sample = rows.slice(0, SAMPLE);
  const guess = (write(sample, namesOf(sample))?.length ?? Number.POSITIVE_INFINITY) / Math.max(1, sample.length);
  if (guess * rows.length > MOST_CHARACTERS) return undefined;
  return write(rows, namesOf(rows));
}

function namesOf(rows: readonly Row[]): string[] {
  const names = new Set<string>();
  for (const row of rows) {
    for (const name of Object.keys(row)) if (names.size < MOST_COLUMNS) names.add(name);
  }
  return [...names];
}

function write(rows: readonly Row[], names: readonly string[]): string | undefined {
  const lines = [names.map(quote).join(',')];
  let characters = 0;
  for (const row of rows) {
    let line = '';
    for (const [index, name] of names.entries()) {
      if (index > 0) line += ',';
      line += field(row[name]);
    }
    characters += line.length;
    if (characters > MOST_CHARACTERS) return undefined;
    lines.push(line);
  }
  return `${lines.join('\r\n')}\r\n`;
}

function field(value: unknown): string {
  switch (typeof value) {
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'string':
      return quote(value);
    case 'undefined':
      return '';
  }
  if (value === null) return '';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
  return quote(describe(value));
}

const quote = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
