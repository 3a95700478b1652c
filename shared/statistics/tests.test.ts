import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cochranQ, pairwise } from './cochran.ts';
import {
  binomialBelow,
  chiSquareTail,
  normalBelow,
  normalQuantile,
  studentQuantile,
  studentTails,
} from './distributions.ts';
import { holm } from './holm.ts';
import { countPairs, mcNemar } from './mcnemar.ts';
import { close, FIRST, SECOND } from './testing.ts';
import { effectSize, welch } from './welch.ts';

describe('distributions', () => {
  test('χ² tails keep their digits far out: chi2.sf', () => {
    close(chiSquareTail(0.5, 1), 0.47950012218695337);
    close(chiSquareTail(3.84, 1), 0.05004352124870519);
    close(chiSquareTail(10, 3), 0.01856613546304325);
    close(chiSquareTail(100, 2), 1.9287498479639183e-22);
    close(chiSquareTail(800, 1), 5.395865611607819e-176);
    expect(chiSquareTail(0, 1)).toBe(1);
    expect(() => chiSquareTail(1, 0)).toThrow(/above 0/);
  });

  test("Student's t: 2·t.sf, t.ppf", () => {
    close(studentTails(0.3, 2), 0.7924856608401776);
    close(studentTails(-2.5, 7.3), 0.03965023466560043);
    close(studentTails(12, 30), 5.580185415199261e-13);
    close(studentTails(40, 100), 2.462107602140071e-63);
    close(studentQuantile(0.975, 4), 2.7764451051977934);
    close(studentQuantile(0.95, 2), 2.9199855803537242);
    close(studentQuantile(0.975, 6.4), 2.410314499647891, 1e-8);
    expect(studentTails(Number.POSITIVE_INFINITY, 3)).toBe(0);
  });

  test('normal and binomial: norm.cdf, norm.ppf, binom.cdf', () => {
    close(normalBelow(-3.2), 0.0006871379379158471);
    close(normalQuantile(0.975), 1.959963984540054);
    expect(binomialBelow(4, 4, 0.5)).toBe(1);
  });
});

describe("McNemar's test", () => {
  test('18 against 33, all four ways', () => {
    const result = mcNemar(18, 33);
    close(result.chiSquare, 4.411764705882353);
    close(result.p, 0.03569190011680438);
    close(result.correctedChiSquare, 3.843137254901961);
    close(result.correctedP, 0.04994997645474623);
    // binomtest(18, 51).pvalue; 2·binom.cdf(18, 51, .5) − binom.pmf(18, 51, .5)
    close(result.exactP, 0.04887389231827033);
    close(result.midP, 0.036483400008359784);
  });

  test.each([
    [1, 9, 6.4, 0.01141203638600166, 0.021484375, 0.01171875],
    [0, 5, 5, 0.025347318677468325, 0.0625, 0.03125],
    [59, 6, 43.215384615384615, 4.9033614331951344e-11, 4.964650327128616e-12, 2.7258031986068867e-12],
    [121, 150, 3.103321033210332, 0.07813275427867895, 0.0887796125701743, 0.07849045296058092],
  ])('%i against %i', (b, c, chiSquare, p, exactP, midP) => {
    const result = mcNemar(b, c);
    close(result.chiSquare, chiSquare);
    close(result.p, p);
    close(result.exactP, exactP);
    close(result.midP, midP);
  });

  test('says nothing where nothing differs, and refuses what is no count', () => {
    expect(mcNemar(0, 0)).toMatchObject({ p: 1, correctedP: 1, exactP: 1, midP: 1 });
    expect(mcNemar(10, 10)).toMatchObject({ p: 1, exactP: 1, midP: 1 });
    expect(() => mcNemar(-1, 3)).toThrow(RangeError);
    expect(() => mcNemar(1.5, 3)).toThrow(RangeError);
  });

  test('is the same both ways round, and mid-p is never above exact', () => {
    const count = fc.integer({ min: 0, max: 4000 });
    fc.assert(
      fc.property(count, count, (b, c) => {
        const result = mcNemar(b, c);
        expect(mcNemar(c, b)).toEqual(result);
        expect(result.midP).toBeLessThanOrEqual(result.exactP);
        for (const p of [result.p, result.correctedP, result.exactP, result.midP]) {
          expect(p).toBeGreaterThanOrEqual(0);
          expect(p).toBeLessThanOrEqual(1);
        }
        expect(result.correctedP).toBeGreaterThanOrEqual(result.p);
      }),
    );
  });
});

describe("Cochran's Q", () => {
  const rows = [
    [1, 1, 1],
    [1, 1, 0],
    [1, 0, 0],
    [1, 1, 1],
    [1, 1, 0],
    [0, 1, 0],
    [1, 1, 0],
    [1, 0, 0],
    [1, 1, 1],
    [1, 1, 0],
    [0, 0, 0],
    [1, 0, 1],
  ];
  const classifiers = [0, 1, 2].map((at) => rows.map((row) => row[at] === 1));

  test('against the formula in NumPy with chi2.sf', () => {
    const { q, df, p } = cochranQ(classifiers);
    close(q, 7);
    expect(df).toBe(2);
    close(p, 0.0301973834223185);
  });

  test("of two is McNemar's χ² without correction", () => {
    const answers = fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(answers, (pairs) => {
        const [a, b] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
        const counts = countPairs(a, b);
        const expected = mcNemar(counts.onlyFirst, counts.onlySecond);
        close(cochranQ([a, b]).q, expected.chiSquare, 1e-9);
        close(cochranQ([a, b]).p, expected.p, 1e-9);
      }),
    );
  });

  test('is followed by every pair, with adjusted p-values', () => {
    const tests = pairwise(classifiers);
    expect(tests.map(({ first, second }) => [first, second])).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    const [, far] = tests;
    expect(far?.counts).toEqual({ bothRight: 4, onlyFirst: 6, onlySecond: 0, bothWrong: 2 });
    close(far?.adjustedP, 3 * (far?.midP ?? 0));
  });

  test('refuses lists that do not match', () => {
    expect(() => cochranQ([[true]])).toThrow(/two classifiers/);
    expect(() => cochranQ([[true], [true, false]])).toThrow(/same examples/);
    expect(() => countPairs([true], [])).toThrow(/same examples/);
  });
});

describe("Holm's adjustment", () => {
  test('of four by hand', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(12)))).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([])).toEqual([]);
  });

  test('keeps the order, never shrinks a p, and is bounded by Bonferroni', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 }), (ps) => {
        const adjusted = holm(ps);
        ps.forEach((p, i) => {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p);
          expect(adjusted[i]).toBeLessThanOrEqual(Math.min(1, p * ps.length) + 1e-15);
          ps.forEach((other, j) => {
            if (p < other) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j] ?? 0);
          });
        });
      }),
    );
  });
});

describe("Welch's t", () => {
  test('ttest_ind(SECOND, FIRST, equal_var=False) with its interval', () => {
    const result = welch(FIRST, SECOND);
    close(result?.t, 3.562743632784763);
    close(result?.p, 0.01099930675229547);
    close(result?.df, 6.283993532587951);
    close(result?.low, 0.005803741988555499, 1e-7);
    close(result?.high, 0.03039625801144429, 1e-7);
  });

  test("Cohen's d with the pooled deviation in NumPy, and Hedges' correction", () => {
    close(effectSize(FIRST, SECOND)?.d, 2.2274739016858147);
    close(effectSize(FIRST, SECOND)?.g, 1.979976801498502);
  });

  test('says nothing without spread or with single readings', () => {
    expect(welch([1], [2, 3])).toBeNull();
    expect(welch([1, 1], [2, 2])).toBeNull();
    expect(effectSize([1, 1], [2, 2])).toBeNull();
  });

  test('turns its sign with the groups', () => {
    const group = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(group, group, (a, b) => {
        const there = welch(a, b);
        const back = welch(b, a);
        expect(there === null).toBe(back === null);
        if (!there || !back) return;
        expect(back.t).toBeCloseTo(-there.t, 8);
        expect(back.p).toBeCloseTo(there.p, 10);
        expect(there.low).toBeLessThanOrEqual(there.difference);
        expect(there.high).toBeGreaterThanOrEqual(there.difference);
      }),
    );
  });
});
