/** Writes single values into the numbers of an example, as an encoding says. */
import { listed } from '../error.ts';
import type { Feature, Target } from './encoding.ts';

/** A value as it is encoded: a number (NaN: missing; truth is 0 or 1), or a text (null: missing). */
export type Plain = number | string | null;

/** Thrown without the place, which the caller knows. */
export class Unencodable extends Error {
  readonly advice: string;
  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}

/** A function that writes values of one column from a position of `out` on. */
export type Writer = (value: Plain, out: Float32Array, at: number) => void;

/** What writes a feature. It throws {@link Unencodable} for what is missing or unknown. */
export function featureWriter(feature: Feature): Writer {
  if (feature.as === 'number') return numberWriter(feature);
  const { column, categories, unknown } = feature;
  const numbers = new Map(categories.map((category, number) => [category, number]));
  return (value, out, at) => {
    const number = value === null ? undefined : numbers.get(String(value));
    if (number !== undefined) out[at + number] = 1;
    else if (value === null) throw missing(column);
    else if (unknown === 'error') {
      throw new Unencodable(
        `"${value}" in "${column}" did not occur in the training data (${listed(categories)})`,
        "Split so that each value occurs there, or give { unknown: 'zeros' }",
      );
    }
  };
}

/** What writes a target: one number, or one for each class. */
export function targetWriter(target: Target): Writer {
  if (target.as === 'number') return numberWriter(target);
  const { column, classes, oneHot } = target;
  const numbers = new Map(classes.map((name, number) => [name, number]));
  return (value, out, at) => {
    if (value === null) throw missing(column);
    const number = numbers.get(String(value));
    if (number === undefined) {
      throw new Unencodable(
        `"${value}" in "${column}" is none of the ${classes.length} classes (${listed(classes)})`,
        'Correct it, or learn the encoding from data in which each class occurs',
      );
    }
    if (oneHot) out[at + number] = 1;
    else out[at] = number;
  };
}

function numberWriter({ column, mean, deviation }: { column: string; mean: number; deviation: number }): Writer {
  return (value, out, at) => {
    const number = typeof value === 'number' ? value : Number.NaN;
    if (!Number.isFinite(number)) {
      if (Number.isNaN(number)) throw missing(column);
      throw new Unencodable(`"${column}" is infinite`, 'Cap it, or leave out the row');
    }
    out[at] = (number - mean) / deviation;
  };
}

const missing = (column: string): Unencodable =>
  new Unencodable(
    `"${column}" is missing`,
    `Leave out such rows with dropMissing("${column}"), or fill them with fillMissing({ "${column}": … })`,
  );
