/** Where a curve has no number to draw: NaN and infinities, marked at their exact steps. */

export interface Oddity {
  /** Index of the line it belongs to. */
  line: number;
  kind: 'NaN' | '∞' | '−∞';
  /** First and last x of a run of equal values; the same when it is one point. */
  from: number;
  to: number;
  /** Points in the run. */
  count: number;
}

/** Runs of values that are not finite, as they come. */
export function odditiesOf(xs: readonly number[], values: readonly number[], line: number): Oddity[] {
  const found: Oddity[] = [];
  let open: Oddity | null = null;
  values.forEach((value, index) => {
    const x = xs[index];
    if (Number.isFinite(value) || x === undefined) {
      open = null;
      return;
    }
    const kind = Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
    if (open?.kind === kind) {
      open.to = x;
      open.count++;
      return;
    }
    open = { line, kind, from: x, to: x, count: 1 };
    found.push(open);
  });
  return found;
}
