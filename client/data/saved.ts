/**
 * Tells whether what this browser wrote is durable on the server, from Yjs state vectors (client → clock). It never
 * guesses: an edit counts as saved only after the server said so.
 */

/** Number of own operations by client id. */
export type Clocks = ReadonlyMap<number, number>;

/** True when `durable` holds everything that these clients wrote according to `local`. */
export function covers(durable: Clocks, local: Clocks, clients: Iterable<number>): boolean {
  for (const client of clients) {
    if ((durable.get(client) ?? 0) < (local.get(client) ?? 0)) return false;
  }
  return true;
}
