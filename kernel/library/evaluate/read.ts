/** Reads what an evaluation is given, and says exactly what is wrong with it. */
import type { Tensor } from '@tensorflow/tfjs';
import { MOST_CLASSES } from '@trialroom/shared/trial/evaluation';
import type { ClassificationOptions, Numbers } from './options.ts';

/** Probabilities `[count × classes]`, row by row. */
export interface Probabilities {
  values: Float64Array;
  classes: number;
}

/** How far the sum of a row of probabilities may be from 1: what float32 and float16 leave. */
const SUM_TOLERANCE = 5e-3;

export const isTensor = (value: unknown): value is Tensor =>
  typeof value === 'object' && value !== null && 'dataSync' in value && 'shape' in value;

const refuse = (what: string): never => {
  throw new RangeError(`evaluate: ${what}`);
};

/** Numbers of a list or of a tensor `[n]` or `[n, 1]`. @throws RangeError for another shape */
export async function readNumbers(given: Numbers, what: string): Promise<Float64Array> {
  if (!isTensor(given)) return Float64Array.from(given);
  const { shape } = given;
  if (shape.length !== 1 && !(shape.length === 2 && shape[1] === 1)) {
    refuse(`${what} is a tensor of shape [${shape}]; give one number for each example, [n]`);
  }
  return Float64Array.from(await given.data());
}

/** The rows of a tensor `[n, classes]` or of a list of rows. */
async function readRows(
  given: NonNullable<ClassificationOptions['probabilities']>,
  what: string,
): Promise<Probabilities> {
  if (isTensor(given)) {
    const { shape } = given;
    if (shape.length === 1) return { values: Float64Array.from(await given.data()), classes: 1 };
    if (shape.length !== 2) refuse(`${what} has the shape [${shape}]; give a row for each example, [n, classes]`);
    return { values: Float64Array.from(await given.data()), classes: shape[1] ?? 0 };
  }
  if (!isRows(given)) return { values: Float64Array.from(given), classes: 1 };
  const classes = given[0]?.length ?? 0;
  const values = new Float64Array(given.length * classes);
  for (const [row, cells] of given.entries()) {
    if (cells.length !== classes) refuse(`row ${row} of ${what} has ${cells.length} values, the first has ${classes}`);
    values.set(cells, row * classes);
  }
  return { values, classes };
}

const isRows = (given: ArrayLike<number> | readonly ArrayLike<number>[]): given is readonly ArrayLike<number>[] =>
  Array.isArray(given) && typeof given[0] === 'object';

/** @throws RangeError for NaN, a value outside 0…1, or a row that does not add up to 1 */
export async function readProbabilities({
  probabilities,
  logits,
}: ClassificationOptions): Promise<Probabilities | null> {
  if (probabilities !== undefined && logits !== undefined) refuse('give probabilities or logits, not both');
  if (logits !== undefined) return softmax(await readRows(logits, 'logits'));
  if (probabilities === undefined) return null;
  const read = await readRows(probabilities, 'probabilities');
  const { values, classes } = read;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? 0;
    if (value >= 0 && value <= 1 + SUM_TOLERANCE) continue;
    const where = `probabilities[${Math.floor(at / classes)}][${at % classes}]`;
    refuse(
      Number.isNaN(value)
        ? `${where} is NaN: the model's output is broken there`
        : `${where} is ${value}, not between 0 and 1; give what comes before the softmax as logits`,
    );
  }
  if (classes === 1) return ofTheSecond(values);
  for (let row = 0; row * classes < values.length; row++) {
    let sum = 0;
    for (let column = 0; column < classes; column++) sum += values[row * classes + column] ?? 0;
    if (Math.abs(sum - 1) > SUM_TOLERANCE) {
      refuse(
        `row ${row} of probabilities adds up to ${sum.toPrecision(4)}, not 1; give what comes before the softmax as logits`,
      );
    }
  }
  for (let at = 0; at < values.length; at++) values[at] = Math.min(1, values[at] ?? 0);
  return read;
}

function ofTheSecond(values: Float64Array): Probabilities {
  const both = new Float64Array(values.length * 2);
  for (const [row, value] of values.entries()) both.set([1 - Math.min(1, value), Math.min(1, value)], row * 2);
  return { values: both, classes: 2 };
}

function softmax({ values, classes }: Probabilities): Probabilities {
  if (classes < 2) refuse('logits need a column for each class, [n, classes]');
  for (let from = 0; from < values.length; from += classes) {
    const row = values.subarray(from, from + classes);
    const greatest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    if (!Number.isFinite(greatest)) refuse(`row ${from / classes} of logits is not finite`);
    let sum = 0;
    for (const [column, value] of row.entries()) sum += row[column] = Math.exp(value - greatest);
    for (const [column, value] of row.entries()) row[column] = value / sum;
  }
  return { values, classes };
}

/**
 * Class numbers of class numbers, class names or one-hot rows.
 * @param classes names, where they are known; they decide how many there are
 * @throws RangeError for what is no class
 */
export async function readClasses(
  given: Numbers | readonly string[],
  classes: readonly string[] | null,
  what: string,
): Promise<Int32Array> {
  if (isTensor(given) && given.shape.length === 2 && given.shape[1] !== 1) return fromRows(given, what);
  if (!isTensor(given) && typeof given[0] === 'string') return fromNames(given as readonly string[], classes, what);
  const numbers = await readNumbers(given as Numbers, what);
  const most = classes?.length ?? MOST_CLASSES;
  return Int32Array.from(numbers, (value, at) => {
    if (Number.isInteger(value) && value >= 0 && value < most) return value;
    const allowed = classes ? `there are ${most} classes, numbered from 0` : `class numbers go from 0 to ${most - 1}`;
    return refuse(`${what}[${at}] is ${value}; ${allowed}`);
  });
}

async function fromRows(tensor: Tensor, what: string): Promise<Int32Array> {
  const [rows = 0, width = 0] = tensor.shape;
  const values = Float64Array.from(await tensor.data());
  return Int32Array.from({ length: rows }, (_, row) => {
    const cells = values.subarray(row * width, (row + 1) * width);
    if (cells.some((value) => Number.isNaN(value))) refuse(`${what}[${row}] holds NaN`);
    return cells.indexOf(cells.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY));
  });
}

function fromNames(names: readonly string[], classes: readonly string[] | null, what: string): Int32Array {
  if (!classes)
    refuse(`${what} holds class names; say in which order they are numbered, e.g. classes: ["ham", "spam"]`);
  const numbers = new Map(classes?.map((name, number) => [name, number]));
  return Int32Array.from(names, (name, at) => {
    const number = numbers.get(name);
    return number ?? refuse(`${what}[${at}] is "${name}", which is none of the classes`);
  });
}

/** Fails unless there are as many as there are examples. */
export function mustPair(what: string, have: number, count: number): void {
  if (have !== count) refuse(`there are ${count} examples in truth, but ${have} in ${what}`);
}

/** @throws RangeError for an id that two examples share */
export function readIds(ids: ArrayLike<string | number> | undefined, count: number): string[] {
  if (ids === undefined) return Array.from({ length: count }, (_, index) => String(index));
  mustPair('ids', ids.length, count);
  const read = Array.from(ids, (id) => String(id).slice(0, 200));
  const seen = new Map<string, number>();
  for (const [at, id] of read.entries()) {
    const before = seen.get(id);
    if (before !== undefined)
      refuse(`ids[${at}] is "${id}", as ids[${before}] is: each example needs an id of its own`);
    seen.set(id, at);
  }
  return read;
}
