/**
 * How values of a table become numbers: learnt from the training data once, then the same for all other data. Plain data,
 * to be kept with a model and sent to other threads.
 */
import { z } from 'zod';
import { KINDS } from '../table/column.ts';

/** One column, or several numbers out of one column, of the inputs. */
export const Feature = z.discriminatedUnion('as', [
  /** (value − `mean`) ÷ `deviation`. */
  z.object({
    as: z.literal('number'),
    column: z.string(),
    kind: z.enum(KINDS),
    mean: z.number(),
    deviation: z.number(),
  }),
  /** A number for each category: 1 for the value's own. */
  z.object({
    as: z.literal('categories'),
    column: z.string(),
    kind: z.enum(KINDS),
    categories: z.array(z.string()),
    /** What a value does that is none of them: throw, or be all zeros. */
    unknown: z.enum(['error', 'zeros']),
  }),
]);
export type Feature = z.infer<typeof Feature>;

/** The column that is to be predicted. */
export const Target = z.discriminatedUnion('as', [
  z.object({
    as: z.literal('number'),
    column: z.string(),
    kind: z.enum(KINDS),
    mean: z.number(),
    deviation: z.number(),
  }),
  z.object({
    as: z.literal('classes'),
    column: z.string(),
    kind: z.enum(KINDS),
    classes: z.array(z.string()),
    oneHot: z.boolean(),
  }),
]);
export type Target = z.infer<typeof Target>;

/** All of it. */
export const Encoding = z.object({ features: z.array(Feature), target: Target.optional() });
export type Encoding = z.infer<typeof Encoding>;

/** Numbers that a feature makes. */
export const widthOf = (feature: Feature): number => (feature.as === 'number' ? 1 : feature.categories.length);

/** Names of the numbers of an example, in order: `age`, `colour=red`, … */
export const featureNames = (features: readonly Feature[]): string[] =>
  features.flatMap((feature) =>
    feature.as === 'number' ? [feature.column] : feature.categories.map((category) => `${feature.column}=${category}`),
  );
