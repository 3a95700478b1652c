/** Rows of two tables that belong together. */
import { range } from '../dataset/chance.ts';
import { type Column, isMissing, type TableView, takeRows, valueAt } from './column.ts';
import { columnOf } from './infer.ts';

/** How tables are joined. */
export interface JoinOptions<Name extends string> {
  /** Columns of both tables that must be equal. */
  on: Name | readonly Name[];
  /** `inner` (when not given): only rows that have a partner. `left`: all rows of the first, with nothing where there is none. */
  how?: 'inner' | 'left';
}

/** A key of the values in a row; undefined where one is missing, which is equal to nothing. */
function keyOf(columns: readonly Column[], row: number): string | undefined {
  if (columns.some((column) => isMissing(column, row))) return undefined;
  return JSON.stringify(columns.map((column) => valueAt(column, row)));
}

/** The columns of the joined table. A row with several partners comes once with each. */
export function joinRows(
  left: TableView,
  right: TableView,
  { on, how = 'inner' }: JoinOptions<string>,
): Record<string, Column> {
  const names = typeof on === 'string' ? [on] : on;
  const rightKeys = names.map((name) => right.column(name));
  const leftKeys = names.map((name) => left.column(name));
  const partners = new Map<string, number[]>();
  for (const row of range(right.length)) {
    const key = keyOf(rightKeys, row);
    if (key === undefined) continue;
    const rows = partners.get(key);
    if (rows) rows.push(row);
    else partners.set(key, [row]);
  }
  const pairs: [left: number, right: number][] = [];
  for (const row of range(left.length)) {
    const key = keyOf(leftKeys, row);
    const found = (key === undefined ? undefined : partners.get(key)) ?? [];
    for (const partner of found) pairs.push([row, partner]);
    if (found.length === 0 && how === 'left') pairs.push([row, -1]);
  }
  const leftRows = Int32Array.from(pairs, ([row]) => row);
  const joined: [string, Column][] = left.columns.map((name) => [name, takeRows(left.column(name), leftRows)]);
  for (const name of right.columns) {
    if (names.includes(name)) continue;
    const free = left.columns.includes(name) ? `${name}_right` : name;
    joined.push([free, takePartners(right.column(name), pairs, name)]);
  }
  return Object.fromEntries(joined);
}

function takePartners(column: Column, pairs: readonly (readonly [number, number])[], name: string): Column {
  if (pairs.every(([, row]) => row >= 0))
    return takeRows(
      column,
      Int32Array.from(pairs, ([, row]) => row),
    );
  const values = pairs.map(([, row]) => (row < 0 ? null : valueAt(column, row)));
  // Whole numbers have no sign for "missing".
  return columnOf(values, name, column.kind === 'int32' ? 'float64' : column.kind);
}
