/** Logged tables, sorted and compared with each other. Pure. */
import type { Table, TableCell } from '@trialroom/shared/trial/media';
import type { z } from 'zod';

export type Cell = z.infer<typeof TableCell>;

/** One row of a table, or of what differs between two. */
export interface TableRow {
  /** `same` and `changed` are in both; in a table that is compared with none, all are `same`. */
  state: 'same' | 'changed' | 'added' | 'removed';
  cells: readonly {
    value: Cell /** What it was; undefined: the same, or there is nothing to compare. */;
    was?: Cell;
  }[];
}

export interface Compared {
  columns: readonly string[];
  rows: readonly TableRow[];
  /** Rows that have the first cell of another row of their table: they were paired in their order. */
  repeated: number;
}

/** A table as it is. */
export const plainRows = ({ rows, columns }: Table): TableRow[] =>
  rows.map((row) => ({ state: 'same', cells: columns.map((_, at) => ({ value: row[at] ?? null })) }));

/**
 * What became of the rows of a table: rows with the same first cell are one row, columns of the same name one column.
 * First the rows that are now, in their order, then those that are gone. Columns that are gone come last.
 */
export function differenceOf(before: Table, after: Table): Compared {
  const columns = [...after.columns, ...before.columns.filter((name) => !after.columns.includes(name))];
  const waiting = new Map<string, Cell[][]>();
  let repeated = 0;
  for (const row of before.rows) {
    const key = JSON.stringify(row[0] ?? null);
    const same = waiting.get(key);
    if (same) {
      same.push(row);
      repeated++;
    } else waiting.set(key, [row]);
  }
  const cellOf = (table: Table, row: readonly Cell[], name: string): Cell | undefined => {
    const at = table.columns.indexOf(name);
    return at < 0 ? undefined : (row[at] ?? null);
  };
  const now = after.rows.map((row): TableRow => {
    const old = waiting.get(JSON.stringify(row[0] ?? null))?.shift();
    const cells = columns.map((name) => {
      const value = cellOf(after, row, name) ?? null;
      if (!old) return { value };
      const was = cellOf(before, old, name) ?? null;
      return was === value ? { value } : { value, was };
    });
    return { state: old ? (cells.some((cell) => 'was' in cell) ? 'changed' : 'same') : 'added', cells };
  });
  const gone = [...waiting.values()].flat().map(
    (row): TableRow => ({
      state: 'removed',
      cells: columns.map((name) => ({ value: cellOf(before, row, name) ?? null })),
    }),
  );
  return { columns, rows: [...now, ...gone], repeated };
}

const NUMBER_WORDS = new Set(['NaN', 'Infinity', '-Infinity']);

/** A cell as a number where it is one, spelled out or not; null where it is none. */
export function numberIn(cell: Cell): number | null {
  if (typeof cell === 'number') return cell;
  return typeof cell === 'string' && NUMBER_WORDS.has(cell) ? Number(cell) : null;
}

/** Rows by a column: numbers by size, then words by their letters; what is empty or no number comes last either way. */
export function sortedBy(rows: readonly TableRow[], column: number, descending: boolean): TableRow[] {
  const rank = (cell: Cell): 0 | 1 | 2 => {
    if (cell === null || cell === '') return 2;
    const number = numberIn(cell);
    if (number !== null) return Number.isNaN(number) ? 2 : 0;
    return 1;
  };
  const way = descending ? -1 : 1;
  const compare = (a: Cell, b: Cell): number => {
    const [ra, rb] = [rank(a), rank(b)];
    if (ra !== rb) return ra - rb;
    if (ra === 2) return 0;
    if (ra === 0) {
      const [x, y] = [numberIn(a) ?? 0, numberIn(b) ?? 0];
      return x === y ? 0 : x < y ? -way : way;
    }
    return way * String(a).localeCompare(String(b), 'en', { numeric: true });
  };
  return rows.toSorted((a, b) => compare(a.cells[column]?.value ?? null, b.cells[column]?.value ?? null));
}
