/**
 * How values of a table become numbers: learnt from the training data once, then the same for all other data. Plain data,
 * to be kept with a model and sent to other threads. `schema.ts` checks what comes from a file.
 */
import type { Kind } from '../table/column.ts';

/** A number: (value − `mean`) ÷ `deviation`. */
export interface NumberFeature {
  as: 'number';
  column: string;
  kind: Kind;
  mean: number;
  deviation: number;
}

/** A number for each category: 1 for the value's own. */
export interface CategoryFeature {
  as: 'categories';
  column: string;
  kind: Kind;
  categories: string[];
  /** What a value does that is none of them: throw, or be all zeros. */
  unknown: 'error' | 'zeros';
}

/** One column of the inputs. */
export type Feature = NumberFeature | CategoryFeature;

/** A class, as ones and zeros or by its number. */
export interface ClassTarget {
  as: 'classes';
  column: string;
  kind: Kind;
  classes: string[];
  oneHot: boolean;
}

/** The column that is to be predicted. */
export type Target = NumberFeature | ClassTarget;

/** All of it. */
export interface Encoding {
  features: Feature[];
  target?: Target | undefined;
}

/** Numbers that a feature makes. */
export const widthOf = (feature: Feature): number => (feature.as === 'number' ? 1 : feature.categories.length);

/** Names of the numbers of an example, in order: `age`, `colour=red`, … */
export const featureNames = (features: readonly Feature[]): string[] =>
  features.flatMap((feature) =>
    feature.as === 'number' ? [feature.column] : feature.categories.map((category) => `${feature.column}=${category}`),
  );
