/**
 * Arrays of records as tables: a preview that says how many rows there are, and with it the whole as CSV where that is
 * of a size that a person may want as a file. A table of ten million rows costs what its preview costs.
 */
import { MIME } from '@trialroom/shared/notebook/mime';
import type { TableData } from '@trialroom/shared/notebook/outputs';
import type { Shown } from './bundle.ts';
import { csvOf } from './csv.ts';
import { describe } from './describe.ts';
import { grouped } from './words.ts';

/** Most rows sent; the rest is counted. */
export const PREVIEW_ROWS = 200;
const MOST_COLUMNS = 100;
const LONGEST_CELL = 500;

type Row = Readonly<Record<string, unknown>>;
type ColumnType = TableData['columns'][number]['type'];

const isRow = (value: unknown): value is Row => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** True for a non-empty array of plain objects (judged by its preview). */
export function isRecords(value: unknown): value is readonly Row[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  const rows: unknown[] = value.slice(0, PREVIEW_ROWS);
  return (
    rows.every((row) => isRow(row) && typeof Reflect.get(row, Symbol.for('Jupyter.display')) !== 'function') &&
    rows.some((row) => isRow(row) && Object.keys(row).length > 0)
  );
}

/** The rows to show as data. */
export function tableData(rows: readonly Row[], limit = PREVIEW_ROWS): TableData {
  const preview = rows.slice(0, limit);
  const names = new Set<string>();
  for (const row of preview) {
    for (const name of Object.keys(row)) if (names.size < MOST_COLUMNS) names.add(name);
  }
  const columns = [...names].map((name) => ({ name, type: typeOf(preview, name) }));
  return {
    columns,
    rows: preview.map((row) => columns.map(({ name }) => toJson(row[name]))),
    total: rows.length,
  };
}

/** A table in several forms: data for our page, HTML for any other, text for a terminal, and all of it as CSV. */
export function tableBundle(rows: readonly Row[], limit = PREVIEW_ROWS): Shown {
  const table = tableData(rows, limit);
  const csv = table.rows.length < rows.length ? csvOf(rows) : undefined;
  return { data: { ...tableForms(table), ...(csv === undefined ? {} : { 'text/csv': csv }) }, metadata: {} };
}

/** Rows that are data already, in the same forms. */
export const tableForms = (table: TableData): Shown['data'] => ({
  [MIME.table]: table,
  'text/html': tableHtml(table),
  'text/plain': tableText(table),
});

function typeOf(rows: readonly Row[], name: string): ColumnType {
  let type: ColumnType | undefined;
  for (const row of rows) {
    const value = row[name];
    if (value === undefined || value === null) continue;
    const own = typeOfValue(value);
    if (type !== undefined && type !== own) return 'mixed';
    type = own;
  }
  return type ?? 'mixed';
}

function typeOfValue(value: unknown): ColumnType {
  if (typeof value === 'number' || typeof value === 'bigint') return 'number';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  return value instanceof Date ? 'date' : 'mixed';
}

/** What JSON cannot say is said in words; what is not a single value is described. */
function toJson(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'string') return short(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (typeof value === 'bigint') return String(value);
  return short(describe(value).replace(/\s+/g, ' '));
}

const short = (text: string): string => (text.length <= LONGEST_CELL ? text : `${text.slice(0, LONGEST_CELL - 1)}…`);
const textOf = (value: unknown): string => (value === null ? '' : String(value));

/** Escapes text for HTML. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const remark = ({ rows, total }: TableData): string =>
  rows.length < total
    ? `${grouped(rows.length)} of ${grouped(total)} rows`
    : `${grouped(total)} ${total === 1 ? 'row' : 'rows'}`;

function tableHtml(table: TableData): string {
  const cell = (tag: string, text: string): string => `<${tag}>${escapeHtml(text)}</${tag}>`;
  const head = table.columns.map(({ name }) => cell('th', name)).join('');
  const body = table.rows.map((row) => `<tr>${row.map((value) => cell('td', textOf(value))).join('')}</tr>`).join('');
  return `<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table><p>${remark(table)}</p>`;
}

const TEXT_ROWS = 20;
const TEXT_WIDTH = 32;

function tableText(table: TableData): string {
  const fit = (text: string): string => {
    const line = text.replace(/\s+/g, ' ');
    return line.length <= TEXT_WIDTH ? line : `${line.slice(0, TEXT_WIDTH - 1)}…`;
  };
  const shown = [
    table.columns.map(({ name }) => fit(name)),
    ...table.rows.slice(0, TEXT_ROWS).map((row) => row.map((value) => fit(textOf(value)))),
  ];
  const widths = table.columns.map((_, index) => Math.max(...shown.map((row) => row[index]?.length ?? 0)));
  const lines = shown.map((row) =>
    row
      .map((text, index) => {
        const width = widths[index] ?? 0;
        return table.columns[index]?.type === 'number' ? text.padStart(width) : text.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '));
  if (table.rows.length > TEXT_ROWS || table.rows.length < table.total) {
    lines.push(`… ${grouped(Math.min(TEXT_ROWS, table.rows.length))} of ${grouped(table.total)} rows`);
  }
  return lines.join('\n');
}
