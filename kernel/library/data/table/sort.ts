/** The order of rows by their values. */
import { range } from '../dataset/chance.ts';
import { type Column, isMissing, type TableView } from './column.ts';

/** A column to sort by; with `-` in front, or `descending`, the greatest first. */
export type SortKey<Name extends string> = Name | `-${Name}` | { by: Name; descending?: boolean };

/** Numbers of the rows in order. Equal rows stay in the order of the table; missing values come last either way. */
export function sortedRows(table: TableView, keys: readonly SortKey<string>[]): Int32Array {
  const orders = keys.map((key) => {
    if (typeof key === 'object') return orderOf(table.column(key.by), key.descending === true);
    // A column may be called "-x" itself.
    const descending = key.startsWith('-') && !table.columns.includes(key);
    return orderOf(table.column(descending ? key.slice(1) : key), descending);
  });
  return range(table.length).sort((a, b) => {
    for (const order of orders) {
      const difference = order(a, b);
      if (difference !== 0) return difference;
    }
    return a - b;
  });
}

type Order = (a: number, b: number) => number;

function orderOf(column: Column, descending: boolean): Order {
  const compare = compareIn(column);
  return (a, b) => {
    const [lackA, lackB] = [isMissing(column, a), isMissing(column, b)];
    if (lackA || lackB) return Number(lackA) - Number(lackB);
    return descending ? compare(b, a) : compare(a, b);
  };
}

/** Texts in the order of their code units: the same on every machine, whatever its language. */
const compareTexts = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function compareIn(column: Column): Order {
  if (column.kind === 'string') {
    return (a, b) => compareTexts(column.values[a] ?? '', column.values[b] ?? '');
  }
  if (column.kind === 'categorical') {
    const { values, categories } = column;
    const ranks = range(categories.length).sort((a, b) => compareTexts(categories[a] ?? '', categories[b] ?? ''));
    const rank = new Int32Array(ranks.length);
    for (const [place, category] of ranks.entries()) rank[category] = place;
    return (a, b) => (rank[values[a] ?? 0] ?? 0) - (rank[values[b] ?? 0] ?? 0);
  }
  const { values } = column;
  return (a, b) => {
    const [first, second] = [values[a] ?? 0, values[b] ?? 0];
    // Infinity less infinity is no number.
    return first === second ? 0 : first < second ? -1 : 1;
  };
}
