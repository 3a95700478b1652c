/** Columns as another kind. */
import { type Column, type Kind, valueAt } from './column.ts';
import { columnOf } from './infer.ts';
import { boolOf, numberOf } from './texts.ts';

/** @throws DataError when a value does not fit; `name` is the column's */
export function castColumn(column: Column, name: string, kind: Kind): Column {
  if (column.kind === kind) return column;
  const values = Array.from({ length: column.values.length }, (_, row) => {
    const value = valueAt(column, row);
    if (typeof value === 'string') return meant(value, kind);
    if (value instanceof Date && kind !== 'string' && kind !== 'categorical') return value.getTime();
    if (typeof value !== 'number') return value;
    return Number.isNaN(value) ? null : value;
  });
  return columnOf(values, name, kind);
}

/** Texts that are numbers or truth become those; others stay, and are refused where they do not fit. */
function meant(text: string, kind: Kind): unknown {
  if (kind === 'float64' || kind === 'float32' || kind === 'int32') return numberOf(text) ?? text;
  return kind === 'bool' ? (boolOf(text) ?? text) : text;
}
