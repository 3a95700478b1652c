/** What a handful of readings say by themselves. */

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The sample variance, with n − 1 below; NaN for fewer than two. */
export function varianceOf(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN;
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

/** The sample standard deviation; NaN for fewer than two. */
export const deviationOf = (values: readonly number[]): number => Math.sqrt(varianceOf(values));

/** The value below which the share `p` of sorted values lies, between neighbours in a straight line (Hyndman & Fan, type 7). */
export function quantileOf(sorted: ArrayLike<number>, p: number): number {
  const at = Math.min(Math.max(p, 0), 1) * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return low + (high - low) * (at - below);
}
