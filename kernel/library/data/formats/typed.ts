/** Columns as binary formats give them: typed arrays where nothing is missing, else lists of values. */
import type { Column, Kind } from '../table/column.ts';
import { columnOf, inferColumn } from '../table/infer.ts';

/**
 * A column of the type that the file says.
 * @param kind what the file says it holds, where lists of values cannot say it themselves
 */
export function typedColumn(values: ArrayLike<unknown>, name: string, kind?: Kind): Column {
  if (values instanceof Float64Array && (kind === undefined || kind === 'float64')) return { kind: 'float64', values };
  if (values instanceof Float32Array && (kind === undefined || kind === 'float32')) return { kind: 'float32', values };
  if (values instanceof Int32Array && kind === undefined) return { kind: 'int32', values };
  return kind === undefined ? inferColumn(values, name) : columnOf(values, name, kind);
}
