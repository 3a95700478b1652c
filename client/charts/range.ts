/** The extent of the y axis. */

/**
 * From the lowest to the highest finite value, with a little air; `robust` leaves out single extremes (the outer 1 % at
 * each end, where they lie far from the rest), so that one spike does not flatten a curve. On a log axis only positive
 * values count. Null when nothing can be shown.
 */
export function yRange(
  values: Iterable<number>,
  options: { robust: boolean; log: boolean },
): [low: number, high: number] | null {
  let count = 0;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!counts(value, options.log)) continue;
    count++;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (count === 0) return null;
  if (options.robust && count >= 20) {
    const transform = options.log ? Math.log : (value: number) => value;
    const [near, far] = outer(values, options.log, count);
    const reach = (transform(far) - transform(near)) * 0.5;
    if (transform(near) - transform(low) > reach) low = near;
    if (transform(high) - transform(far) > reach) high = far;
  }
  if (options.log) {
    if (low === high) return [low / 2, high * 2];
    const air = (high / low) ** 0.05;
    return [low / air, high * air];
  }
  if (low === high) {
    const tenth = Math.abs(low) * 0.1;
    // Of nought, and of what is all but nought, a tenth is nothing.
    return low - tenth < high + tenth ? [low - tenth, high + tenth] : [low - 1, high + 1];
  }
  const air = (high - low) * 0.05;
  // A curve that is never negative does not get an axis that is.
  return [low >= 0 && low < air * 4 ? 0 : low - air, high + air];
}

const counts = (value: number, log: boolean): boolean => Number.isFinite(value) && (!log || value > 0);

/** The 1st and the 99th percentile. This is done for every drawing: sorting all `count` values would take far longer. */
function outer(values: Iterable<number>, log: boolean, count: number): [near: number, far: number] {
  const last = count - 1;
  const lowest = new Float64Array(Math.round(0.01 * last) + 1).fill(Number.POSITIVE_INFINITY);
  const highest = new Float64Array(last - Math.round(0.99 * last) + 1).fill(Number.POSITIVE_INFINITY);
  for (const value of values) {
    if (!counts(value, log)) continue;
    keepLowest(lowest, value);
    keepLowest(highest, -value);
  }
  return [lowest.at(-1) ?? 0, -(highest.at(-1) ?? 0)];
}

/** Puts a value into its place among the lowest, which are ascending; the last of them falls out. */
function keepLowest(lowest: Float64Array, value: number): void {
  let at = lowest.length - 1;
  if (!(value < (lowest[at] ?? 0))) return;
  for (; at > 0 && (lowest[at - 1] ?? 0) > value; at--) lowest[at] = lowest[at - 1] ?? 0;
  lowest[at] = value;
}
