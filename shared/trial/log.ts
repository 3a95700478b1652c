/** A trial's log: the level of a line, and what a search gives. */
import { z } from 'zod';
import { LogLine } from './trial.ts';

export const LogLevel = z.enum(['debug', 'info', 'warning', 'error']);
export type LogLevel = z.infer<typeof LogLevel>;

/** Lines that a search found. */
export const LogSearch = z.object({
  lines: z.array(LogLine.extend({ level: LogLevel.nullable() })),
  /** The search goes on from this line; null: it came to the end. */
  next: z.number().int().nullable(),
  /** Lines that were looked at. */
  searched: z.number().int(),
  /** How many lines the log has. */
  total: z.number().int(),
});
export type LogSearch = z.infer<typeof LogSearch>;

/** A level as programs begin a line with it, after a time, a name in brackets, or nothing. */
const NAMED =
  /^\s*(?:\[?\d[\d\-:.,TZ+/ ]*\]?\s*)?(?:\[[^\]]{1,40}\]\s*)?[[(<]?(trace|debug|info|notice|warn|warning|error|err|fatal|critical|severe)[\])>]?\s*(?:[:|\-–\s]|$)/i;
const LEVELS: Readonly<Record<string, LogLevel>> = {
  ...{ trace: 'debug', debug: 'debug', info: 'info', notice: 'info', warn: 'warning', warning: 'warning' },
  ...{ error: 'error', err: 'error', fatal: 'error', critical: 'error', severe: 'error' },
};
const IN_JSON = /^\s*\{.*"level"\s*:\s*(?:"(\w+)"|(\d+))/;
const THROWN = /^\s*(?:Uncaught\s+)?[A-Z]\w*(?:Error|Exception)\b\s*(?::|$)/;

/**
 * The level that a line was written with; null when it does not say. Read from the word it begins with, the `level` of a
 * line of JSON (numbers as pino has them: 50 is an error), or the name of an error.
 */
export function levelOf(text: string): LogLevel | null {
  const head = text.slice(0, 400);
  const [, word, number] = IN_JSON.exec(head) ?? [];
  if (word !== undefined) return LEVELS[word.toLowerCase()] ?? null;
  if (number !== undefined) return byNumber(Number(number));
  const named = NAMED.exec(head)?.[1];
  if (named !== undefined) return LEVELS[named.toLowerCase()] ?? null;
  return THROWN.test(head) ? 'error' : null;
}

const byNumber = (level: number): LogLevel =>
  level >= 50 ? 'error' : level >= 40 ? 'warning' : level >= 30 ? 'info' : 'debug';
