/**
 * Functional analysis of variance of one tree: Hutter, Hoos & Leyton-Brown, An Efficient Approach for Assessing
 * Hyperparameter Importance (ICML 2014). A tree is constant on boxes, so its marginals over any dimensions are exact sums
 * over leaves, and no sampling is needed.
 */
import type { Tree } from './forest.ts';

/** Extent of a dimension: chance is spread evenly from `low` to `high`. */
export interface Extent {
  low: number;
  high: number;
}

/** Variance of the tree, and how much of it each dimension and each two account for. */
export interface Decomposition {
  total: number;
  single: number[];
  /** `pairs[i][j]` for i < j: what the two account for together and neither alone. */
  pairs: number[][];
}

interface Leaf {
  value: number;
  low: number[];
  high: number[];
}

/** Decomposes the variance of a tree over the box that the extents span. */
export function decompose(tree: Tree, extents: readonly Extent[]): Decomposition {
  const leaves = leavesOf(tree, extents);
  const share = (leaf: Leaf, at: number): number => {
    const { low, high } = extents[at] ?? { low: 0, high: 1 };
    return ((leaf.high[at] ?? 0) - (leaf.low[at] ?? 0)) / (high - low);
  };
  const volumes = leaves.map((leaf) => extents.reduce((product, _, at) => product * share(leaf, at), 1));
  const mean = leaves.reduce((sum, { value }, at) => sum + value * (volumes[at] ?? 0), 0);
  const total = leaves.reduce((sum, { value }, at) => sum + (volumes[at] ?? 0) * (value - mean) ** 2, 0);
  const edges = extents.map(({ low, high }, at) => {
    const all = new Set([low, high, ...leaves.flatMap((leaf) => [leaf.low[at] ?? low, leaf.high[at] ?? high])]);
    return [...all].sort((a, b) => a - b);
  });
  const places = edges.map((all) => new Map(all.map((edge, at) => [edge, at])));
  const widths = edges.map((all, at) => {
    const { low, high } = extents[at] ?? { low: 0, high: 1 };
    return all.slice(1).map((edge, cell) => (edge - (all[cell] ?? 0)) / (high - low));
  });
  const between = (leaf: Leaf, at: number): [number, number] => [
    places[at]?.get(leaf.low[at] ?? 0) ?? 0,
    places[at]?.get(leaf.high[at] ?? 0) ?? 0,
  ];

  /** Marginals of one dimension less the mean, cell by cell. */
  const marginals = extents.map((_, at) => {
    const steps = new Float64Array(edges[at]?.length ?? 0);
    leaves.forEach((leaf, nth) => {
      const [from, to] = between(leaf, at);
      const weight = (leaf.value * (volumes[nth] ?? 0)) / share(leaf, at);
      steps[from] = (steps[from] ?? 0) + weight;
      steps[to] = (steps[to] ?? 0) - weight;
    });
    return prefixed(steps).map((value) => value - mean);
  });
  const single = marginals.map((cells, at) =>
    (widths[at] ?? []).reduce((sum, width, cell) => sum + width * (cells[cell] ?? 0) ** 2, 0),
  );
  const pairs = extents.map((_, i) =>
    extents.map((__, j) => {
      if (j <= i || single.length < 2) return 0;
      return pairVariance(i, j);
    }),
  );
  return { total, single, pairs };

  function pairVariance(i: number, j: number): number {
    const [rows, columns] = [edges[i]?.length ?? 0, edges[j]?.length ?? 0];
    // Corners of each leaf's rectangle; sums over both directions then give what lies on each cell.
    const corners = new Float64Array(rows * columns);
    const put = (row: number, column: number, weight: number): void => {
      corners[row * columns + column] = (corners[row * columns + column] ?? 0) + weight;
    };
    leaves.forEach((leaf, nth) => {
      const [top, bottom] = between(leaf, i);
      const [left, right] = between(leaf, j);
      const weight = (leaf.value * (volumes[nth] ?? 0)) / (share(leaf, i) * share(leaf, j));
      put(top, left, weight);
      put(top, right, -weight);
      put(bottom, left, -weight);
      put(bottom, right, weight);
    });
    let variance = 0;
    let above = new Float64Array(columns);
    for (let row = 0; row < rows - 1; row++) {
      const own = corners.subarray(row * columns, (row + 1) * columns);
      above = above.map((value, at) => value + (own[at] ?? 0));
      let value = 0;
      for (let column = 0; column < columns - 1; column++) {
        value += above[column] ?? 0;
        const alone = (marginals[i]?.[row] ?? 0) + (marginals[j]?.[column] ?? 0);
        variance += (widths[i]?.[row] ?? 0) * (widths[j]?.[column] ?? 0) * (value - mean - alone) ** 2;
      }
    }
    return variance;
  }
}

function prefixed(steps: Float64Array): number[] {
  let sum = 0;
  return [...steps].map((step) => {
    sum += step;
    return sum;
  });
}

function leavesOf(tree: Tree, extents: readonly Extent[]): Leaf[] {
  const leaves: Leaf[] = [];
  const walk = (node: Tree, low: number[], high: number[]): void => {
    if (!('low' in node)) {
      leaves.push({ value: node.value, low, high });
      return;
    }
    const { dimension, threshold } = node;
    walk(node.low, low, high.with(dimension, threshold));
    walk(node.high, low.with(dimension, threshold), high);
  };
  walk(
    tree,
    extents.map(({ low }) => low),
    extents.map(({ high }) => high),
  );
  return leaves;
}
