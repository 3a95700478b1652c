/** Numbers with a shape, as files of arrays hold them and as data sets are made of. */
import { DISPLAY } from '../../../display/bundle.ts';
import { describeTensor } from '../../../display/tensor.ts';
import type { SourceFile } from '../origin/origin.ts';
import { type NumberValues, sizeOf } from './plan.ts';

/** Numbers in row-major order, first dimension first. */
export class NumericArray {
  readonly shape: readonly number[];
  readonly values: NumberValues;
  /** Files that it was read from. */
  readonly sources: readonly SourceFile[];

  /** @throws RangeError when the number of values does not fit the shape */
  constructor(values: NumberValues, shape: readonly number[], sources: readonly SourceFile[] = []) {
    if (values.length !== sizeOf(shape)) {
      throw new RangeError(`${values.length} values do not fill the shape [${shape.join(', ')}] (${sizeOf(shape)})`);
    }
    this.values = values;
    this.shape = shape;
    this.sources = sources;
  }

  /** Length of the first dimension. */
  get length(): number {
    return this.shape[0] ?? 1;
  }

  /** Type of the numbers, e.g. `float32`. */
  get dtype(): string {
    return this.values.constructor.name.replace('Array', '').toLowerCase();
  }

  /** The same numbers in another shape; one length may be -1: what is left. @throws RangeError when they do not fit */
  reshape(...shape: number[]): NumericArray {
    const known = sizeOf(shape.filter((length) => length !== -1));
    const filled = shape.map((length) => (length === -1 ? this.values.length / known : length));
    return new NumericArray(this.values, filled, this.sources);
  }

  /** The part of the first dimension from `start` to below `end`: a view. */
  slice(start: number, end = this.length): NumericArray {
    const each = this.values.length / Math.max(1, this.length);
    const [from, to] = [Math.max(0, start), Math.min(this.length, end)];
    return new NumericArray(
      this.values.subarray(from * each, to * each),
      [to - from, ...this.shape.slice(1)],
      this.sources,
    );
  }

  [DISPLAY](): Record<string, unknown> {
    const { shape, dtype, values } = this;
    const text = describeTensor({ shape, dtype, dataSync: () => values });
    return { 'text/plain': text };
  }
}
