/**
 * Which parameters matter: a random forest learns how the parameters lead to a metric, and the variance of what it has
 * learnt is shared out among single parameters and pairs of them (functional ANOVA). It says what the forest has learnt of
 * the trials that there are: see `fit`, and what {@link importance} refuses.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { generator } from '../seed.ts';
import { type Dimension, dimensionOf, type Setting } from './encode.ts';
import { growTree, predict } from './forest.ts';
import { decompose } from './variance.ts';

/** Trials in a table: `rows[i][j]` is what parameter `names[j]` was in trial i, null where it was not set. */
export interface Trials {
  names: readonly string[];
  rows: readonly (readonly Setting[])[];
  /** What each trial reached. */
  target: readonly number[];
}

export interface ImportanceOptions {
  /** 1 by default: the same trials give the same shares. */
  seed?: number;
  trees?: number;
  /** Called after each tree. */
  onProgress?: (done: number, total: number) => void;
}

export interface Importance {
  /** Trials that it was computed from. */
  n: number;
  /** Mean share of the variance over the trees and its standard deviation among them; greatest first. */
  single: { name: string; share: number; std: number }[];
  pairs: { first: string; second: string; share: number; std: number }[];
  /** R² on examples that a tree has not seen; null where none was left out. */
  fit: number | null;
}

/** With fewer trials a forest learns nothing that could be believed. */
export const FEWEST_TRIALS = 8;
/** As in the paper that fANOVA comes from. */
const FEATURES = 5 / 6;
const TREES = 64;
const LEAF = 2;

/**
 * Shares the variance of a metric out among parameters.
 * @throws RangeError for fewer than {@link FEWEST_TRIALS} trials with a finite metric, when no parameter varies, or when
 * the metric is the same in all
 */
export async function importance(
  trials: Trials,
  { seed = 1, trees = TREES, onProgress }: ImportanceOptions = {},
): Promise<Importance> {
  const kept = trials.rows.flatMap((row, at) => {
    const value = trials.target[at] ?? Number.NaN;
    return Number.isFinite(value) ? [{ row, value }] : [];
  });
  if (kept.length < FEWEST_TRIALS) {
    throw new RangeError(
      `importance needs at least ${FEWEST_TRIALS} trials with a finite metric; there are ${kept.length}`,
    );
  }
  const target = Float64Array.from(kept, ({ value }) => value);
  if (new Set(target).size < 2)
    throw new RangeError('the metric is the same in all trials: there is no variance to share');
  const dimensions = trials.names
    .map((name, at) =>
      dimensionOf(
        name,
        kept.map(({ row }) => row[at] ?? null),
        target,
      ),
    )
    .filter((dimension) => dimension !== null);
  if (dimensions.length === 0) throw new RangeError('no parameter differs between the trials');
  return measure(dimensions, target, { seed, trees, onProgress });
}

async function measure(
  dimensions: readonly Dimension[],
  target: Float64Array,
  { seed, trees, onProgress }: { seed: number; trees: number; onProgress: ImportanceOptions['onProgress'] },
): Promise<Importance> {
  const columns = dimensions.map(({ values }) => values);
  const extents = dimensions.map(({ extent }) => extent);
  const random = generator(seed);
  const single = dimensions.map((): number[] => []);
  const pairs = dimensions.map(() => dimensions.map((): number[] => []));
  const said = Array.from(target, () => ({ sum: 0, count: 0 }));
  for (let nth = 0; nth < trees; nth++) {
    const { tree, unseen } = growTree(columns, target, { trees, leaf: LEAF, features: FEATURES, random });
    for (const at of unseen) {
      const own = said[at];
      if (!own) continue;
      own.sum += predict(tree, columns, at);
      own.count++;
    }
    const variance = decompose(tree, extents);
    // A tree of one leaf has learnt nothing, and has nothing to share out.
    if (variance.total > 0) {
      variance.single.forEach((value, i) => {
        single[i]?.push(value / variance.total);
        variance.pairs[i]?.forEach((both, j) => {
          if (j > i) pairs[i]?.[j]?.push(both / variance.total);
        });
      });
    }
    onProgress?.(nth + 1, trees);
    // An interrupt, and what was printed, have their turn.
    await nextTurn();
  }
  const nameAt = (at: number): string => dimensions[at]?.name ?? '';
  return {
    n: target.length,
    single: single.map((shares, at) => ({ name: nameAt(at), ...spread(shares) })).sort((a, b) => b.share - a.share),
    pairs: pairs
      .flatMap((row, i) =>
        row.flatMap((shares, j) => (j > i ? [{ first: nameAt(i), second: nameAt(j), ...spread(shares) }] : [])),
      )
      .sort((a, b) => b.share - a.share),
    fit: fitOf(said, target),
  };
}

function spread(values: readonly number[]): { share: number; std: number } {
  if (values.length === 0) return { share: 0, std: 0 };
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { share: mean, std: values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1)) };
}

function fitOf(said: readonly { sum: number; count: number }[], target: Float64Array): number | null {
  const known = said.flatMap(({ sum, count }, at) => (count > 0 ? [{ said: sum / count, is: target[at] ?? 0 }] : []));
  if (known.length < 2) return null;
  const mean = known.reduce((sum, { is }) => sum + is, 0) / known.length;
  const total = known.reduce((sum, { is }) => sum + (is - mean) ** 2, 0);
  const left = known.reduce((sum, one) => sum + (one.is - one.said) ** 2, 0);
  return total > 0 ? 1 - left / total : null;
}
