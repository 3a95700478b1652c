/** How kernels share one machine with each other and with the server. */
import { availableParallelism } from 'node:os';

/** Kernels give way to the server, which must answer while all of them train. */
export const KERNEL_NICENESS = 5;

/** How long a kernel must have been busy, in ms, until others give way to it: a short cell is over before they could. */
export const SETTLED_MS = 1000;

/** Cores for each of so many kernels that compute: an equal share, and one at least. */
export const threadShare = (busy: number, cores: number): number => Math.max(1, Math.floor(cores / Math.max(1, busy)));

/** A kernel that computes. */
export interface BusyKernel {
  /** ms */
  since: number;
  /** How many cores it was told that it may take. */
  told: number;
}

/** Tells a kernel another share. */
type Tell = (threads: number) => void;

/**
 * Whom to tell of another share now, and after how many ms to look again unless something changes before; undefined: not
 * by itself. Only kernels that have been busy for {@link SETTLED_MS} count, and only they are told.
 */
export function reshare(
  busy: ReadonlyMap<string, BusyKernel>,
  now: number,
  cores: number,
): { tell: { kernel: string; threads: number }[]; again: number | undefined } {
  const waits = [...busy.values()].map(({ since }) => since + SETTLED_MS - now).filter((wait) => wait > 0);
  const threads = threadShare(busy.size - waits.length, cores);
  const tell = [...busy]
    .filter(([, { since, told }]) => now - since >= SETTLED_MS && told !== threads)
    .map(([kernel]) => ({ kernel, threads }));
  return { tell, again: waits.length > 0 ? Math.min(...waits) : undefined };
}

/** The machine to be shared; tests have another. */
export interface SharesOptions {
  cores?: number;
  /** ms, from any moment on */
  now?(): number;
}

/**
 * The shares of all kernels of a process, those of sessions and of launched trials. They are for native threads, which
 * wait for one another at every step: more of them than cores make all of them slow. Where the server's environment sets
 * `TRIALROOM_THREADS`, which kernels see too, nobody is told anything.
 */
export class Shares {
  readonly #cores: number;
  readonly #now: () => number;
  readonly #busy = new Map<string, BusyKernel & { tell: Tell }>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ cores = availableParallelism(), now = () => performance.now() }: SharesOptions = {}) {
    this.#cores = cores;
    this.#now = now;
  }

  /**
   * A kernel begins an execution, after another or after a rest.
   * @param tell is called with other shares until {@link Shares.ends}
   * @returns how many cores it may take for now; after a rest, its share among all that are busy
   */
  begins(kernel: string, tell: Tell): number | undefined {
    if (process.env.TRIALROOM_THREADS) return undefined;
    if (!this.#busy.has(kernel)) {
      const told = threadShare(this.#busy.size + 1, this.#cores);
      this.#busy.set(kernel, { since: this.#now(), told, tell });
    }
    this.#look();
    return this.#busy.get(kernel)?.told;
  }

  /** A kernel is not busy any more, or is gone. */
  ends(kernel: string): void {
    if (this.#busy.delete(kernel)) this.#look();
  }

  /** Nobody is told anything any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#busy.clear();
  }

  #look(): void {
    clearTimeout(this.#timer);
    const { tell, again } = reshare(this.#busy, this.#now(), this.#cores);
    for (const { kernel, threads } of tell) {
      const known = this.#busy.get(kernel);
      if (!known) continue;
      known.told = threads;
      known.tell(threads);
    }
    this.#timer = again === undefined ? undefined : setTimeout(() => this.#look(), again);
    this.#timer?.unref();
  }
}
