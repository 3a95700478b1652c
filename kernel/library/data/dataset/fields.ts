/** Makes the parts of examples out of what users hold: arrays, tensors, labels. What cannot be trained on is refused here. */
import { DataError, listed } from '../error.ts';
import { NumericArray } from './numeric.ts';
import { type Field, type NumberValues, shareValues, sizeOf } from './plan.ts';

/** Numbers, however deep; all lists on a level are equally long. */
export type NestedNumbers = readonly number[] | readonly NestedNumbers[];

/** Anything with a shape and numbers: arrays of files, batches, tensors. */
export type ArrayInput =
  | NumericArray
  | NumberValues
  | NestedNumbers
  | { readonly shape: readonly number[]; readonly values: NumberValues }
  | { readonly shape: readonly number[]; readonly dtype: string; dataSync(): ArrayLike<number | string> };

/** How stored numbers are given out. */
export interface FieldOptions {
  /** What they are multiplied by, e.g. 1 / 255 for bytes of images. */
  scale?: number;
  /** Added after that. */
  offset?: number;
  /** Type in a batch: float32 when not given. */
  dtype?: 'float32' | 'int32' | 'bool';
}

/** The numbers of what users hold, with their shape. @throws RangeError when lists are of unequal lengths */
export function toNumericArray(input: ArrayInput, what: string): NumericArray {
  if (input instanceof NumericArray) return input;
  if (isList(input)) return fromNested(input, what);
  if (ArrayBuffer.isView(input)) return new NumericArray(input, [input.length]);
  if ('values' in input) return new NumericArray(input.values, input.shape);
  const values = input.dataSync();
  if (values instanceof Float32Array || values instanceof Int32Array || values instanceof Uint8Array) {
    return new NumericArray(values, input.shape);
  }
  throw new RangeError(`${what}: a tensor of ${input.dtype} holds no numbers`);
}

const isList = (input: ArrayInput): input is NestedNumbers => Array.isArray(input);

function fromNested(nested: NestedNumbers, what: string): NumericArray {
  const shape: number[] = [];
  for (let level: NestedNumbers | number | undefined = nested; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
  }
  const values = new Float64Array(sizeOf(shape));
  let at = 0;
  const visit = (level: NestedNumbers | number, depth: number, place: string): void => {
    if (typeof level === 'number') {
      if (depth !== shape.length) throw new RangeError(`${what}${place} is a number; a list was expected there`);
      values[at++] = level;
      return;
    }
    if (!Array.isArray(level)) throw new RangeError(`${what}${place} is ${String(level)}, not a number`);
    if (level.length !== shape[depth]) {
      throw new RangeError(`${what}${place} has length ${level.length}; the first one has ${shape[depth] ?? 'none'}`);
    }
    for (const [index, part] of level.entries()) visit(part, depth + 1, `${place}[${index}]`);
  };
  visit(nested, 0, '');
  return new NumericArray(values, shape);
}

/**
 * An input or target out of numbers: the first dimension counts the examples.
 * @throws DataError when there are no examples, or a number is NaN or infinite
 */
export function numberField(array: NumericArray, what: string, options: FieldOptions = {}): Field {
  const { dtype = 'float32', scale, offset } = options;
  const [count = 0, ...shape] = array.shape;
  if (array.shape.length === 0 || count === 0) {
    throw new DataError(`${what} [${array.shape.join(', ')}] has no examples`, {
      advice: 'The first dimension counts them; give at least one',
    });
  }
  if (dtype !== 'float32' && (scale !== undefined || offset !== undefined)) {
    throw new RangeError(`${what}: only float32 can be scaled, not ${dtype}`);
  }
  const size = sizeOf(shape);
  checkFinite(array.values, size, what);
  return {
    stored: { kind: 'memory', values: shareValues(array.values) },
    size,
    shape,
    dtype,
    ...(scale === undefined ? {} : { scale }),
    ...(offset === undefined ? {} : { offset }),
  };
}

function checkFinite(values: NumberValues, size: number, what: string): void {
  if (!(values instanceof Float32Array || values instanceof Float64Array)) return;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0;
    // x − x is 0 for every finite number.
    if (value - value === 0) continue;
    throw new DataError(`${what} of example ${Math.floor(index / size)} is ${value} (value ${index % size})`, {
      advice: 'Fill or leave out what is missing before training',
    });
  }
}

/** Labels: a class for each example, as its name or its number. */
export interface LabelOptions {
  /** Names of the classes, or how many there are (numbered from 0). When not given: what occurs in the labels. */
  classes?: number | readonly string[];
  /** True: 1 in the place of the class. False: its number, as int32. True when not given. */
  oneHot?: boolean;
}

/** A target out of labels. */
export interface LabelField {
  field: Field;
  classes: readonly string[];
}

/**
 * @throws DataError when a label is none of the classes, or when all are the same and no classes were named: there would
 * be nothing to tell apart
 */
export function labelField(
  labels: ArrayLike<number | string | boolean | null>,
  options: LabelOptions = {},
): LabelField {
  if (labels.length === 0) throw new DataError('labels: there are none', { advice: 'Give a label for each example' });
  const { oneHot = true } = options;
  const classes = classNames(labels, options.classes);
  if (classes.length < 2) {
    throw new DataError(
      `labels: all ${labels.length} are "${classes[0]}"; there is nothing to tell apart with only one class`,
      { advice: 'Check how the data were chosen, or name all classes: { classes: [...] }' },
    );
  }
  const numbers = new Map(classes.map((name, number) => [name, number]));
  const codes = new Int32Array(labels.length);
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index];
    const code = numbers.get(String(label));
    if (code === undefined || label === null) {
      const range = typeof options.classes === 'number' ? `0 to ${classes.length - 1}` : listed(classes);
      throw new DataError(
        `label ${JSON.stringify(label)} of example ${index} is out of range: there are ${classes.length} classes, ${range}`,
        { advice: 'Correct the label, or name its class in { classes }' },
      );
    }
    codes[index] = code;
  }
  const stored = { kind: 'memory', values: shareValues(codes) } as const;
  const field: Field = oneHot
    ? { stored, size: 1, shape: [classes.length], dtype: 'float32', oneHot: classes.length }
    : { stored, size: 1, shape: [], dtype: 'int32' };
  return { field, classes };
}

/** Beyond that, numbers are taken for quantities. */
const MOST_CLASSES = 65_536;

function classNames(
  labels: ArrayLike<number | string | boolean | null>,
  given: number | readonly string[] | undefined,
): readonly string[] {
  if (typeof given === 'object') return given;
  if (typeof given === 'number') {
    if (!Number.isInteger(given) || given < 2) throw new RangeError(`classes: ${given} is no number from 2 on`);
    return Array.from({ length: given }, (_, number) => String(number));
  }
  const found = [...new Set(Array.from(labels))].filter((label) => label !== null);
  const allNumbers = found.every((label) => typeof label === 'number');
  if (!allNumbers) return found.map(String).sort();
  const wrong = found.find((label) => !Number.isInteger(label) || Number(label) < 0 || Number(label) >= MOST_CLASSES);
  if (wrong !== undefined) {
    const index = Array.prototype.indexOf.call(labels, wrong);
    throw new DataError(
      `label ${String(wrong)} of example ${index} is no class: numbers of classes are 0, 1, 2, … (at most ${MOST_CLASSES})`,
      {
        advice: 'For quantities, give targets instead of labels',
      },
    );
  }
  if (found.length === 1) return found.map(String);
  // Classes that happen not to occur keep their numbers.
  return Array.from({ length: Math.max(...found.map(Number)) + 1 }, (_, number) => String(number));
}
