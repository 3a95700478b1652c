/** What can be said of a column in a few figures. */
import { type ColumnFacts, MOST_CATEGORIES } from '../encode/learn.ts';
import { Statistics } from '../encode/statistics.ts';
import { type Column, type ColumnOf, isMissing, missingIn, type TableView, valueAt } from './column.ts';
import { inferColumn } from './infer.ts';
import { quantile } from './quantile.ts';

/** How often each value occurs, missing ones left out; the most frequent first, then by the alphabet. */
export function countsOf(column: Column): {
  value: ColumnOf<'string'>;
  count: ColumnOf<'int32'>;
  share: ColumnOf<'float64'>;
} {
  const counts = new Map<string, number>();
  for (let row = 0; row < column.values.length; row++) {
    if (isMissing(column, row)) continue;
    const text = textAt(column, row);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const ordered = [...counts].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
  return {
    value: { kind: 'string', values: ordered.map(([value]) => value) },
    count: { kind: 'int32', values: Int32Array.from(ordered, ([, count]) => count) },
    share: { kind: 'float64', values: Float64Array.from(ordered, ([, count]) => count / column.values.length) },
  };
}

/** A value as text; dates as ISO 8601. */
export function textAt(column: Column, row: number): string {
  const value = valueAt(column, row);
  return value instanceof Date ? value.toISOString() : String(value);
}

/** What an encoding needs to know. */
export function factsOf(column: Column): ColumnFacts {
  const { mean, deviation, min, max } = statisticsOf(column);
  return { mean, deviation, min, max, distinct: distinctOf(column) };
}

function statisticsOf(column: Column): Statistics {
  const statistics = new Statistics();
  if (column.kind === 'string' || column.kind === 'categorical') return statistics;
  for (let row = 0; row < column.values.length; row++) {
    if (!isMissing(column, row)) statistics.add(column.values[row] ?? Number.NaN);
  }
  return statistics;
}

function distinctOf(column: Column): readonly string[] | undefined {
  const distinct = new Set<string>();
  for (let row = 0; row < column.values.length; row++) {
    if (isMissing(column, row)) continue;
    distinct.add(String(valueAt(column, row)));
    if (distinct.size > MOST_CATEGORIES) return undefined;
  }
  const numeric = column.kind === 'int32' || column.kind === 'float64' || column.kind === 'float32';
  return numeric ? [...distinct].sort((a, b) => Number(a) - Number(b)) : [...distinct].sort();
}

/** A row for each column of a table. */
export function describeColumns(table: TableView): Record<string, Column> {
  const figures = table.columns.map((name) => describe(name, table.column(name)));
  const names = [
    'column',
    'kind',
    'missing',
    'distinct',
    'mean',
    'deviation',
    'min',
    'q25',
    'median',
    'q75',
    'max',
    'top',
  ] as const;
  return Object.fromEntries(
    names.map((name) => [
      name,
      inferColumn(
        figures.map((figure) => figure[name]),
        name,
      ),
    ]),
  );
}

type Figure = Record<'column' | 'kind' | 'top', string | null> &
  Record<'missing' | 'distinct' | 'mean' | 'deviation' | 'min' | 'q25' | 'median' | 'q75' | 'max', number | null>;

function describe(name: string, column: Column): Figure {
  const { value, count } = countsOf(column);
  const top = value.values[0];
  const common = { column: name, kind: column.kind, missing: missingIn(column), distinct: value.values.length };
  const none = { mean: null, deviation: null, min: null, q25: null, median: null, q75: null, max: null };
  if (column.kind === 'string' || column.kind === 'categorical' || column.kind === 'bool') {
    return { ...common, ...none, top: top === undefined ? null : `${top} (${count.values[0]}×)` };
  }
  if (column.kind === 'date') {
    const times = column.values.filter((time) => !Number.isNaN(time)).sort();
    const day = (time: number | undefined): string =>
      time === undefined ? '?' : new Date(time).toISOString().slice(0, 10);
    return { ...common, ...none, top: times.length === 0 ? null : `${day(times[0])} to ${day(times.at(-1))}` };
  }
  const { mean, deviation, count: finite } = statisticsOf(column);
  if (finite === 0) return { ...common, ...none, top: null };
  const sorted = Float64Array.from(column.values.filter(Number.isFinite)).sort();
  const [min = null, max = null] = [sorted[0], sorted.at(-1)];
  const quartiles = { q25: quantile(sorted, 0.25), median: quantile(sorted, 0.5), q75: quantile(sorted, 0.75) };
  return { ...common, mean, deviation: finite > 1 ? deviation : null, min, max, ...quartiles, top: null };
}
