/** Histograms over steps, worked out for drawing: where each bin lies on two axes, and how dense it is. Pure. */
import { roundStep } from '../../components/graduations.ts';

/** A histogram as it was logged: `edges` ascending, one more than `counts`. */
export interface Bins {
  step: number;
  edges: readonly number[];
  counts: readonly number[];
}

/**
 * Rows of the picture. Bins are laid onto them, and not drawn as they are: one that is a thousand times narrower than the
 * rest would be a thousand times denser, and all else invisible.
 */
export const ROWS = 96;

/** A rectangle: shares of the width from the left and of the height from below; `dense` 0 to 1 of the densest of all. */
export interface Patch {
  left: number;
  right: number;
  low: number;
  high: number;
  dense: number;
}

export interface Heat {
  patches: Patch[];
  steps: { from: number; to: number };
  values: { from: number; to: number; ticks: number[]; step: number };
}

/**
 * Each histogram stands as a column around its step, half-way to its neighbours, of {@link ROWS} patches at most. Density is
 * the share of the histogram's own values, so that neither the number of values nor that of bins changes the picture.
 * Null when no histogram has any values.
 */
export function heatOf(histograms: readonly Bins[]): Heat | null {
  const all = histograms.filter(({ counts }) => counts.some((count) => count > 0));
  const [first, last] = [all[0], all.at(-1)];
  if (!first || !last) return null;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { edges } of all) {
    low = Math.min(low, edges[0] ?? low);
    high = Math.max(high, edges.at(-1) ?? high);
  }
  // Halves first: the difference of two great numbers may overflow.
  const tall = high / 2 - low / 2;
  const up = (value: number): number => (value / 2 - low / 2) / tall;
  const span = last.step - first.step;
  const across = (step: number): number => (span > 0 ? (step - first.step) / span : 0);
  const middles = all.slice(1).map(({ step }, at) => (across(step) + across(all[at]?.step ?? step)) / 2);
  const patches = all.flatMap(({ edges, counts }, column) => {
    const rows = new Float64Array(ROWS);
    const total = counts.reduce((sum, count) => sum + count, 0);
    for (const [bin, count] of counts.entries()) {
      if (count > 0) spread(rows, up(edges[bin] ?? low), up(edges[bin + 1] ?? high), count / total);
    }
    const sides = { left: column === 0 ? 0 : (middles[column - 1] ?? 0), right: middles[column] ?? 1 };
    return [...rows].flatMap((dense, row): Patch[] =>
      dense > 0 ? [{ ...sides, low: row / ROWS, high: (row + 1) / ROWS, dense }] : [],
    );
  });
  const densest = patches.reduce((most, { dense }) => Math.max(most, dense), 0);
  for (const patch of patches) patch.dense /= densest;
  return {
    patches,
    steps: { from: first.step, to: last.step },
    values: { from: low, to: high, ...ticksOf(low, high) },
  };
}

/** Lays a share of values evenly onto the rows between two heights (0 to 1). */
function spread(rows: Float64Array, low: number, high: number, share: number): void {
  const [from, to] = [Math.max(0, low * ROWS), Math.min(ROWS, high * ROWS)];
  const first = Math.min(ROWS - 1, Math.floor(from));
  const add = (row: number, part: number): void => {
    rows[row] = (rows[row] ?? 0) + share * part;
  };
  if (to <= first + 1) {
    add(first, 1);
    return;
  }
  for (let row = first; row < to; row++) add(row, (Math.min(to, row + 1) - Math.max(from, row)) / (to - from));
}

/** About four round values between two. */
export function ticksOf(low: number, high: number): { ticks: number[]; step: number } {
  const step = roundStep(high / 4 - low / 4);
  const first = Math.ceil(low / step);
  const count = Math.min(12, Math.max(0, Math.floor(high / step) - first + 1));
  return {
    step,
    ticks: Array.from({ length: count }, (_, at) => Number(((first + at) * step).toPrecision(12))),
  };
}

/** How many values there are, and between which edges the most of them, by width, lie; null: there are none. */
export function peakOf({ edges, counts }: Omit<Bins, 'step'>): { total: number; from: number; to: number } | null {
  let best = -1;
  let total = 0;
  const width = (bin: number): number => (edges[bin + 1] ?? 0) - (edges[bin] ?? 0);
  for (const [bin, count] of counts.entries()) {
    total += count;
    if (count > 0 && (best < 0 || count / width(bin) > (counts[best] ?? 0) / width(best))) best = bin;
  }
  return best < 0 ? null : { total, from: edges[best] ?? 0, to: edges[best + 1] ?? 0 };
}
