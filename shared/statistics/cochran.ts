/**
 * Cochran's Q: whether any of several classifiers differs from the others on the same examples; McNemar's test between
 * each two, with Holm's adjustment, then says which.
 */
import { chiSquareTail } from './distributions.ts';
import { holm } from './holm.ts';
import { countPairs, type McNemar, mcNemar, type PairedCounts } from './mcnemar.ts';

export interface CochranQ {
  q: number;
  /** Degrees of freedom: classifiers less one. */
  df: number;
  p: number;
}

/**
 * `classifiers[i][j]`: whether classifier i was right on example j. Examples on which all agree add nothing to Q.
 * Q = (k−1)·(k·ΣG² − (ΣG)²) / (k·ΣL − ΣL²): Cochran, Biometrika 37 (1950); G: right answers of a classifier, L: of an example.
 * @throws RangeError for fewer than two classifiers, or of unequal length
 */
export function cochranQ(classifiers: readonly (readonly boolean[])[]): CochranQ {
  const k = classifiers.length;
  const n = classifiers[0]?.length ?? 0;
  if (k < 2) throw new RangeError(`Cochran's Q needs at least two classifiers, not ${k}`);
  if (classifiers.some(({ length }) => length !== n))
    throw new RangeError("Cochran's Q needs the same examples of all");
  const columns = classifiers.map((right) => right.filter(Boolean).length);
  let rows = 0;
  let squares = 0;
  for (let example = 0; example < n; example++) {
    const right = classifiers.reduce((sum, one) => sum + Number(one[example]), 0);
    rows += right;
    squares += right * right;
  }
  const above = (k - 1) * (k * columns.reduce((sum, g) => sum + g * g, 0) - rows * rows);
  const below = k * rows - squares;
  const q = below === 0 ? 0 : above / below;
  return { q, df: k - 1, p: chiSquareTail(q, k - 1) };
}

/** McNemar's test between two of several classifiers. */
export interface PairedTest extends McNemar {
  /** Places of the two. */
  first: number;
  second: number;
  counts: PairedCounts;
  /** The mid-p, adjusted for all pairs that were tested together. */
  adjustedP: number;
}

/** Tests each two of the classifiers; see {@link cochranQ} for the argument. */
export function pairwise(classifiers: readonly (readonly boolean[])[]): PairedTest[] {
  const tests = classifiers.flatMap((one, first) =>
    classifiers.slice(first + 1).map((other, offset) => {
      const counts = countPairs(one, other);
      return { first, second: first + 1 + offset, counts, ...mcNemar(counts.onlyFirst, counts.onlySecond) };
    }),
  );
  const adjusted = holm(tests.map(({ midP }) => midP));
  return tests.map((test, index) => ({ ...test, adjustedP: adjusted[index] ?? 1 }));
}
