/** Searching a trial's whole log, on the server: as one types, a part at a time, and again as lines are printed. */
import { trialEvents } from '@trialroom/shared/api/endpoints';
import type { LogLevel } from '@trialroom/shared/trial/log';
import type { LogLine } from '@trialroom/shared/trial/trial';
import { createEffect, createSignal, on, onCleanup } from 'solid-js';
import { call } from '../../data/api.ts';

/** What is looked for; an empty text finds every line of the level. */
export interface LogQuestion {
  text: string;
  regex: boolean;
  level: LogLevel | null;
}

export interface LogFinding {
  lines: () => readonly LogLine[];
  /** Lines that were looked at, and how many there are. */
  searched: () => number;
  total: () => number;
  /** More may be found from here on. */
  more: () => boolean;
  next: () => void;
  busy: () => boolean;
  failure: () => unknown;
  retry: () => void;
}

/** How long it waits for the next letter, in ms; and how long lines that are printed wait for more. */
const TYPING = 250;
const PRINTING = 2000;
/** Lines of one answer. */
const LINES = 500;

/**
 * For as long as the calling component lives.
 * @param asked null: nothing is looked for
 * @param last number of the newest line that is known
 */
export function createLogFinding(
  trial: () => string | undefined,
  asked: () => LogQuestion | null,
  last: () => number,
): LogFinding {
  const [lines, setLines] = createSignal<readonly LogLine[]>([]);
  const [at, setAt] = createSignal({ searched: 0, total: 0, from: 1 as number | null, end: 0 });
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<unknown>(null);
  let abort = new AbortController();
  let due: ReturnType<typeof setTimeout> | undefined;

  const read = async (from: number): Promise<void> => {
    const id = trial();
    const question = asked();
    if (id === undefined || question === null || busy()) return;
    const { signal } = abort;
    setBusy(true);
    setFailure(null);
    try {
      const { text, regex, level } = question;
      const found = await call(trialEvents.log, {
        params: { id },
        query: { q: text, ...(regex ? { regex: 'true' } : {}), ...(level ? { level } : {}), from, limit: LINES },
        signal,
      });
      if (signal.aborted) return;
      setLines((before) => [...before, ...found.lines]);
      setAt(({ searched }) => ({
        ...{ searched: searched + found.searched, total: found.total },
        ...{ from: found.next, end: found.next === null ? found.total : 0 },
      }));
    } catch (error) {
      if (!signal.aborted) setFailure(() => error);
    } finally {
      if (!signal.aborted) setBusy(false);
    }
  };
  const begin = (): void => {
    clearTimeout(due);
    due = undefined;
    abort.abort();
    abort = new AbortController();
    setBusy(false);
    setFailure(null);
    setLines([]);
    setAt({ searched: 0, total: 0, from: 1, end: 0 });
    if (asked() !== null) {
      due = setTimeout(() => {
        due = undefined;
        void read(1);
      }, TYPING);
    }
  };
  createEffect(on(() => JSON.stringify([trial() ?? null, asked()]), begin));
  // What is printed after the search came to the end is searched, too.
  createEffect(
    on(last, (newest) => {
      const { from, end } = at();
      if (asked() === null || from !== null || newest <= end || due !== undefined) return;
      due = setTimeout(() => {
        due = undefined;
        void read(at().end + 1);
      }, PRINTING);
    }),
  );
  onCleanup(() => {
    clearTimeout(due);
    abort.abort();
  });
  return {
    lines,
    searched: () => at().searched,
    total: () => at().total,
    more: () => at().from !== null && at().searched > 0,
    next: () => {
      const { from } = at();
      if (from !== null) void read(from);
    },
    busy,
    failure,
    retry: () => void read(at().from ?? at().end + 1),
  };
}
