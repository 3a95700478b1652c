/** Puts values in the place of missing ones. */
import { DataError } from '../error.ts';
import { type Column, isMissing, type Value, valueAt } from './column.ts';
import { countsOf } from './describe.ts';
import { columnOf } from './infer.ts';
import { quantile } from './quantile.ts';

/** A value that is worked out from those that are there. */
export interface Fill {
  readonly fill: 'mean' | 'median' | 'mode';
}

const isFill = (value: Value | Fill): value is Fill => typeof value === 'object' && value !== null && 'fill' in value;

/** @throws DataError when the value is not of the column's kind, or cannot be worked out */
export function filledColumn(column: Column, name: string, value: Value | Fill): Column {
  const fill = isFill(value) ? workedOut(column, value.fill, name) : value;
  const values = Array.from({ length: column.values.length }, (_, row) =>
    isMissing(column, row) ? fill : valueAt(column, row),
  );
  return columnOf(values, name, column.kind);
}

function workedOut(column: Column, fill: Fill['fill'], name: string): Value {
  const values: Value[] = [];
  for (let row = 0; row < column.values.length; row++) if (!isMissing(column, row)) values.push(valueAt(column, row));
  if (values.length === 0) throw new DataError(`"${name}" is missing everywhere`, { advice: 'Drop the column' });
  if (fill === 'mode') {
    const [mode] = countsOf(column).value.values;
    return values.find((value) => String(value) === mode) ?? null;
  }
  const numbers = values.map(Number).sort((a, b) => a - b);
  if (numbers.some(Number.isNaN)) {
    throw new DataError(`"${name}" holds no numbers, so it has no ${fill}`, {
      advice: "Give { fill: 'mode' } or a value",
    });
  }
  return fill === 'mean' ? numbers.reduce((sum, number) => sum + number, 0) / numbers.length : quantile(numbers, 0.5);
}
