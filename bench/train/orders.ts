/** What the two sides of `bench train` are told and what they answer, a line of JSON each. */
import { z } from 'zod';

export const ORDER = z.discriminatedUnion('do', [
  /** Builds a model and its batches; nothing is computed yet. */
  z.object({
    do: z.literal('start'),
    model: z.enum(['mlp', 'cnn', 'resnet1d', 'lstm', 'transformer', 'logistic']),
  }),
  /** Takes so many steps. */
  z.object({ do: z.literal('steps'), count: z.int().positive() }),
  /** Reads MNIST and trains one epoch. */
  z.object({ do: z.literal('epoch') }),
  /** The most memory that the process ever had. */
  z.object({ do: z.literal('memory') }),
]);
export type Order = z.infer<typeof ORDER>;

export const ANSWER = z.object({
  /** Versions of what computes. */
  about: z.string().optional(),
  /** How long each step took. */
  ms: z.array(z.number()).optional(),
  /** Loss of the last step, or the mean of the epoch. */
  loss: z.number().optional(),
  peakMb: z.number().optional(),
});
export type Answer = z.infer<typeof ANSWER>;
