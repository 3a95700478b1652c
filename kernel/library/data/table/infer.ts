/** Finds out what values of JavaScript, as JSON or a user's function gives them, are as a column. */
import { DataError } from '../error.ts';
import { type Column, categorise, type Kind, textColumn } from './column.ts';
import { dateOf, isInt32 } from './texts.ts';

/**
 * A column of the kind that holds all of the values. What is neither number, truth, text nor date is kept as its JSON.
 * @param kind what it is to be; found out when not given
 * @throws DataError when a value is not of the kind asked for; `name` is the column's
 */
export function columnOf(values: ArrayLike<unknown>, name: string, kind: Kind = kindOf(values)): Column {
  const number = (value: unknown, row: number): number => {
    if (value === null || value === undefined || value === '' || Number.isNaN(value)) return Number.NaN;
    const numeric = typeof value === 'number' || typeof value === 'object' ? value : Number(value);
    if (typeof numeric === 'number' && !Number.isNaN(numeric)) return numeric;
    throw misfit(value, row, name, kind);
  };
  switch (kind) {
    case 'float64':
      return { kind, values: Float64Array.from(values, number) };
    case 'float32':
      return { kind, values: Float32Array.from(values, number) };
    case 'int32':
      return {
        kind,
        values: Int32Array.from(values, (value, row) => {
          const whole = number(value, row);
          if (isInt32(whole)) return whole;
          throw misfit(value, row, name, kind);
        }),
      };
    case 'bool':
      return { kind, values: Uint8Array.from(values, (value, row) => truthOf(value, row, name)) };
    case 'date':
      return { kind, values: Float64Array.from(values, (value, row) => timeOf(value, row, name)) };
    case 'categorical':
      return categorise(Array.from(values, textOf));
    case 'string':
      return { kind, values: Array.from(values, textOf) };
  }
}

/** A column whose kind was found out, texts that come again and again as categories. */
export function inferColumn(values: ArrayLike<unknown>, name: string): Column {
  const column = columnOf(values, name);
  return column.kind === 'string' ? textColumn(column.values) : column;
}

function kindOf(values: ArrayLike<unknown>): Kind {
  let kind: Kind | undefined;
  let missing = false;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value === null || value === undefined) {
      missing = true;
      continue;
    }
    const own = kindOfValue(value);
    if (kind === undefined || kind === own) kind = own;
    else if ((kind === 'int32' && own === 'float64') || (kind === 'float64' && own === 'int32')) kind = 'float64';
    else return 'string';
  }
  if (kind === 'int32' && missing) return 'float64';
  return kind ?? 'string';
}

/** Beyond that, a number of 64 bits would change when it became a float. */
const EXACT = BigInt(Number.MAX_SAFE_INTEGER);

function kindOfValue(value: unknown): Kind {
  if (typeof value === 'number') return isInt32(value) ? 'int32' : 'float64';
  if (typeof value === 'bigint') {
    if (value > EXACT || value < -EXACT) return 'string';
    return isInt32(Number(value)) ? 'int32' : 'float64';
  }
  if (typeof value === 'boolean') return 'bool';
  if (value instanceof Date) return 'date';
  return typeof value === 'string' && dateOf(value) !== undefined ? 'date' : 'string';
}

function truthOf(value: unknown, row: number, name: string): number {
  if (value === null || value === undefined) return 2;
  if (value === true || value === 1 || value === 'true') return 1;
  if (value === false || value === 0 || value === 'false') return 0;
  throw misfit(value, row, name, 'bool');
}

function timeOf(value: unknown, row: number, name: string): number {
  if (value === null || value === undefined) return Number.NaN;
  if (value instanceof Date) return value.getTime();
  const time = typeof value === 'number' ? value : typeof value === 'string' ? dateOf(value) : undefined;
  if (time === undefined) throw misfit(value, row, name, 'date');
  return time;
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object') return String(value);
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
}

function misfit(value: unknown, row: number, name: string, kind: Kind): DataError {
  return new DataError(`column "${name}" holds ${textOf(value) ?? 'nothing'} in row ${row}, which is no ${kind}`, {
    advice:
      kind === 'int32' ? 'float64 holds fractions and missing values too' : 'Correct the value, or give another kind',
  });
}
