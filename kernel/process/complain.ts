/** What a kernel says to whoever reads the log of its process. */
import { writeSync } from 'node:fs';

/** Begins each of its lines. */
const MARK = 'trialroom kernel: ';

/**
 * Writes a line to stderr. It never throws: a cell may have closed the stream, or the pipe behind it may be full because
 * nobody reads it, and neither is worth the kernel.
 */
export function complain(text: string): void {
  try {
    writeSync(2, `${MARK}${text}\n`);
  } catch {
    // Nobody hears it.
  }
}

/** The words of what was thrown. */
export const wordsOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
