/** Whether a new trial is worse than the baseline by more than the baseline's own seeds differ among themselves. */
import { studentQuantile } from './distributions.ts';
import { deviationOf, meanOf } from './sample.ts';

export type Direction = 'minimise' | 'maximise';

export interface Regression {
  /** `unknown`: the noise is not known, since the baseline ran with fewer than {@link FEWEST_SEEDS} seeds. */
  status: 'worse' | 'within' | 'better' | 'unknown';
  /** Mean of the baseline's readings, and how many there are. */
  baseline: number;
  n: number;
  /** What a single new run of the baseline would stay between with the wanted confidence; null: the noise is not known. */
  low: number | null;
  high: number | null;
}

/** With two seeds the interval is so wide that hardly anything is ever worse: three is the least that says something. */
export const FEWEST_SEEDS = 3;

/**
 * Holds a reading against the interval for one future observation, x̄ ± t(1 − α/2, n − 1)·s·√(1 + 1/n): Hahn & Meeker,
 * Statistical Intervals (1991), §4.2. Not against the interval of the mean, which shrinks with n until every new seed
 * would be called worse. Null when there is nothing to compare with, or the reading is missing or not finite.
 */
export function regression(
  baseline: readonly number[],
  reading: number,
  direction: Direction,
  confidence = 0.95,
): Regression | null {
  const known = baseline.filter(Number.isFinite);
  if (known.length === 0 || Number.isNaN(reading)) return null;
  const mean = meanOf(known);
  const n = known.length;
  if (n < FEWEST_SEEDS) return { status: 'unknown', baseline: mean, n, low: null, high: null };
  const reach = studentQuantile(1 - (1 - confidence) / 2, n - 1) * deviationOf(known) * Math.sqrt(1 + 1 / n);
  const [low, high] = [mean - reach, mean + reach];
  const worse = direction === 'minimise' ? reading > high : reading < low;
  const better = direction === 'minimise' ? reading < low : reading > high;
  return { status: worse ? 'worse' : better ? 'better' : 'within', baseline: mean, n, low, high };
}
