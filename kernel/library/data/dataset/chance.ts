/**
 * Chance that can be called up again: each draw follows from the seed, the epoch and the number of the example alone, so
 * that any batch of any epoch can be made without those before it.
 */
import { generator } from '../../seed.ts';

/** Numbers from 0 (included) to 1 (excluded). */
export type Random = () => number;

/** A generator for a few whole numbers; each of them changes all of its draws. */
export function randomOf(...numbers: number[]): Random {
  let state = 0x9e3779b9;
  for (const number of numbers) {
    // Seeds beyond 32 bits count with all their bits.
    for (const word of [number >>> 0, Math.floor(number / 0x100000000) >>> 0]) {
      state = Math.imul(state ^ word, 0x85ebca6b);
      state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
      state ^= state >>> 16;
    }
  }
  return generator(state >>> 0);
}

/** A whole number from 0 to below `limit`. */
export const below = (random: Random, limit: number): number => Math.floor(random() * limit);

/** A normally distributed number with mean 0 and deviation 1 (Box and Muller, 1958). */
export const gaussian = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Puts the values into an order by chance, in place (Fisher and Yates). */
export function shuffle(values: Int32Array, random: Random): Int32Array {
  for (let last = values.length - 1; last > 0; last--) {
    const other = below(random, last + 1);
    const value = values[last] ?? 0;
    values[last] = values[other] ?? 0;
    values[other] = value;
  }
  return values;
}

/** The numbers from 0 to below `count`. */
export function range(count: number): Int32Array {
  const numbers = new Int32Array(count);
  for (let index = 0; index < count; index++) numbers[index] = index;
  return numbers;
}

/** @throws RangeError when it is no whole number from 0 to 2⁵³ − 1 */
export function checkSeed(seed: number): void {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`seed ${seed}: give a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
  }
}
