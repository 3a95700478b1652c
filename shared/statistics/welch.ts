/** Welch's t: whether two groups of readings (a trial's seeds) differ in their means, whatever each one's spread. */
import { studentQuantile, studentTails } from './distributions.ts';
import { meanOf, varianceOf } from './sample.ts';

export interface Welch {
  /** Mean of the second less mean of the first. */
  difference: number;
  t: number;
  /** Degrees of freedom after Welch and Satterthwaite; not whole. */
  df: number;
  /** Two-sided. */
  p: number;
  /** The interval that holds the true difference with the wanted confidence. */
  low: number;
  high: number;
}

/** Cohen's d of two groups and its correction for small ones. */
export interface EffectSize {
  /** Difference of the means in units of the pooled deviation: Cohen, Statistical Power Analysis (1988). */
  d: number;
  /** Less its bias, 1 − 3/(4n − 9) of it: Hedges, Journal of Educational Statistics 6 (1981). */
  g: number;
}

/**
 * t = (x̄₂ − x̄₁)/√(s₁²/n₁ + s₂²/n₂): Welch, Biometrika 34 (1947). Null where it says nothing: a group has fewer than
 * two readings, or nothing varies and the means are equal too.
 */
export function welch(first: readonly number[], second: readonly number[], confidence = 0.95): Welch | null {
  if (first.length < 2 || second.length < 2) return null;
  const [a, b] = [varianceOf(first) / first.length, varianceOf(second) / second.length];
  const difference = meanOf(second) - meanOf(first);
  const error = Math.sqrt(a + b);
  if (!Number.isFinite(difference) || !Number.isFinite(error)) return null;
  // Runs that repeat to the last bit have no spread to measure a difference by.
  if (error === 0) return null;
  const df = (a + b) ** 2 / (a ** 2 / (first.length - 1) + b ** 2 / (second.length - 1));
  // A spread too small to square is none.
  if (!(df > 0)) return null;
  const t = difference / error;
  const reach = studentQuantile(1 - (1 - confidence) / 2, df) * error;
  return { difference, t, df, p: studentTails(t, df), low: difference - reach, high: difference + reach };
}

/** Null where the groups have no spread to measure by, or fewer than two readings. Of the second less the first. */
export function effectSize(first: readonly number[], second: readonly number[]): EffectSize | null {
  const n = first.length + second.length;
  if (first.length < 2 || second.length < 2) return null;
  const squares = varianceOf(first) * (first.length - 1) + varianceOf(second) * (second.length - 1);
  const pooled = Math.sqrt(squares / (n - 2));
  if (!(pooled > 0)) return null;
  const d = (meanOf(second) - meanOf(first)) / pooled;
  return { d, g: d * (1 - 3 / (4 * n - 9)) };
}
