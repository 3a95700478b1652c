/** Rows of two tables, one below the other. */
import { type Column, type TableView, valueAt } from './column.ts';
import { columnOf, inferColumn } from './infer.ts';

/**
 * The columns of the longer table, in the order of the first. A column that is of another kind in each becomes what
 * holds the values of both.
 * @throws DataError when the second table lacks a column of the first
 */
export function concatRows(first: TableView, second: TableView): Record<string, Column> {
  const made = first.columns.map((name) => {
    const [mine, theirs] = [first.column(name), second.column(name)];
    const values = [mine, theirs].flatMap((column) =>
      Array.from({ length: column.values.length }, (_, row) => valueAt(column, row)),
    );
    return [name, mine.kind === theirs.kind ? columnOf(values, name, mine.kind) : inferColumn(values, name)] as const;
  });
  return Object.fromEntries(made);
}
