/**
 * How many threads a native session has. The runtime divides products and convolutions among them, and where it divides
 * decides in which order numbers are added: another number of threads gives other last bits. So who asks for the same
 * numbers each time gets the same threads each time, however many kernels share the machine; all others follow the
 * kernel's share of the cores.
 */
import { availableParallelism } from 'node:os';
import { host } from '../../process/host.ts';

/** As many at most where runs are to repeat: kernels that do not give way must not fill a large machine many times over. */
export const MOST_REPEATABLE = 8;

let repeatable = false;

/** From now on this process computes the same bits each time, whatever else the machine does. */
export const repeatFromNow = (): void => {
  repeatable = true;
};

/** Whether {@link repeatFromNow} was called. */
export const isRepeatable = (): boolean => repeatable;

/** Threads for a step now. What a cell or the environment says by `TRIALROOM_THREADS` holds in any case. */
export function threadsNow(): number {
  const told = host()?.updateThreads() ?? false;
  const asked = Number(process.env.TRIALROOM_THREADS);
  if (Number.isInteger(asked) && asked > 0 && !(told && repeatable)) return asked;
  return repeatable ? Math.min(MOST_REPEATABLE, availableParallelism()) : availableParallelism();
}
