/** What a thread needs to know to read examples from a file of separated values, a piece at a time. Plain data. */
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
