/**
 * Chance for a stretch of code. TensorFlow.js draws masks and noise from `Math.random`; within a stretch that is a
 * generator of its own, whatever else the process draws in between, and afterwards all is as before. What another cell
 * draws while a step waits comes from elsewhere: the generator goes with the code, across its awaits.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

const stretches = new AsyncLocalStorage<() => number>();
let outside = Math.random;
let inside = 0;

const drawn = (): number => (stretches.getStore() ?? outside)();

/** Runs `work` with `random` in place of `Math.random`. */
export async function withChance<T>(random: () => number, work: () => Promise<T>): Promise<T> {
  // A seed may have been set since.
  if (Math.random !== drawn) {
    outside = Math.random;
    Math.random = drawn;
  }
  inside++;
  try {
    return await stretches.run(random, work);
  } finally {
    inside--;
    if (inside === 0 && Math.random === drawn) Math.random = outside;
  }
}
