/**
 * Regression trees and a forest of them (Breiman, Machine Learning 45, 2001), small and open: unlike a forest that only
 * predicts, this one lets its leaves be looked at as boxes, which is what the analysis of variance needs.
 */

/** A leaf, or a split: what is at most `threshold` in dimension `dimension` goes to `low`. */
export type Tree = { value: number } | { dimension: number; threshold: number; low: Tree; high: Tree };

export interface ForestOptions {
  trees: number;
  /** Fewest examples of a leaf. */
  leaf: number;
  /** Share of the dimensions that each split may choose from. */
  features: number;
  /** Numbers from 0 to 1, seeded. */
  random: () => number;
}

/** A tree with the examples that it has not seen. */
export interface Grown {
  tree: Tree;
  unseen: number[];
}

/** Grows one tree on a bootstrap sample. `columns[d][i]`: example i in dimension d. */
export function growTree(
  columns: readonly Float64Array[],
  target: Float64Array,
  { leaf, features, random }: ForestOptions,
): Grown {
  const n = target.length;
  const drawn = Uint32Array.from({ length: n }, () => Math.floor(random() * n));
  const seen = new Uint8Array(n);
  for (const at of drawn) seen[at] = 1;
  const tries = Math.max(1, Math.ceil(features * columns.length));
  const grow = (examples: Uint32Array): Tree => {
    const split = examples.length >= 2 * leaf ? bestSplit(columns, target, examples, { tries, leaf, random }) : null;
    if (!split) return { value: meanAt(target, examples) };
    const { dimension, threshold } = split;
    const column = columns[dimension] ?? new Float64Array(0);
    return {
      ...{ dimension, threshold },
      low: grow(examples.filter((at) => (column[at] ?? 0) <= threshold)),
      high: grow(examples.filter((at) => (column[at] ?? 0) > threshold)),
    };
  };
  const unseen: number[] = [];
  for (let at = 0; at < n; at++) if (!seen[at]) unseen.push(at);
  return { tree: grow(drawn), unseen };
}

/** What a tree says of example `at`. */
export function predict(tree: Tree, columns: readonly Float64Array[], at: number): number {
  let node = tree;
  while ('low' in node) node = (columns[node.dimension]?.[at] ?? 0) <= node.threshold ? node.low : node.high;
  return node.value;
}

function meanAt(target: Float64Array, examples: Uint32Array): number {
  let sum = 0;
  for (const at of examples) sum += target[at] ?? 0;
  return sum / examples.length;
}

interface Split {
  dimension: number;
  threshold: number;
  gain: number;
}

/** The split that leaves the least variance, among some dimensions drawn by chance; null when none leaves less. */
function bestSplit(
  columns: readonly Float64Array[],
  target: Float64Array,
  examples: Uint32Array,
  { tries, leaf, random }: { tries: number; leaf: number; random: () => number },
): Split | null {
  let best: Split | null = null;
  for (const dimension of draw(columns.length, tries, random)) {
    const column = columns[dimension] ?? new Float64Array(0);
    const split = splitOf(column, target, examples, leaf);
    if (split && split.gain > (best?.gain ?? 1e-12)) best = { dimension, ...split };
  }
  return best;
}

function splitOf(
  column: Float64Array,
  target: Float64Array,
  examples: Uint32Array,
  leaf: number,
): Omit<Split, 'dimension'> | null {
  const sorted = examples.slice().sort((a, b) => (column[a] ?? 0) - (column[b] ?? 0));
  const n = sorted.length;
  // Around their mean, so that equal targets give a gain of nothing and not of rounding.
  const mean = meanAt(target, examples);
  let [below, best, threshold] = [0, 0, Number.NaN];
  for (let i = 1; i < n; i++) {
    below += (target[sorted[i - 1] ?? 0] ?? 0) - mean;
    const [left, right] = [column[sorted[i - 1] ?? 0] ?? 0, column[sorted[i] ?? 0] ?? 0];
    if (i < leaf || n - i < leaf || left === right) continue;
    // What the variance is reduced by, times n: the sums of both sides are each other's negative.
    const gain = (below * below) / i + (below * below) / (n - i);
    if (gain > best) [best, threshold] = [gain, left + (right - left) / 2];
  }
  return Number.isNaN(threshold) ? null : { threshold, gain: best };
}

/** `count` different numbers below `of`, in the order they were drawn. */
function draw(of: number, count: number, random: () => number): number[] {
  const left = Array.from({ length: of }, (_, at) => at);
  return Array.from({ length: Math.min(count, of) }, () => left.splice(Math.floor(random() * left.length), 1)[0] ?? 0);
}
