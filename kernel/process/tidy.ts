/**
 * When garbage is collected on purpose. What is kept for a while of each cell is garbage only once it is old, and V8 looks
 * through old things so seldom that ten thousand short cells would hold 20 MB here, and more on the thread that runs them.
 */
import inspector from 'node:inspector';

/** Executions between two collections of this thread, each of which takes some 20 ms. */
const EVERY = 1000;
/** A kernel that has done nothing for this long is at rest, in ms. */
const REST_MS = 1000;
/** Executions that leave something worth collecting then. */
const WORTHWHILE = 50;

/** Counts executions and collects garbage where nobody waits. */
export class Tidy {
  readonly #atRest: () => void;
  #executions = 0;
  #uncollected = 0;
  #rest: NodeJS.Timeout | undefined;
  #session: inspector.Session | undefined;

  /** `atRest`: the thread that runs cells may collect its garbage, too. */
  constructor(atRest: () => void) {
    this.#atRest = atRest;
  }

  /** An execution has begun. */
  began(): void {
    clearTimeout(this.#rest);
    this.#rest = undefined;
  }

  /** An execution has ended. */
  ended(): void {
    this.#uncollected++;
    if (++this.#executions % EVERY === 0) this.#collect();
    this.began();
    if (this.#uncollected >= WORTHWHILE) this.#rest = setTimeout(() => this.#settle(), REST_MS).unref();
  }

  #settle(): void {
    this.#uncollected = 0;
    this.#collect();
    this.#atRest();
  }

  #collect(): void {
    if (!this.#session) {
      this.#session = new inspector.Session();
      this.#session.connect();
    }
    // In a turn of its own: what is to be said of the execution is said first.
    this.#session.post('HeapProfiler.collectGarbage');
  }
}
