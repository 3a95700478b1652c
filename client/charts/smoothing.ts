/**
 * Debiased exponential moving average: at the start it is the plain mean of what there is, never pulled towards zero.
 * Values that are not finite stay as they are, and leave the average as it was.
 */

/** Fewer finite points than this are drawn as they are: an average over a handful would hide the newest reading. */
export const LEAST_SMOOTHED = 25;

/** The averages; `weight` 0 (none) to just below 1. */
export function smooth(values: readonly number[], weight: number): number[] {
  let average = 0;
  let bias = 1;
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    average = weight * average + (1 - weight) * value;
    bias *= weight;
    return average / (1 - bias);
  });
}

/** Lowest and highest of each point and its neighbours: the band that covers what was merged there. */
export function envelope(values: readonly number[], reach = 1): { low: number[]; high: number[] } {
  const low: number[] = [];
  const high: number[] = [];
  values.forEach((_, index) => {
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (let other = Math.max(0, index - reach); other <= Math.min(values.length - 1, index + reach); other++) {
      const value = values[other] ?? Number.NaN;
      if (!Number.isFinite(value)) continue;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    low.push(least <= most ? least : Number.NaN);
    high.push(least <= most ? most : Number.NaN);
  });
  return { low, high };
}
