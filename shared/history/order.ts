/** Which things of a list kept their place in another: what is left is what moved. */

/**
 * The ids that both lists hold and that need not move to turn one order into the other: a longest run of `after` that
 * is in the order of `before`.
 */
export function keptInPlace(before: readonly string[], after: readonly string[]): Set<string> {
  const rank = new Map(before.map((id, index) => [id, index]));
  const sequence = after.flatMap((id) => {
    const at = rank.get(id);
    return at === undefined ? [] : [{ id, at }];
  });
  // The least end of an increasing run of each length, and before which each element stands in its run.
  const ends: number[] = [];
  const previous: number[] = [];
  sequence.forEach(({ at }, index) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sequence[ends[middle] ?? 0]?.at ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    previous.push(ends[low - 1] ?? -1);
    ends[low] = index;
  });
  const kept = new Set<string>();
  for (let index = ends.at(-1) ?? -1; index >= 0; index = previous[index] ?? -1) kept.add(sequence[index]?.id ?? '');
  return kept;
}
