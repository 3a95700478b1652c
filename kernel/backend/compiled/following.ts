/**
 * A native session that follows the kernel's share of the cores: more kernels begin to train, and others end, while it
 * runs for hours. The runtime gives a session its threads when it is made, so another number means another session.
 */
import { type Fetches, type NativeSession, type NativeTensor, nativeSession } from './native.ts';
import { isRepeatable, threadsNow } from './threads.ts';

/** How long a session is kept at least before another takes its place, in ms: making one costs as much as many steps. */
export const KEPT_MS = 1000;

/** For tests. */
export interface FollowingOptions {
  /** How many threads it shall have, asked before each run. */
  wanted?(): number;
  /** ms, from any moment on */
  now?(): number;
  /** Whether nothing may depend on the time: it follows at once. */
  repeatable?(): boolean;
}

/** A session with as many threads as the kernel may take at the moment. */
export class FollowingSession implements NativeSession {
  readonly inputs: readonly string[];
  readonly #encode: () => Uint8Array;
  readonly #wanted: () => number;
  readonly #now: () => number;
  readonly #repeatable: () => boolean;
  #current: { session: NativeSession; threads: number };
  /** When another was made last, or could not be. */
  #made: number;

  /**
   * Makes a model ready.
   * @param encode the model's bytes, the same each time
   * @throws Error as `nativeSession` does
   */
  constructor(
    encode: () => Uint8Array,
    { wanted = threadsNow, now = () => performance.now(), repeatable = isRepeatable }: FollowingOptions = {},
  ) {
    this.#encode = encode;
    this.#wanted = wanted;
    this.#now = now;
    this.#repeatable = repeatable;
    const threads = wanted();
    this.#current = { session: nativeSession(encode(), threads), threads };
    this.#made = now();
    this.inputs = this.#current.session.inputs;
  }

  /** How many threads it has. */
  get threads(): number {
    return this.#current.threads;
  }

  run(feeds: Readonly<Record<string, NativeTensor>>, fetches: Fetches): void {
    this.#follow();
    this.#current.session.run(feeds, fetches);
  }

  dispose(): void {
    this.#current.session.dispose();
  }

  #follow(): void {
    const threads = this.#wanted();
    if (threads === this.#current.threads) return;
    if (!this.#repeatable() && this.#now() - this.#made < KEPT_MS) return;
    this.#made = this.#now();
    const old = this.#current.session;
    try {
      this.#current = { session: nativeSession(this.#encode(), threads), threads };
    } catch {
      // There may be no memory for two at a time: slower is better than not at all.
      return;
    }
    // Last of all: an interrupt may strike at any line, and must find a session that runs.
    old.dispose();
  }
}
