/** Why an execution was stopped, and how a reader is told. */

/** A person wished it, or it took longer than the limit that it ran under. */
export interface Stop {
  limitMs: number | undefined;
}

/** The error that stands under a stopped cell. */
export function stopError({ limitMs }: Stop): { name: string; message: string } {
  if (limitMs === undefined) {
    return { name: 'Interrupted', message: 'The cell was stopped; what it had changed is kept.' };
  }
  return {
    name: 'TimeLimit',
    message: `The cell took longer than its limit of ${limitMs / 1000} s and was stopped; what it had changed is kept.`,
  };
}
