/** How two figures go together over many trials. Pairs in which either is missing or not finite are left out. */
import { meanOf } from './sample.ts';

export interface Correlation {
  /** From −1 to 1; null where one of the two does not vary. */
  r: number | null;
  /** Pairs that it was computed from. */
  n: number;
}

/** Pearson's r: how near the pairs lie to a straight line (Pearson, Proc. Royal Society 58, 1895). */
export function pearson(first: readonly (number | null)[], second: readonly (number | null)[]): Correlation {
  const [a, b] = completePairs(first, second);
  return { r: pearsonOf(a, b), n: a.length };
}

/** Spearman's ρ: Pearson's r of the ranks, equal values sharing theirs (Spearman, American Journal of Psychology 15, 1904). */
export function spearman(first: readonly (number | null)[], second: readonly (number | null)[]): Correlation {
  const [a, b] = completePairs(first, second);
  return { r: pearsonOf(ranksOf(a), ranksOf(b)), n: a.length };
}

/** Ranks from 1; equal values get the mean of the ranks that they take up together. */
export function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Array<number>(values.length).fill(0);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to++;
    for (let at = from; at < to; at++) ranks[order[at] ?? 0] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

function completePairs(first: readonly (number | null)[], second: readonly (number | null)[]): [number[], number[]] {
  const kept: [number[], number[]] = [[], []];
  first.forEach((a, index) => {
    const b = second[index] ?? null;
    if (a === null || b === null || !Number.isFinite(a) || !Number.isFinite(b)) return;
    kept[0].push(a);
    kept[1].push(b);
  });
  return kept;
}

function pearsonOf(a: readonly number[], b: readonly number[]): number | null {
  if (a.length < 2) return null;
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  let [both, ofA, ofB] = [0, 0, 0];
  a.forEach((value, index) => {
    const [x, y] = [value - meanA, (b[index] ?? 0) - meanB];
    both += x * y;
    ofA += x * x;
    ofB += y * y;
  });
  const r = both / Math.sqrt(ofA * ofB);
  return Number.isFinite(r) ? Math.min(1, Math.max(-1, r)) : null;
}
