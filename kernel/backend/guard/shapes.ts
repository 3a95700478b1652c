/**
 * Whether data have the shapes that a model's inputs and outputs have, said so that it can be mended: which data, which
 * layer, both shapes, and what would help.
 */
import { BadInput } from './bad-input.ts';
import { fits, open, sizeOf } from './flow.ts';

/** One tensor, and the place of a model that it is for. */
export interface Place {
  /** What people call the data: `x`, `y`, `x[1]`, `x.image`. */
  data: string;
  shape: readonly number[];
  dtype: string;
  /** The layer that takes or gives it. */
  layer: string;
  /** What it takes or gives; null is any length. */
  wanted: readonly (number | null)[];
  role: 'input' | 'target';
  /** The loss of a target, in lower case without underscores, where it has a name. */
  loss?: string | undefined;
}

/** @throws BadInput when a tensor is of the wrong type or shape, has no examples, or two have different numbers of them */
export function checkPlaces(places: readonly Place[]): void {
  for (const place of places) {
    checkType(place);
    checkShape(place);
  }
  const [first, ...others] = places;
  for (const { data, shape } of others) {
    if (first && shape[0] !== first.shape[0]) {
      throw new BadInput(
        `${first.data} has ${count(first.shape[0] ?? 0)} and ${data} has ${count(shape[0] ?? 0)}: each example needs one of both`,
      );
    }
  }
}

const count = (examples: number): string => `${examples.toLocaleString('en-US')} example${examples === 1 ? '' : 's'}`;

function checkType({ data, dtype }: Place): void {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return;
  const help =
    dtype === 'string'
      ? 'numbers are needed. Give each text or class a number first (an embedding takes whole numbers; tf.oneHot makes rows)'
      : 'real numbers are needed: give tf.real() and tf.imag() of it';
  throw new BadInput(`${data} holds values of type ${dtype}, and ${help}`);
}

function checkShape(place: Place): void {
  const { data, shape, layer, role, loss } = place;
  if (shape.length === 0) throw new BadInput(`${data} is a single number: the first axis must count the examples`);
  if (shape[0] === 0)
    throw new BadInput(`${data} is empty, of shape [${shape.join(', ')}]: there is nothing to train on`);
  const wanted = wantedOf(place);
  // A list of numbers counts as one number for each example.
  const given = shape.length === 1 ? [...shape, 1] : shape;
  if (fits(given, wanted)) return;
  const both =
    role === 'input' ? `${layer} takes [${open(wanted)}]` : `the layer ${layer} gives [${open(place.wanted)}]`;
  const labels = loss === 'sparsecategoricalcrossentropy' ? `, for which class numbers [${open(wanted)}] are due` : '';
  throw new BadInput(`${data} is [${shape.join(', ')}], and ${both}${labels}${help(place, given, wanted)}`);
}

/** Class numbers stand for a row of as many probabilities. */
function wantedOf({ wanted, loss }: Place): readonly (number | null)[] {
  return loss === 'sparsecategoricalcrossentropy' ? [...wanted.slice(0, -1), 1] : wanted;
}

function help(place: Place, given: readonly number[], wanted: readonly (number | null)[]): string {
  const { data, shape, dtype, role, loss } = place;
  const classes = wanted.at(-1) ?? 0;
  const batched = [shape[0] ?? 1, ...wanted.slice(1)];
  const known = batched.every((length) => length !== null);
  if (role === 'target' && given.length === wanted.length && given.at(-1) === 1 && classes > 1) {
    const numbers = dtype === 'int32' ? data : `${data}.toInt()`;
    return loss === 'categoricalcrossentropy'
      ? `. For class numbers use the loss sparseCategoricalCrossentropy, or give tf.oneHot(${numbers}, ${classes})`
      : '';
  }
  if (loss === 'sparsecategoricalcrossentropy' && given.at(-1) === place.wanted.at(-1)) {
    return '. For rows of probabilities use the loss categoricalCrossentropy';
  }
  if (role === 'input' && fits([1, ...shape], wanted)) {
    return `. The axis of the examples is missing: give ${data}.expandDims(0)`;
  }
  if (fits([...shape, 1], wanted)) return `. The axis of the channels is missing: give ${data}.expandDims(-1)`;
  if (known && sizeOf(batched.map(Number)) === sizeOf(shape)) {
    return `. It has as many numbers: give ${data}.reshape([${batched.join(', ')}])`;
  }
  if (given.length === wanted.length && fits([given[0] ?? 1, ...given.slice(1).toReversed()], wanted)) {
    return '. Its axes stand in another order: see tf.transpose';
  }
  return '';
}
