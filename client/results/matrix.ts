/** How a confusion matrix is shown: which classes, and what the colour of a cell means. */

/** Counts, or shares of a row (what became of the class) or of a column (what the answer was worth). */
export type Normalised = 'counts' | 'rows' | 'columns';

/** Most classes that are shown at once. */
export const MOST_SHOWN = 40;

/** Class numbers to show: all, or those with the most errors, in their own order. */
export function shownClasses(confusion: readonly number[], classes: number, most = MOST_SHOWN): number[] {
  const all = Array.from({ length: classes }, (_, number) => number);
  if (classes <= most) return all;
  const errors = all.map((number) =>
    all.reduce(
      (sum, other) =>
        other === number
          ? sum
          : sum + (confusion[number * classes + other] ?? 0) + (confusion[other * classes + number] ?? 0),
      0,
    ),
  );
  return all
    .sort((a, b) => (errors[b] ?? 0) - (errors[a] ?? 0) || a - b)
    .slice(0, most)
    .sort((a, b) => a - b);
}

/** The value of each cell: a count, or a share that is null where its row or column is empty. */
export function valuesOf(confusion: readonly number[], classes: number, normalised: Normalised): (number | null)[] {
  if (normalised === 'counts') return [...confusion];
  const sums = new Array<number>(classes).fill(0);
  const lineOf = (cell: number): number => (normalised === 'rows' ? Math.floor(cell / classes) : cell % classes);
  for (const [cell, value] of confusion.entries()) sums[lineOf(cell)] = (sums[lineOf(cell)] ?? 0) + value;
  return confusion.map((value, cell) => {
    const sum = sums[lineOf(cell)] ?? 0;
    return sum === 0 ? null : value / sum;
  });
}

/**
 * How strongly a cell is tinted, 0 to 1. Hits and errors are each measured against the greatest of their kind, errors by the
 * square root, or they would all be pale beside the hits.
 */
export function tintsOf(values: readonly (number | null)[], classes: number): number[] {
  const isHit = (cell: number): boolean => Math.floor(cell / classes) === cell % classes;
  const greatest = (hits: boolean): number =>
    values.reduce<number>((most, value, cell) => (isHit(cell) === hits ? Math.max(most, value ?? 0) : most), 0);
  const [hit, error] = [greatest(true), greatest(false)];
  return values.map((value, cell) => {
    if (!value) return 0;
    return isHit(cell) ? value / (hit || 1) : Math.sqrt(value / (error || 1));
  });
}
