/** Errors that nobody caught after, or beside, the run of their cell, as text: for terminals, files and trial logs. */
import { clip } from './brief.ts';
import type { CellError, StackFrame } from './outputs.ts';

/**
 * What a terminal shows of it.
 * @param here the cell whose output it goes to, if that is known: lines of others are not to be sought in it
 */
export function uncaughtText(error: CellError, here?: string): string {
  const file = ({ cell, file }: StackFrame): string | undefined =>
    cell === undefined ? file : here === undefined || cell === here ? 'cell' : 'another cell';
  const place = (frame: StackFrame): string => `${file(frame)}:${frame.line}:${frame.column}`;
  const lines = [`Uncaught ${error.name}: ${clip(error.message)}`];
  for (const frame of error.frames)
    lines.push(`    at ${frame.name ? `${frame.name} (${place(frame)})` : place(frame)}`);
  if (error.excerpt) lines.push(error.excerpt);
  for (const cause of error.causes ?? []) lines.push(`  caused by ${cause.name}: ${cause.message}`);
  return `${lines.join('\n')}\n`;
}
