/**
 * Which rows of a table are shown, and in what order: sorting by a column, filtering by words and comparisons. Pure, and
 * quick enough for a hundred thousand rows between two frames of the screen's patience: it orders numbers, not rows.
 */
import type { TableData } from '@trialroom/shared/notebook/outputs';

/** One row, its values by column. */
export type Row = readonly unknown[];
/** Names of columns, from left to right. */
export type Columns = TableData['columns'];

/** By which column rows are sorted. */
export interface Order {
  /** Number of the column. */
  column: number;
  descending: boolean;
}

/** The next order when a column's head is pressed: up, down, as it came. */
export function press(order: Order | null, column: number): Order | null {
  if (order?.column !== column) return { column, descending: false };
  return order.descending ? null : { column, descending: true };
}

/** Numbers of the rows that pass, in the order wanted. */
export function arrange(rows: readonly Row[], columns: Columns, order: Order | null, filter: string): Uint32Array {
  const passes = filterOf(filter, columns);
  const kept = new Uint32Array(rows.length);
  let count = 0;
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index];
    if (row && passes(row)) kept[count++] = index;
  }
  const shown = kept.subarray(0, count);
  return order ? sorted(shown, rows, columns, order) : shown;
}

const words = new Intl.Collator('en', { numeric: true });
const isMissing = (value: unknown): boolean => value === null || value === undefined || value === '';

/** Stable; what is missing comes last either way. */
function sorted(shown: Uint32Array, rows: readonly Row[], columns: Columns, order: Order): Uint32Array {
  const { column, descending } = order;
  const sign = descending ? -1 : 1;
  const at = (index: number): unknown => rows[index]?.[column];
  if (columns[column]?.type === 'number') {
    const keys = new Float64Array(rows.length);
    for (const index of shown) keys[index] = isMissing(at(index)) ? Number.NaN : numberOf(at(index));
    return shown.sort((a, b) => {
      const [left = 0, right = 0] = [keys[a], keys[b]];
      if (Number.isNaN(left) || Number.isNaN(right))
        return Number(Number.isNaN(left)) - Number(Number.isNaN(right)) || a - b;
      return sign * (left < right ? -1 : left > right ? 1 : 0) || a - b;
    });
  }
  const keys = new Array<string>(rows.length);
  for (const index of shown) keys[index] = isMissing(at(index)) ? '' : textOf(at(index));
  return shown.sort((a, b) => {
    const [left = '', right = ''] = [keys[a], keys[b]];
    if (left === '' || right === '') return Number(left === '') - Number(right === '') || a - b;
    return sign * words.compare(left, right) || a - b;
  });
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value);
/** Infinity and its negative come as words, as JSON has none. */
const numberOf = (value: unknown): number => (typeof value === 'number' ? value : Number(value));

type Test = (row: Row) => boolean;

/**
 * Words that must all be in a row, somewhere; and comparisons of a column: `rain>1.5`, `city=Oslo`, `city!=Oslo`. What
 * has a space is put between double quotes.
 */
export function filterOf(filter: string, columns: Columns): Test {
  const tests = (filter.match(/(?:"[^"]*"?|[^\s"])+/g) ?? []).map((term) => testOf(term, columns));
  return (row) => tests.every((test) => test(row));
}

function testOf(term: string, columns: Columns): Test {
  const [, name = '', sign = '', operand = ''] = /^(.+?)(!=|>=|<=|=|>|<)(.*)$/.exec(term.replaceAll('"', '')) ?? [];
  const column = columns.findIndex((each) => each.name.toLowerCase() === name.toLowerCase());
  if (column < 0 || operand === '') {
    const wanted = term.replaceAll('"', '').toLowerCase();
    return (row) => row.some((value) => textOf(value).toLowerCase().includes(wanted));
  }
  const compare = comparisonWith(operand, columns[column]?.type === 'number');
  return (row) => {
    const value = row[column];
    if (isMissing(value)) return sign === '!=';
    const side = compare(value);
    switch (sign) {
      case '=':
        return side === 0;
      case '!=':
        return side !== 0;
      case '<':
        return side < 0;
      case '<=':
        return side <= 0;
      case '>':
        return side > 0;
      default:
        return side >= 0;
    }
  };
}

/** Below, at or above the operand: -1, 0, 1; NaN when there is no telling. */
function comparisonWith(operand: string, asNumber: boolean): (value: unknown) => number {
  const number = Number(operand);
  if (asNumber && !Number.isNaN(number))
    return (value) => Math.sign(numberOf(value) - number) || (numberOf(value) === number ? 0 : Number.NaN);
  const wanted = operand.toLowerCase();
  return (value) => words.compare(textOf(value).toLowerCase(), wanted);
}
