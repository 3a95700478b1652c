/**
 * McNemar's test: two classifiers on the same examples. Only the examples on which one is right and the other wrong say
 * anything about which is better; if neither were, these would fall either way like a fair coin.
 */
import { binomialAt, binomialBelow, chiSquareTail } from './distributions.ts';

/** How two classifiers did on the same examples, counted. */
export interface PairedCounts {
  bothRight: number;
  /** Only the first was right: `b` of the textbooks. */
  onlyFirst: number;
  /** Only the second was right: `c`. */
  onlySecond: number;
  bothWrong: number;
}

/** The four ways to read the same two counts. p-values are two-sided. */
export interface McNemar {
  /** (b − c)² / (b + c), on one degree of freedom: McNemar, Psychometrika 12 (1947). */
  chiSquare: number;
  p: number;
  /** (|b − c| − 1)² / (b + c), with the continuity correction of Edwards, Psychometrika 13 (1948). */
  correctedChiSquare: number;
  correctedP: number;
  /** Twice the binomial tail of the smaller count, at most 1. */
  exactP: number;
  /**
   * The exact p less the chance of the very count seen: Fagerland, Lydersen & Laake, BMC Medical Research Methodology
   * 13:91 (2013), who find it the best of the four. This is what verdicts go by.
   */
  midP: number;
}

/**
 * Tests `b` against `c`, the examples that only the first and only the second got right.
 * @throws RangeError when a count is negative or not whole
 */
export function mcNemar(b: number, c: number): McNemar {
  for (const count of [b, c]) {
    if (!Number.isInteger(count) || count < 0) throw new RangeError(`McNemar's test needs counts, not ${count}`);
  }
  const n = b + c;
  if (n === 0) return { chiSquare: 0, p: 1, correctedChiSquare: 0, correctedP: 1, exactP: 1, midP: 1 };
  const chiSquare = (b - c) ** 2 / n;
  const correctedChiSquare = Math.max(0, Math.abs(b - c) - 1) ** 2 / n;
  const fewer = Math.min(b, c);
  const below = fewer === 0 ? 0 : binomialBelow(fewer - 1, n, 0.5);
  const at = binomialAt(fewer, n, 0.5);
  return {
    ...{ chiSquare, p: chiSquareTail(chiSquare, 1) },
    ...{ correctedChiSquare, correctedP: chiSquareTail(correctedChiSquare, 1) },
    exactP: Math.min(1, 2 * (below + at)),
    midP: b === c ? 1 : Math.min(1, 2 * below + at),
  };
}

/** Counts how two classifiers did on the same examples, which stand in the same order. */
export function countPairs(first: readonly boolean[], second: readonly boolean[]): PairedCounts {
  if (first.length !== second.length) {
    throw new RangeError(`pairs need the same examples: ${first.length} of the first, ${second.length} of the second`);
  }
  const counts: PairedCounts = { bothRight: 0, onlyFirst: 0, onlySecond: 0, bothWrong: 0 };
  first.forEach((right, index) => {
    const other = second[index] === true;
    counts[right ? (other ? 'bothRight' : 'onlyFirst') : other ? 'onlySecond' : 'bothWrong']++;
  });
  return counts;
}
