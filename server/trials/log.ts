/**
 * A trial's log: what its executions printed, as lines. Text is collected for a moment, stored as one chunk and then
 * announced; a program that prints a million lines costs a few rows, and browsers get only the newest of each chunk.
 */
import type { LogLine } from '@trialroom/shared/trial/trial';
import type { Database } from '../database/database.ts';
import { LogChunkEntity } from './entities.ts';
import { storableText } from './storable.ts';

/** Lines of the newest log that a snapshot or an event carries at most. */
export const LOG_SHOWN = 200;

/** Characters of one line that are kept. */
const LINE_KEPT = 4000;

const FLUSH_MS = 100;

/** Characters collected before a chunk is stored at once. */
const CHUNK = 1_000_000;

type Stream = LogLine['stream'];

interface Book {
  seq: number;
  partial: Record<Stream, string>;
  lines: LogLine[];
  size: number;
}

export interface Log {
  /** Adds printed text to the log of a trial that began here. */
  print(trial: string, stream: Stream, text: string): void;
  /** The trial runs again, here: its log goes on after what is stored. */
  goOn(trial: string): Promise<void>;
  /** Ends the last line and resolves when everything printed is stored; the trial's log is closed. */
  close(trial: string): Promise<void>;
  /** Keeps lines that were numbered by who printed them, in the chunks given; a repeated chunk changes nothing. */
  keep(trial: string, lines: readonly LogLine[]): Promise<void>;
  /** The newest lines, oldest first. */
  tail(trial: string, count?: number): Promise<LogLine[]>;
  flush(): Promise<void>;
}

export interface LogOptions {
  db: Database;
  onStored(trial: string, lines: LogLine[]): void;
  onFault(error: unknown): void;
}

export function createLog({ db, onStored, onFault }: LogOptions): Log {
  const books = new Map<string, Book>();
  let timer: NodeJS.Timeout | undefined;
  let storing: Promise<void> = Promise.resolve();

  const store = async (): Promise<void> => {
    const chunks = [...books]
      .filter(([, book]) => book.lines.length > 0)
      .map(([trial, book]) => [trial, taken(book)] as const);
    if (chunks.length === 0) return;
    await db.em().insertMany(
      LogChunkEntity,
      chunks.map(([trial, lines]) => ({
        trial,
        firstSeq: lines[0]?.seq ?? 0,
        lastSeq: lines.at(-1)?.seq ?? 0,
        lines: JSON.stringify(lines),
      })),
    );
    for (const [trial, lines] of chunks) onStored(trial, lines.slice(-LOG_SHOWN));
  };

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    storing = storing.then(store).catch(onFault);
    return storing;
  };

  const put = (book: Book, stream: Stream, text: string): void => {
    book.seq++;
    const line = lastWritten(text);
    const kept = line.length > LINE_KEPT ? `${line.slice(0, LINE_KEPT)}…` : line;
    book.lines.push({ seq: book.seq, at: Date.now(), stream, text: storableText(kept) });
    book.size += kept.length;
  };

  return {
    print: (trial, stream, text) => {
      const book = books.get(trial) ?? { seq: 0, partial: { stdout: '', stderr: '' }, lines: [], size: 0 };
      books.set(trial, book);
      const lines = (book.partial[stream] + text).split('\n');
      book.partial[stream] = (lines.pop() ?? '').slice(-2 * LINE_KEPT);
      for (const line of lines) put(book, stream, line);
      if (book.size > CHUNK) void flush();
      else timer ??= setTimeout(flush, FLUSH_MS);
    },
    goOn: async (trial) => {
      const [last] = await db.em().find(LogChunkEntity, { trial }, { orderBy: { lastSeq: 'desc' }, limit: 1 });
      const seq = last?.lastSeq ?? 0;
      books.set(trial, { seq, partial: { stdout: '', stderr: '' }, lines: [], size: 0 });
    },
    close: async (trial) => {
      const book = books.get(trial);
      if (!book) return;
      for (const stream of ['stdout', 'stderr'] as const) {
        if (book.partial[stream] !== '') put(book, stream, book.partial[stream]);
        book.partial[stream] = '';
      }
      await flush();
      books.delete(trial);
    },
    keep: async (trial, said) => {
      if (said.length === 0) return;
      const kept = said.map((line) => ({ ...line, text: storableText(line.text.slice(0, LINE_KEPT + 1)) }));
      const chunk = { trial, firstSeq: kept[0]?.seq ?? 0, lastSeq: kept.at(-1)?.seq ?? 0, lines: JSON.stringify(kept) };
      await db.em().upsert(LogChunkEntity, chunk, { onConflictAction: 'ignore' });
      onStored(trial, kept.slice(-LOG_SHOWN));
    },
    tail: async (trial, count = LOG_SHOWN) => {
      const lines: LogLine[] = [];
      let before = Number.MAX_SAFE_INTEGER;
      while (lines.length < count) {
        const [chunk] = await db
          .em()
          .find(LogChunkEntity, { trial, lastSeq: { $lt: before } }, { orderBy: { lastSeq: 'desc' }, limit: 1 });
        if (!chunk) break;
        const stored: LogLine[] = JSON.parse(chunk.lines);
        lines.unshift(...stored.slice(-(count - lines.length)));
        before = chunk.lastSeq;
      }
      return lines;
    },
    flush,
  };
}

function taken(book: Book): LogLine[] {
  const { lines } = book;
  book.lines = [];
  book.size = 0;
  return lines;
}

/** What a terminal would show of a line after its carriage returns. */
function lastWritten(line: string): string {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  return text.slice(text.lastIndexOf('\r') + 1);
}
