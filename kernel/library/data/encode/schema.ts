/** Checks an encoding that comes from a file. Loaded only then. */
import { z } from 'zod';
import { KINDS } from '../table/column.ts';
import type { Encoding } from './encoding.ts';

const column = { column: z.string(), kind: z.enum(KINDS) };
const number = z.object({ as: z.literal('number'), ...column, mean: z.number(), deviation: z.number() });

/** See {@link Encoding}. */
export const EncodingSchema: z.ZodType<Encoding> = z.object({
  features: z.array(
    z.discriminatedUnion('as', [
      number,
      z.object({
        as: z.literal('categories'),
        ...column,
        categories: z.array(z.string()),
        unknown: z.enum(['error', 'zeros']),
      }),
    ]),
  ),
  target: z
    .discriminatedUnion('as', [
      number,
      z.object({ as: z.literal('classes'), ...column, classes: z.array(z.string()), oneHot: z.boolean() }),
    ])
    .optional(),
});
