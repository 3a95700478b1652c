/**
 * Who waits for a connection of a pool. A database that is closed while somebody does would never end: the query builder
 * drops the connection it is then given, the pool waits for that one to come back, and whoever waited in the pool's queue
 * is never answered.
 */
import { setImmediate } from 'node:timers/promises';

/** What is looked at of a pool of `pg`. */
export interface Pool {
  connect(...given: never[]): unknown;
}

/** Looks on as connections are taken; what it returns resolves when nobody waits for one. */
export function watchAcquiring(pool: Pool): () => Promise<void> {
  const waiting = new Set<Promise<unknown>>();
  const connect = pool.connect.bind(pool);
  pool.connect = (...given) => {
    const acquired = connect(...given);
    if (acquired instanceof Promise) {
      waiting.add(acquired);
      const done = (): void => void waiting.delete(acquired);
      acquired.then(done, done);
    }
    return acquired;
  };
  return async () => {
    // Who has just asked for something gets to the pool in a moment.
    do {
      await Promise.allSettled(waiting);
      await setImmediate();
    } while (waiting.size > 0);
  };
}
