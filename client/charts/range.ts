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
  const finite: number[] = [];
  for (const value of values) if (Number.isFinite(value) && (!options.log || value > 0)) finite.push(value);
  if (finite.length === 0) return null;
  finite.sort((a, b) => a - b);
  const at = (share: number): number => finite[Math.round(share * (finite.length - 1))] ?? 0;
  let [low, high] = [at(0), at(1)];
  if (options.robust && finite.length >= 20) {
    const transform = options.log ? Math.log : (value: number) => value;
    const [near, far] = [at(0.01), at(0.99)];
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
