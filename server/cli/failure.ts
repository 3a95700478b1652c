/** Errors in words for a terminal. */
import { Refusal } from '../http/refusal.ts';

/** What was wrong, where, and what to do, in up to three lines; a stack only when `DEBUG` is set. */
export function failure(error: unknown): string {
  if (error instanceof Refusal) {
    const { message, where, fix } = error.problem;
    return [`trialroom: ${message}`, where && `  where: ${where}`, fix && `  what to do: ${fix}`]
      .filter(Boolean)
      .join('\n');
  }
  if (!(error instanceof Error)) return `trialroom: ${String(error)}`;
  return `trialroom: ${process.env.DEBUG ? (error.stack ?? error.message) : error.message}`;
}
