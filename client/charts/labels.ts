/** Keeps the names at the ends of lines apart. */

/**
 * Moves places (in pixels) apart so that neighbours have at least `gap` between them, within `from`…`to`, moving them as
 * little as possible and keeping their order. Where there is no room for all, the gap shrinks evenly.
 * Returns the new places in the order given.
 */
export function spread(places: readonly number[], gap: number, from: number, to: number): number[] {
  const order = places.map((place, index) => ({ place, index })).sort((a, b) => a.place - b.place || a.index - b.index);
  const room = order.length > 1 ? Math.min(gap, Math.max(0, to - from) / (order.length - 1)) : gap;
  // Clusters of touching labels, each centred on the mean of where its labels want to be.
  const clusters: { members: number[]; wanted: number; count: number; start: number }[] = [];
  const settle = (cluster: { wanted: number; count: number }): number => {
    const length = (cluster.count - 1) * room;
    return Math.min(Math.max(cluster.wanted / cluster.count - length / 2, from), Math.max(from, to - length));
  };
  for (const { place, index } of order) {
    let cluster = { members: [index], wanted: place, count: 1, start: 0 };
    cluster.start = settle(cluster);
    for (
      let above = clusters.at(-1);
      above && above.start + above.count * room > cluster.start;
      above = clusters.at(-1)
    ) {
      clusters.pop();
      cluster = {
        members: [...above.members, ...cluster.members],
        wanted: above.wanted + cluster.wanted,
        count: above.count + cluster.count,
        start: 0,
      };
      cluster.start = settle(cluster);
    }
    clusters.push(cluster);
  }
  const result = [...places];
  for (const { members, start } of clusters) {
    for (const [at, index] of members.entries()) result[index] = start + at * room;
  }
  return result;
}
