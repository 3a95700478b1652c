/**
 * The distributions that the tests below are read against. Tails are computed as tails (an upper incomplete gamma, an
 * incomplete beta), never as one minus the rest, so that a tiny p-value keeps its digits.
 */
import betainc from '@stdlib/math-base-special-betainc';
import gammainc from '@stdlib/math-base-special-gammainc';
import binomialCdf from '@stdlib/stats-base-dists-binomial-cdf';
import binomialPmf from '@stdlib/stats-base-dists-binomial-pmf';
import standardCdf from '@stdlib/stats-base-dists-normal-cdf';
import standardQuantile from '@stdlib/stats-base-dists-normal-quantile';
import studentQuantileOf from '@stdlib/stats-base-dists-t-quantile';

/**
 * P(X ≥ `x`) of a χ² distribution with `df` degrees of freedom: Q(df/2, x/2) (NIST DLMF 8.2).
 * @throws RangeError when `df` is not above 0
 */
export function chiSquareTail(x: number, df: number): number {
  if (!(df > 0)) throw new RangeError(`χ² needs degrees of freedom above 0, not ${df}`);
  return x <= 0 ? 1 : gammainc(x / 2, df / 2, true, true);
}

/**
 * P(|T| ≥ |`t`|) of Student's t with `df` degrees of freedom: I(df/(df+t²); df/2, 1/2) (Abramowitz & Stegun 26.7.1).
 * @throws RangeError when `df` is not above 0
 */
export function studentTails(t: number, df: number): number {
  if (!(df > 0)) throw new RangeError(`Student's t needs degrees of freedom above 0, not ${df}`);
  return Number.isFinite(t) ? betainc(df / (df + t * t), df / 2, 0.5, true, false) : Number.isNaN(t) ? Number.NaN : 0;
}

/** The value that Student's t with `df` degrees of freedom stays below with probability `p`. */
export const studentQuantile = (p: number, df: number): number => studentQuantileOf(p, df);

/** P(Z ≤ `z`) of the standard normal distribution. */
export const normalBelow = (z: number): number => standardCdf(z, 0, 1);

/** The value that a standard normal variable stays below with probability `p`. */
export const normalQuantile = (p: number): number => standardQuantile(p, 0, 1);

/** P(K ≤ `k`) of `n` throws with chance `p` each. */
export const binomialBelow = (k: number, n: number, p: number): number => binomialCdf(k, n, p);

/** P(K = `k`) of `n` throws with chance `p` each. */
export const binomialAt = (k: number, n: number, p: number): number => binomialPmf(k, n, p);
