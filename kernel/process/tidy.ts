/**
 * Collects the garbage of the thread it is called on now and then. What is kept for a while of each cell is garbage
 * only once it is old, and V8 looks through old things so seldom that ten thousand short cells would hold 20 MB.
 */
import inspector from 'node:inspector';

/** Executions between two collections, each of which takes some 20 ms. */
const EVERY = 1000;

export class Tidy {
  #executions = 0;
  #session: inspector.Session | undefined;

  /** An execution has ended. */
  ended(): void {
    if (++this.#executions % EVERY > 0) return;
    if (!this.#session) {
      this.#session = new inspector.Session();
      this.#session.connect();
    }
    // In a turn of its own: what is to be said of the execution is said first.
    this.#session.post('HeapProfiler.collectGarbage');
  }
}
