/** How a table looks in a notebook: its first rows, each column with its kind, and how much is missing. */
import { PREVIEW_ROWS, tableData, tableForms } from '../../../display/table.ts';
import { csvText } from '../formats/csv/write.ts';
import { type Column, type Kind, missingIn, type TableView } from './column.ts';
import { rowReader } from './row.ts';

const TYPES = {
  float64: 'number',
  float32: 'number',
  int32: 'number',
  bool: 'boolean',
  string: 'string',
  categorical: 'string',
  date: 'date',
} as const satisfies Record<Kind, string>;

/** Values up to which all of it is offered as a file. */
const MOST_AS_FILE = 1_000_000;

/** A MIME bundle of a table. */
export function shown(table: TableView): Record<string, unknown> {
  const columns = Object.fromEntries(table.columns.map((name) => [name, table.column(name)]));
  const read = rowReader(columns);
  const preview = tableData(
    Array.from({ length: Math.min(table.length, PREVIEW_ROWS) }, (_, row) => ({ ...read(row) })),
  );
  const places = new Map(preview.columns.map(({ name }, place) => [name, place]));
  const forms = tableForms({
    columns: table.columns.map((name) => {
      const column = table.column(name);
      return { name, type: TYPES[column.kind], kind: kindText(column) };
    }),
    // What is missing is shown as nothing, whatever stands for it.
    rows: preview.rows.map((row) =>
      table.columns.map((name) =>
        row[places.get(name) ?? -1] === 'NaN' ? null : (row[places.get(name) ?? -1] ?? null),
      ),
    ),
    total: table.length,
  });
  const whole = table.length > PREVIEW_ROWS && table.length * table.columns.length <= MOST_AS_FILE;
  return {
    ...forms,
    'text/plain': `${String(forms['text/plain'])}\n${schemaText(table)}`,
    ...(whole ? { 'text/csv': csvText(table, {}) } : {}),
  };
}

function kindText(column: Column): string {
  const missing = missingIn(column);
  const categories = column.kind === 'categorical' ? ` of ${column.categories.length}` : '';
  return `${column.kind}${categories}${missing > 0 ? ` (${missing.toLocaleString('en-US')} missing)` : ''}`;
}

/** Rows, columns and their kinds in one line. */
export function schemaText(table: TableView): string {
  const columns = table.columns.map((name) => `${name}: ${kindText(table.column(name))}`);
  const rows = `${table.length.toLocaleString('en-US')} ${table.length === 1 ? 'row' : 'rows'}`;
  return `${rows} × ${table.columns.length} columns · ${columns.join(', ')}`;
}
