/**
 * The kernel's share of the machine's cores, as a word in shared memory: native work looks at it between two steps of a
 * loop that never yields, where no message would arrive.
 */
import process from 'node:process';
import { SHARED } from './channel.ts';

/** The supervisor's side: what the parent has said last. */
export function noteThreads(shared: Int32Array<SharedArrayBuffer>, threads: number): void {
  Atomics.store(shared, SHARED.threads, threads);
}

/** The main thread's side: keeps `TRIALROOM_THREADS` at what the parent has said. */
export class ThreadShare {
  readonly #shared: Int32Array<SharedArrayBuffer>;
  #given: string | undefined;

  constructor(shared: Int32Array<SharedArrayBuffer>) {
    this.#shared = shared;
  }

  /**
   * Brings the variable up to date. What a cell has set there by itself stays.
   * @returns whether it says what the parent has said
   */
  update(): boolean {
    const threads = Atomics.load(this.#shared, SHARED.threads);
    if (threads === 0 || process.env.TRIALROOM_THREADS !== this.#given) return false;
    const said = String(threads);
    if (said !== this.#given) {
      process.env.TRIALROOM_THREADS = said;
      this.#given = said;
    }
    return true;
  }
}
