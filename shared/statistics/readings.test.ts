import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootstrap, bootstrapDifference } from './bootstrap.ts';
import { pearson, ranksOf, spearman } from './correlation.ts';
import { regression } from './regression.ts';
import { deviationOf, meanOf } from './sample.ts';
import { close, FIRST, SECOND } from './testing.ts';

describe('the bootstrap', () => {
  // stats.bootstrap(…, method='BCa') with 200,000 and 400,000 resamples; ours draws fewer, so its ends wander a little.
  const SKEWED = [
    8.26, 6.33, 10.4, 5.27, 5.35, 5.61, 6.12, 6.19, 5.2, 7.01, 8.74, 7.78, 7.02, 6, 6.5, 5.8, 5.12, 7.41, 6.52, 6.21,
    12.28, 5.6, 5.38, 6.6, 8.74,
  ];

  test('of a mean and of a coefficient of variation lies where SciPy has it', () => {
    const mean = bootstrap([SKEWED], ([group = []]) => meanOf(group), { draws: 40_000 });
    expect(mean.method).toBe('BCa');
    expect(mean.estimate).toBeCloseTo(6.8576, 10);
    expect(Math.abs(mean.low - 6.3232)).toBeLessThan(0.03);
    expect(Math.abs(mean.high - 7.7192)).toBeLessThan(0.03);
    const spread = bootstrap([SKEWED], ([group = []]) => deviationOf(group) / meanOf(group), { draws: 40_000 });
    expect(Math.abs(spread.low - 0.17918841508095545)).toBeLessThan(0.004);
    expect(Math.abs(spread.high - 0.3543542758196144)).toBeLessThan(0.006);
  });

  test('of a difference of two groups', () => {
    const { low, high, estimate } = bootstrapDifference(FIRST, SECOND, { draws: 40_000 });
    expect(estimate).toBeCloseTo(0.0181, 10);
    expect(Math.abs(low - 0.0088)).toBeLessThan(0.0005);
    expect(Math.abs(high - 0.02645)).toBeLessThan(0.0005);
  });

  test('gives the same for the same seed, holds the estimate of a mean, and never leaves what was seen', () => {
    const group = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 15 });
    fc.assert(
      fc.property(group, fc.integer(), (values, seed) => {
        const options = { draws: 200, seed };
        const once = bootstrap([values], ([one = []]) => meanOf(one), options);
        expect(bootstrap([values], ([one = []]) => meanOf(one), options)).toEqual(once);
        expect(once.low).toBeLessThanOrEqual(once.high);
        expect(once.low).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9);
        expect(once.high).toBeLessThanOrEqual(Math.max(...values) + 1e-9);
      }),
      { numRuns: 60 },
    );
    const [one, two] = [1, 2].map((seed) => bootstrapDifference(FIRST, SECOND, { draws: 500, seed }));
    expect(one).not.toEqual(two);
  });

  test('of equal readings is a point, by percentiles', () => {
    expect(bootstrapDifference([1, 1], [1, 1])).toEqual({ estimate: 0, low: 0, high: 0, method: 'percentile' });
    expect(() => bootstrapDifference([], [1])).toThrow(RangeError);
  });
});

describe('correlation', () => {
  const x = [3.1, 2.2, 5.0, 4.4, 4.4, 1.0, 6.2];
  const y = [2.0, 2.5, 4.1, 4.9, 3.3, 1.9, 7.7];

  test('pearsonr, spearmanr', () => {
    close(pearson(x, y).r ?? 0, 0.8590407575216281);
    close(spearman(x, y).r ?? 0, 0.900937462695559);
  });

  test('leaves out pairs with a gap, and says how many remain', () => {
    expect(pearson([1, null, 3, Number.NaN, 5], [2, 9, 6, 1, 10])).toEqual({ r: 1, n: 3 });
    expect(spearman([1, 1, 1], [1, 2, 3])).toEqual({ r: null, n: 3 });
    expect(ranksOf([10, 20, 10, 5])).toEqual([2.5, 4, 2.5, 1]);
  });

  test("Spearman's stays when a figure is stretched without changing its order", () => {
    const pairs = fc.array(fc.tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: -99, max: 99 })), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(pairs, (list) => {
        const [a, b] = [list.map(([p]) => p), list.map(([, q]) => q)];
        const stretched = a.map((value) => Math.exp(value / 20));
        const [plain, after] = [spearman(a, b).r, spearman(stretched, b).r];
        if (plain === null) expect(after).toBeNull();
        else expect(after).toBeCloseTo(plain, 12);
        const r = pearson(a, b).r;
        if (r !== null) expect(Math.abs(r)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('a regression', () => {
  const seeds = [0.91, 0.92, 0.93];
  // mean 0.92, s 0.01, t.ppf(.975, 2) = 4.302652729911275: reach 0.0496827…
  test('is a reading outside of what one more seed of the baseline would give', () => {
    const result = regression(seeds, 0.85, 'maximise');
    expect(result).toMatchObject({ status: 'worse', n: 3 });
    expect(result?.low).toBeCloseTo(0.92 - 4.302652729911275 * 0.01 * Math.sqrt(4 / 3), 10);
    expect(regression(seeds, 0.9, 'maximise')?.status).toBe('within');
    expect(regression(seeds, 0.99, 'maximise')?.status).toBe('better');
    expect(regression(seeds, 0.99, 'minimise')?.status).toBe('worse');
    expect(regression(seeds, Number.POSITIVE_INFINITY, 'minimise')?.status).toBe('worse');
  });

  test('is not called without knowing the noise', () => {
    expect(regression([0.9, 0.91], 0.1, 'maximise')).toMatchObject({ status: 'unknown', low: null });
    expect(regression([], 1, 'minimise')).toBeNull();
    expect(regression(seeds, Number.NaN, 'minimise')).toBeNull();
  });
});
