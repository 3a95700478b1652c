/** Which other examples are most like one: exact search by Euclidean distance over a bounded number of examples. */

export interface Neighbour {
  index: number;
  distance: number;
}

/** Most examples that are looked at; of more, every n-th. */
export const MOST_CANDIDATES = 5000;

/**
 * The nearest `k` of other examples to each of `queries`, nearest first.
 * @param values rows of `width` features
 */
export function nearestTo(
  queries: readonly number[],
  { values, width }: { values: Float32Array; width: number },
  k: number,
): Neighbour[][] {
  const count = width === 0 ? 0 : Math.floor(values.length / width);
  const stride = Math.max(1, Math.ceil(count / MOST_CANDIDATES));
  return queries.map((query) => {
    const found: Neighbour[] = [];
    const from = query * width;
    for (let index = 0; index < count; index += stride) {
      if (index === query) continue;
      const limit = found.length < k ? Number.POSITIVE_INFINITY : (found.at(-1)?.distance ?? 0);
      const squared = distanceWithin(values, from, index * width, width, limit);
      if (!(squared < limit)) continue;
      const at = found.findIndex(({ distance }) => squared < distance);
      found.splice(at < 0 ? found.length : at, 0, { index, distance: squared });
      if (found.length > k) found.pop();
    }
    return found.map(({ index, distance }) => ({ index, distance: Math.sqrt(distance) }));
  });
}

/** Squared distance; left off, with what there is, once it is beyond `limit`. */
function distanceWithin(values: Float32Array, a: number, b: number, width: number, limit: number): number {
  let sum = 0;
  for (let i = 0; i < width; i++) {
    const difference = (values[a + i] ?? 0) - (values[b + i] ?? 0);
    sum += difference * difference;
    if (sum >= limit) return sum;
  }
  return sum;
}
