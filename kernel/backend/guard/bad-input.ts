/** What is wrong with data that came to training, in words. */

/** Data that a model cannot be trained on. The message names the data, the layer, and what to do. */
export class BadInput extends Error {
  override name = 'BadInput';
}

/** `[3, 5]`: where a number lies, from its place in a row of all numbers. */
export function indexOf(place: number, shape: readonly number[]): string {
  const index: number[] = [];
  let rest = place;
  for (const length of shape.toReversed()) {
    index.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return `[${index.join(', ')}]`;
}
