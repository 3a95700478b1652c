/** Data sets out of arrays, tensors and labels at hand. */

import { DataError } from '../error.ts';
import { FileArray } from '../formats/file-array.ts';
import type { SourceFile } from '../origin/origin.ts';
import { Dataset } from './dataset.ts';
import {
  type ArrayInput,
  type FieldOptions,
  type LabelOptions,
  labelField,
  numberField,
  toNumericArray,
} from './fields.ts';
import { NumericArray } from './numeric.ts';
import type { Field } from './plan.ts';

/** An array with what becomes of its numbers. */
export type ScaledInput = FieldOptions & { array: ArrayInput | FileArray };

/** What a model is given, or is to give. */
export type DatasetInput = ArrayInput | FileArray | ScaledInput;

/** The parts of a data set. Either `targets` or `labels`, or neither. */
export interface DatasetParts extends LabelOptions {
  /** Numbers whose first dimension counts the examples; several under names, for models with several inputs. */
  inputs: DatasetInput | Readonly<Record<string, DatasetInput>>;
  /** Quantities to predict, likewise. */
  targets?: DatasetInput | Readonly<Record<string, DatasetInput>>;
  /** The class of each example. */
  labels?: ArrayLike<number | string | boolean | null> | NumericArray;
  /** How much each example counts. */
  weights?: ArrayLike<number>;
}

/**
 * A data set out of arrays. Numbers are copied: what is done to the arrays later changes nothing.
 * @throws DataError when there are no examples, parts differ in their number, a number is NaN, a label is none of the
 * classes, or all labels are the same
 * @example data.dataset({ inputs: pixels, labels, classes: 10 })
 */
export function dataset(parts: DatasetParts): Dataset {
  const { targets, labels, weights } = parts;
  if (targets !== undefined && labels !== undefined) {
    throw new RangeError('dataset(): give either targets (quantities) or labels (classes)');
  }
  const inputs = fieldsOf(parts.inputs, 'inputs');
  const outputs = targets === undefined ? [] : fieldsOf(targets, 'targets');
  const files = [...inputs, ...outputs].flatMap(({ sources }) => sources);
  const count = inputs[0]?.count ?? 0;
  for (const { count: own, what } of [...inputs, ...outputs]) checkCount(own, count, what, inputs[0]?.what ?? 'inputs');
  const classes = labels && classesOf(labels, parts);
  if (labels) checkCount(labels.length, count, 'labels', inputs[0]?.what ?? 'inputs');
  if (weights) checkCount(weights.length, count, 'weights', inputs[0]?.what ?? 'inputs');
  return new Dataset(
    {
      kind: 'indexed',
      stored: count,
      inputs: inputs.map(({ field }) => field),
      targets: classes ? [classes.field] : outputs.map(({ field }) => field),
      ...(weights
        ? { weights: numberField(new NumericArray(Float32Array.from(weights), [weights.length]), 'weights') }
        : {}),
    },
    { sources: files, ...(classes ? { classes: classes.classes } : {}) },
  );
}

function classesOf(labels: NonNullable<DatasetParts['labels']>, options: LabelOptions): ReturnType<typeof labelField> {
  if (!(labels instanceof NumericArray)) return labelField(labels, options);
  if (labels.shape.length !== 1) {
    throw new DataError(`labels [${labels.shape.join(', ')}]: one number for each example was expected`, {
      advice: 'Rows of ones and zeros are targets, not labels',
    });
  }
  return labelField(labels.values, options);
}

interface Part {
  what: string;
  count: number;
  field: Field;
  sources: readonly SourceFile[];
}

function fieldsOf(given: NonNullable<DatasetParts['inputs']>, what: string): Part[] {
  if (isNamed(given)) return Object.entries(given).map(([name, input]) => fieldOf(input, `${what}.${name}`));
  return [fieldOf(given, what)];
}

function fieldOf(given: DatasetInput, what: string): Part {
  const { array, ...options } = isScaled(given) ? given : { array: given };
  if (array instanceof FileArray) return { what, count: array.length, field: array.field(options), sources: [] };
  const numbers = toNumericArray(array, what);
  return { what, count: numbers.length, field: numberField(numbers, what, options), sources: numbers.sources };
}

const isScaled = (given: DatasetInput): given is ScaledInput => typeof given === 'object' && 'array' in given;

function isNamed(given: NonNullable<DatasetParts['inputs']>): given is Readonly<Record<string, DatasetInput>> {
  if (Array.isArray(given) || ArrayBuffer.isView(given) || given instanceof FileArray) return false;
  return !('shape' in given) && !('array' in given);
}

function checkCount(own: number, count: number, what: string, first: string): void {
  if (own === count) return;
  throw new DataError(`${what} has ${own} examples, ${first} has ${count}`, {
    advice: 'Each example needs all parts: check where rows were left out',
  });
}
