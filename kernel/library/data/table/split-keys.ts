/** By which values the rows of a table are divided: names of columns become the columns' values. */
import type { SplitOptions } from '../dataset/dataset.ts';
import type { SplitNumbersOptions } from '../dataset/split.ts';
import type { NameOf, Schema, Value } from './column.ts';

/** Options of {@link splitKeys}: those of a data set: names of columns in place of values. */
export type TableSplitOptions<S extends Schema> = Omit<SplitOptions, 'stratify' | 'group' | 'time'> & {
  /** Column whose values are spread evenly. */
  stratify?: NameOf<S>;
  /** Column whose equal values stay together. */
  group?: NameOf<S>;
  /** Column of times: earlier rows go to earlier parts. */
  time?: NameOf<S>;
};

/** The options with values in place of names. @throws DataError when there is no such column */
export function splitKeys<S extends Schema>(
  table: { values(name: NameOf<S>): readonly Value[] },
  { stratify, group, time, ...options }: TableSplitOptions<S>,
): SplitNumbersOptions {
  return {
    ...options,
    ...(stratify === undefined ? {} : { stratify: table.values(stratify) }),
    ...(group === undefined ? {} : { group: table.values(group) }),
    ...(time === undefined
      ? {}
      : { time: table.values(time).map((value) => (value === null ? Number.NaN : Number(value))) }),
  };
}
