/** How kernels share one machine with each other and with the server. */
import { availableParallelism } from 'node:os';

/** Kernels give way to the server, which must answer while all of them train. */
export const KERNEL_NICENESS = 5;

/**
 * Cores for an execution that begins while `busy` kernels compute, its own among them: as many as there are for the only
 * one, an equal share for each of several. It is for native threads, which wait for one another at every step: more of them
 * than cores make all of them slow. What runs already keeps what it has.
 * @returns undefined where the server's environment sets `TRIALROOM_THREADS`, which kernels see too
 */
export function threadShare(busy: number, cores = availableParallelism()): number | undefined {
  if (process.env.TRIALROOM_THREADS) return undefined;
  return Math.max(1, Math.floor(cores / Math.max(1, busy)));
}
