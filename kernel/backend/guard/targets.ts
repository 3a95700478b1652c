/** Whether targets are what their loss is made for. The losses of TensorFlow.js take anything, and give nonsense. */
import { BadInput, indexOf } from './bad-input.ts';

/** The numbers of one target. */
export interface Targets {
  /** What people call them: `y`. */
  data: string;
  values: ArrayLike<number>;
  shape: readonly number[];
  /** Of the output that they are for. */
  classes: number;
  /** In lower case without underscores; undefined for a function. */
  loss: string | undefined;
}

/**
 * @returns what is odd, but not wrong
 * @throws BadInput when a number cannot be a label: the message says which one, and where
 */
export function checkTargets(targets: Targets): string[] {
  switch (targets.loss) {
    case 'sparsecategoricalcrossentropy':
      return checkClassNumbers(targets);
    case 'categoricalcrossentropy':
      return checkRows(targets);
    case 'binarycrossentropy':
      return checkShares(targets);
    default:
      return [];
  }
}

function checkClassNumbers({ data, values, classes }: Targets): string[] {
  let [least, most, wrong] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1];
  for (let index = 0; index < values.length; index++) {
    const label = values[index] ?? Number.NaN;
    if (wrong < 0 && !(Number.isInteger(label) && label >= 0 && label < classes)) wrong = index;
    least = Math.min(least, label);
    most = Math.max(most, label);
  }
  if (wrong >= 0) {
    const shifted = least === 1 && most === classes ? `. They go from 1 to ${classes}: give ${data}.sub(1)` : '';
    throw new BadInput(
      `${data} holds the label ${values[wrong]} at example ${wrong}, and the ${classes} classes are numbered from 0 to ${classes - 1}${shifted}`,
    );
  }
  return oneClass(data, values.length, least, most, `class ${least}`);
}

function checkRows({ data, values, classes, shape }: Targets): string[] {
  const seen = new Set<number>();
  let odd: string | undefined;
  for (let row = 0; row * classes < values.length; row++) {
    let [sum, greatest] = [0, 0];
    for (let index = 0; index < classes; index++) {
      const value = values[row * classes + index] ?? Number.NaN;
      if (!(value >= 0 && value <= 1)) {
        throw new BadInput(
          `${data} holds ${value} at ${indexOf(row * classes + index, shape)}, which is no probability; categoricalCrossentropy takes one-hot rows, and sparseCategoricalCrossentropy class numbers`,
        );
      }
      sum += value;
      if (value > (values[row * classes + greatest] ?? 0)) greatest = index;
    }
    seen.add(greatest);
    // A row of zeros is a way to leave an example out.
    if (odd === undefined && sum !== 0 && Math.abs(sum - 1) > 1e-3) {
      odd = `the row of ${data} for example ${row} sums to ${Number(sum.toPrecision(4))}, not to 1: is that meant for binaryCrossentropy, with sigmoid?`;
    }
  }
  const rows = values.length / classes;
  const [only = 0] = seen;
  const one = rows > 1 && seen.size === 1 && classes > 1 ? [sameClass(data, rows, `class ${only}`)] : [];
  return [...(odd === undefined ? [] : [odd]), ...one];
}

function checkShares({ data, values, shape, classes }: Targets): string[] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN;
    if (!(value >= 0 && value <= 1)) {
      const signs = value === -1 ? `. For labels of -1 and 1 give ${data}.add(1).div(2)` : '';
      throw new BadInput(
        `${data} holds ${value} at ${indexOf(index, shape)}, and binaryCrossentropy takes labels from 0 to 1${signs}`,
      );
    }
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return classes === 1 ? oneClass(data, values.length, least, most, String(least)) : [];
}

const oneClass = (data: string, count: number, least: number, most: number, name: string): string[] =>
  count > 1 && least === most ? [sameClass(data, count, name)] : [];
const sameClass = (data: string, count: number, name: string): string =>
  `all ${count.toLocaleString('en-US')} labels of ${data} are ${name}: a model learns nothing from them but that. Was the data sorted before it was split?`;
