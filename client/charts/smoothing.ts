/**
 * Debiased exponential moving average: at the start it is the plain mean of what there is, never pulled towards zero.
 * Values that are not finite stay as they are, and leave the average as it was.
 */

/** Fewer finite points than this are drawn as they are: an average over a handful would hide the newest reading. */
export const LEAST_SMOOTHED = 25;

/** Averages so far of values that may grow at their end. */
interface Averaged {
  weight: number;
  average: number;
  bias: number;
  averages: number[];
  /** The last value that was counted in. */
  last: number;
}

/** Live curves grow by a point or two between two drawings: only those are averaged anew. */
const known = new WeakMap<readonly number[], Averaged>();

/**
 * The averages; `weight` 0 (none) to just below 1. Values may be added to `values` later, and the next averages of it are
 * then the same array, longer; other changes need another array.
 */
export function smooth(values: readonly number[], weight: number): number[] {
  let held = known.get(values);
  const count = held?.averages.length ?? 0;
  if (!held || held.weight !== weight || count > values.length || !Object.is(held.last, values[count - 1])) {
    held = { weight, average: 0, bias: 1, averages: [], last: Number.NaN };
    known.set(values, held);
  }
  let { average, bias } = held;
  const { averages } = held;
  for (let index = averages.length; index < values.length; index++) {
    const value = values[index] ?? Number.NaN;
    if (Number.isFinite(value)) {
      average = weight * average + (1 - weight) * value;
      bias *= weight;
      averages.push(average / (1 - bias));
    } else averages.push(value);
    held.last = value;
  }
  held.average = average;
  held.bias = bias;
  return averages;
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
