/** Decides how columns become numbers, and learns what that takes. */
import { DataError, listed } from '../error.ts';
import { alike } from '../origin/alike.ts';
import type { Kind, Schema } from '../table/column.ts';
import type { Encoding, Feature, Target } from './encoding.ts';

/** What to predict from what. */
export interface EncodeOptions<Name extends string = string> {
  /** Columns to learn from; all but the target, and texts with many values, when not given. */
  inputs?: readonly Name[];
  /** Column to predict. */
  target?: Name;
  /**
   * What becomes of numbers: `standardise` (mean 0, deviation 1, when not given), `range` (0 to 1), or `none`. The target
   * stays as it is.
   */
  scale?: 'standardise' | 'range' | 'none';
  /** Columns of numbers whose values are categories. */
  categories?: readonly Name[];
  /** What a category does that did not occur in training: throw an error (when not given), or be all zeros. */
  unknown?: 'error' | 'zeros';
  /** For classes: 1 in the place of the class (true, when not given), or its number. */
  oneHot?: boolean;
}

/** What is known of a column. */
export interface ColumnFacts {
  mean: number;
  deviation: number;
  min: number;
  max: number;
  /** Distinct values, missing ones left out; undefined when there are more than {@link MOST_CATEGORIES}. */
  distinct: readonly string[] | undefined;
}

/** More categories would be as many inputs; such columns must be made into something else first. */
export const MOST_CATEGORIES = 1000;
/** Texts with more values are not taken for inputs on their own. */
const FEW = 100;

/**
 * Learns an encoding.
 * @param facts asked for each column that takes part
 * @throws DataError when a column does not exist or has no numeric form, or the target has one class only
 */
export function learnEncoding(
  schema: Schema,
  options: EncodeOptions,
  facts: (column: string) => ColumnFacts,
): Encoding {
  const { target, categories = [], unknown = 'error', scale = 'standardise' } = options;
  for (const name of [...(options.inputs ?? []), ...categories, ...(target === undefined ? [] : [target])]) {
    checkColumn(schema, name);
  }
  const inputs =
    options.inputs ?? Object.keys(schema).filter((name) => name !== target && isInput(schema[name], () => facts(name)));
  if (inputs.length === 0) {
    throw new DataError('there is no column to learn from', { advice: 'Name the inputs: { inputs: ["…"] }' });
  }
  const features = inputs.map((column): Feature => {
    const kind = schema[column] ?? 'string';
    if (kind === 'date') {
      throw new DataError(`"${column}" holds dates, which have no numeric form of their own`, {
        advice: `Derive what matters first, e.g. table.derive({ month: (row) => row.${column}?.getUTCMonth() ?? NaN })`,
      });
    }
    const known = facts(column);
    if (isText(kind) || categories.includes(column)) {
      return { as: 'categories', column, kind, categories: distinctOf(column, known), unknown };
    }
    return { as: 'number', column, kind, ...scaling(known, kind === 'bool' ? 'none' : scale) };
  });
  return target === undefined ? { features } : { features, target: targetOf(target, schema, options, facts(target)) };
}

const isText = (kind: Kind): boolean => kind === 'string' || kind === 'categorical';

function isInput(kind: Kind | undefined, facts: () => ColumnFacts): boolean {
  if (kind === undefined || kind === 'date') return false;
  if (!isText(kind)) return true;
  const { distinct } = facts();
  return distinct !== undefined && distinct.length <= FEW;
}

function distinctOf(column: string, { distinct }: ColumnFacts): string[] {
  if (distinct === undefined) {
    throw new DataError(
      `"${column}" has more than ${MOST_CATEGORIES} different values, which would be as many inputs`,
      {
        advice: 'Leave it out of the inputs, or derive something coarser from it',
      },
    );
  }
  return [...distinct];
}

function scaling(
  { mean, deviation, min, max }: ColumnFacts,
  scale: NonNullable<EncodeOptions['scale']>,
): { mean: number; deviation: number } {
  if (scale === 'none') return { mean: 0, deviation: 1 };
  const [centre, spread] = scale === 'range' ? [min, max - min] : [mean, deviation];
  // A column that never changes says nothing; it becomes 0 instead of dividing by 0.
  return { mean: Number.isFinite(centre) ? centre : 0, deviation: spread > 0 && Number.isFinite(spread) ? spread : 1 };
}

function targetOf(column: string, schema: Schema, options: EncodeOptions, known: ColumnFacts): Target {
  const kind = schema[column] ?? 'string';
  const { categories = [], oneHot = true } = options;
  if (kind === 'date') {
    throw new DataError(`the target "${column}" holds dates`, { advice: 'Derive a number or a class from it first' });
  }
  if (!isText(kind) && kind !== 'bool' && !categories.includes(column)) {
    return { as: 'number', column, kind, mean: 0, deviation: 1 };
  }
  const classes = distinctOf(column, known);
  if (classes.length < 2) {
    throw new DataError(
      classes.length === 0
        ? `the target "${column}" is missing everywhere`
        : `the target "${column}" is "${classes[0]}" everywhere; there is nothing to tell apart with only one class`,
      { advice: 'Check how the data were chosen: a filter or a split by order may have left one class only' },
    );
  }
  return { as: 'classes', column, kind, classes, oneHot };
}

/** @throws DataError when there is no such column; names that are like it are given */
export function checkColumn(schema: Schema, name: string): void {
  if (Object.hasOwn(schema, name)) return;
  const names = Object.keys(schema);
  const like = alike(name, names);
  throw new DataError(`there is no column "${name}"`, {
    advice: names.length === 0 ? 'The table has no columns' : `There are ${listed(like.length > 0 ? like : names)}`,
  });
}
