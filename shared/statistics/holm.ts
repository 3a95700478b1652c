/** What many tests at once do to a p-value. */

/**
 * Adjusts p-values for having been asked together, so that the chance of any false alarm among them stays what one
 * reader accepts: Holm, Scandinavian Journal of Statistics 6 (1979). Given in the order of `ps`; each at most 1, none
 * smaller than it was, and in the same order of size.
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, index) => index).sort((a, b) => (ps[a] ?? 0) - (ps[b] ?? 0));
  const adjusted = new Array<number>(ps.length).fill(1);
  let least = 0;
  order.forEach((at, rank) => {
    least = Math.max(least, Math.min(1, (ps.length - rank) * (ps[at] ?? 1)));
    adjusted[at] = least;
  });
  return adjusted;
}
