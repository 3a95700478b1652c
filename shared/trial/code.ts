/** The code that a trial ran: the notebook's cells in their order, or a script's file as one cell. Compared between trials. */
import { z } from 'zod';

/** A script that opens trials outside of a notebook: its entry file. */
export const TrialScript = z.object({
  /** Name of the file, without its folder. */
  name: z.string().min(1).max(300),
  source: z.string().max(1_000_000),
});
export type TrialScript = z.infer<typeof TrialScript>;

export const CodeCell = z.object({
  id: z.string(),
  type: z.enum(['code', 'markdown', 'raw']),
  source: z.string(),
  /** SHA-256 of the source, in hex: equal cells are known without reading them. */
  hash: z.string(),
});
export type CodeCell = z.infer<typeof CodeCell>;

/** What is kept of a trial's code when it is opened. */
export const TrialCode = z.object({
  /**
   * `session`: the notebook as it stood when a cell of it opened the trial · `launched`: the notebook that was launched,
   * which is all that ran · `script`: the entry file of a program.
   */
  kind: z.enum(['session', 'launched', 'script']),
  cells: z.array(CodeCell),
});
export type TrialCode = z.infer<typeof TrialCode>;
