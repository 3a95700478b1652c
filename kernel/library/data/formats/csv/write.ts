/** Tables as text of separated values. */
import Papa from 'papaparse';
import { isMissing, type TableView } from '../../table/column.ts';
import { textAt } from '../../table/describe.ts';

/** How to write. */
export interface CsvWriteOptions {
  /** Between two values; a comma when not given. */
  delimiter?: string;
  /** What stands for "missing"; nothing when not given (NA where there is only one column, so that no line is empty). */
  missing?: string;
}

/** Names first, then a line for each row. Dates are written as ISO 8601. */
export function csvText(table: TableView, options: CsvWriteOptions): string {
  const { delimiter = ',', missing = table.columns.length === 1 ? 'NA' : '' } = options;
  const columns = table.columns.map((name) => table.column(name));
  const data = Array.from({ length: table.length }, (_, row) =>
    columns.map((column) => (isMissing(column, row) ? missing : textAt(column, row))),
  );
  const text = Papa.unparse({ fields: [...table.columns], data }, { delimiter, newline: '\n' });
  return text.endsWith('\n') ? text : `${text}\n`;
}
