/** How far work is, as a cell shows it with a bar. */
import { z } from 'zod';

/** Data of a progress bar. Whoever draws it needs no history: pace and time come with it. */
export const ProgressData = z.object({
  done: z.number().nonnegative(),
  /** Absent while nobody knows how much there is. */
  total: z.number().positive().optional(),
  /** What is being done, e.g. `epoch 2 of 3`. */
  note: z.string().optional(),
  /** `stopped`: the cell ended before the work did. */
  state: z.enum(['running', 'done', 'stopped']).optional(),
  /** ms since it began. */
  elapsed: z.number().nonnegative().optional(),
  /** Steps a second, lately. */
  rate: z.number().nonnegative().optional(),
});
export type ProgressData = z.infer<typeof ProgressData>;
