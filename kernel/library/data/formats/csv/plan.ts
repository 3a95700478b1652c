/** What a thread needs to know to read examples from a file of separated values, a piece at a time. Plain data. */
import { randomOf } from '../../dataset/chance.ts';
import type { FieldShape } from '../../dataset/plan.ts';
import type { Encoding } from '../../encode/encoding.ts';
import type { Dialect } from './dialect.ts';

/** Examples that are read one after the other. */
export interface CsvStreamPlan {
  kind: 'csv';
  path: string;
  dialect: Dialect;
  encoding: Encoding;
  inputs: readonly FieldShape[];
  targets: readonly FieldShape[];
  /** Rows that take part, where that is known. */
  count?: number;
  /** Which rows take part: those whose draw lies in the range from `from` to below `to`. All when absent. */
  part?: { seed: number; from: number; to: number };
}

/** Whether a row belongs to a part: decided by its number alone, so that parts of one seed share no row. */
export function takesPart({ seed, from, to }: NonNullable<CsvStreamPlan['part']>, number: number): boolean {
  const draw = randomOf(seed, number)();
  return draw >= from && draw < to;
}
