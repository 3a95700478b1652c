/**
 * Repeatable chance. TensorFlow.js draws everything that is not given a seed of its own (initial weights, dropout,
 * the shuffling of `model.fit`) from `Math.random`, so that is what is made repeatable: for the whole process, from
 * this call on.
 */
import { repeatFromNow } from '../backend/compiled/threads.ts';

let inUse: number | null = null;

/** The number that {@link seed} was last called with; null: it was not. */
export const seedInUse = (): number | null => inUse;

/**
 * Makes `Math.random` give the same sequence after each call with the same number. Call it before the model is built.
 * From then on training has as many threads as the machine has cores, 8 at most, also while other kernels train: another
 * number would give other last bits.
 * @throws RangeError when `value` is not a whole number from 0 to 4,294,967,295
 * @example seed(42)
 */
export function seed(value: number): void {
  Math.random = generator(value);
  inUse = value;
  repeatFromNow();
}

/** A function that gives numbers from 0 (included) to 1 (excluded), the same ones for the same seed. */
export function generator(value: number): () => number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw new RangeError(`seed(${value}): give a whole number from 0 to 4294967295`);
  }
  // A Weyl sequence through a 32-bit mixer: every state is visited once, none is a fixed point.
  let state = value >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 0x100000000;
  };
}
