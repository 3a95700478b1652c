/**
 * Searching a trial's log. Chunks are read a few at a time and looked through in a worker thread: a regular expression
 * may take for ever, and then only the search ends.
 */
import { Worker } from 'node:worker_threads';
import { type LogLevel, type LogSearch, levelOf } from '@trialroom/shared/trial/log';
import type { LogLine } from '@trialroom/shared/trial/trial';
import type { Database } from '../database/database.ts';
import { Refusal } from '../http/refusal.ts';
import { LogChunkEntity } from './entities.ts';

export interface LogQuery {
  q?: string | undefined;
  regex?: boolean | undefined;
  /** Whether upper and lower case are different. */
  case?: boolean | undefined;
  /** The first line that is looked at. */
  from?: number | undefined;
  limit?: number | undefined;
  stream?: LogLine['stream'] | undefined;
  level?: LogLevel | undefined;
}

/** Longest time that one answer may be searched for, in ms. */
const SEARCH_MS = 2000;

/** Longest time that a regular expression may take for one batch of lines, in ms. */
const MATCH_MS = 1000;

/** Chunks that are read at a time. */
const CHUNKS = 8;

/** @throws Refusal (422) for an expression that is none, or that takes too long */
export async function searchLog(db: Database, trial: string, query: LogQuery): Promise<LogSearch> {
  const { from = 1, limit = 500, stream, level } = query;
  const total = await lineCount(db, trial);
  const matcher = matcherOf(query);
  const lines: LogSearch['lines'] = [];
  const endAt = performance.now() + SEARCH_MS;
  let searched = 0;
  let next: number | null = from;
  try {
    while (next !== null) {
      const batch = await linesFrom(db, trial, next);
      if (batch.length === 0) {
        next = null;
        break;
      }
      const fits = batch.filter(
        (line) => (!stream || line.stream === stream) && (!level || levelOf(line.text) === level),
      );
      const found = await matcher.matches(fits);
      const taken = found.slice(0, limit - lines.length);
      lines.push(...taken.map((line) => ({ ...line, level: levelOf(line.text) })));
      const last = batch.at(-1)?.seq ?? 0;
      const stop = taken.length < found.length || lines.length >= limit;
      const end: number = stop ? (taken.at(-1)?.seq ?? last) : last;
      searched += batch.findLastIndex(({ seq }) => seq <= end) + 1;
      next = end >= total ? null : end + 1;
      if (stop || performance.now() > endAt) break;
    }
  } finally {
    await matcher.close();
  }
  return { lines, next, searched, total };
}

/** The whole log as text, chunk by chunk. */
export async function* logText(db: Database, trial: string): AsyncGenerator<Uint8Array, void, undefined> {
  for (let next = 1; ; ) {
    const batch = await linesFrom(db, trial, next);
    const last = batch.at(-1);
    if (!last) return;
    yield Buffer.from(`${batch.map(({ text }) => text).join('\n')}\n`);
    next = last.seq + 1;
  }
}

async function linesFrom(db: Database, trial: string, from: number): Promise<LogLine[]> {
  const chunks = await db
    .em()
    .find(LogChunkEntity, { trial, lastSeq: { $gte: from } }, { orderBy: { lastSeq: 'asc' }, limit: CHUNKS });
  return chunks.flatMap(({ lines }): LogLine[] => JSON.parse(lines)).filter(({ seq }) => seq >= from);
}

async function lineCount(db: Database, trial: string): Promise<number> {
  const [last] = await db.em().find(LogChunkEntity, { trial }, { orderBy: { lastSeq: 'desc' }, limit: 1 });
  return last?.lastSeq ?? 0;
}

interface Matcher {
  matches(lines: LogLine[]): Promise<LogLine[]>;
  close(): Promise<unknown>;
}

function matcherOf({ q = '', regex = false, case: exact = false }: LogQuery): Matcher {
  if (q === '') return { matches: async (lines) => lines, close: async () => {} };
  if (regex) return new RegexMatcher(q, exact ? '' : 'i');
  const wanted = exact ? q : q.toLowerCase();
  const has = ({ text }: LogLine): boolean => (exact ? text : text.toLowerCase()).includes(wanted);
  return { matches: async (lines) => lines.filter(has), close: async () => {} };
}

/** What the worker runs: plain JavaScript, so that it starts at once. */
const WORKER = `
const { parentPort, workerData } = require('node:worker_threads');
const pattern = new RegExp(workerData.source, workerData.flags);
parentPort.on('message', (texts) => {
  const found = [];
  for (let i = 0; i < texts.length; i++) if (pattern.test(texts[i])) found.push(i);
  parentPort.postMessage(found);
});`;

class RegexMatcher implements Matcher {
  readonly #worker: Worker;
  readonly #source: string;

  constructor(source: string, flags: string) {
    try {
      new RegExp(source, flags);
    } catch (error) {
      throw new Refusal(422, {
        error: 'bad-expression',
        message: error instanceof Error ? error.message : String(error),
        where: 'q',
        fix: 'Correct the regular expression, or search for the text itself.',
      });
    }
    this.#source = source;
    this.#worker = new Worker(WORKER, {
      ...{ eval: true, workerData: { source, flags } },
      resourceLimits: { maxOldGenerationSizeMb: 128 },
    });
  }

  async matches(lines: LogLine[]): Promise<LogLine[]> {
    if (lines.length === 0) return [];
    const found = await new Promise<number[]>((resolve, reject) => {
      const timer = setTimeout(() => settle(() => reject(this.#tooSlow())), MATCH_MS);
      const answered = (places: number[]): void => settle(() => resolve(places));
      const failed = (error: Error): void => settle(() => reject(error));
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        this.#worker.off('message', answered).off('error', failed);
        act();
      };
      this.#worker.on('message', answered).on('error', failed);
      this.#worker.postMessage(lines.map(({ text }) => text));
    });
    return found.flatMap((place) => lines[place] ?? []);
  }

  close(): Promise<unknown> {
    return this.#worker.terminate();
  }

  #tooSlow(): Refusal {
    return new Refusal(422, {
      error: 'expression-too-slow',
      message: `The expression ${this.#source} takes too long.`,
      where: 'q',
      fix: 'Repeat less within repetitions, e.g. (a+)+, or search for the text itself.',
    });
  }
}
