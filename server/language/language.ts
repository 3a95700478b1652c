/**
 * Help with the TypeScript of notebooks: follows the documents that somebody looks at, answers questions about places in
 * them from types and from the running kernel, and tells those who watch what the type checker remarks. Nothing here is
 * kept: without it, notebooks run and are edited as ever.
 */
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Diagnostic, LanguageAnswer, LanguageQuery } from '@trialroom/shared/language/language';
import { type Chain, chainAt, chainBefore, unknownAnswer, withLive } from '@trialroom/shared/language/live';
import { cellOrder, cellsOf, sourceOf, typeOf } from '@trialroom/shared/notebook/document';
import { foreignDocument } from '@trialroom/shared/notebook/foreign';
import type { KernelStatus } from '@trialroom/shared/notebook/session';
import type { Documents, OpenDocument } from '../documents/documents.ts';
import type { Hub } from '../live/hub.ts';
import type { Log } from '../log.ts';
import type { Notebooks } from '../notebooks/notebooks.ts';
import type { Sessions } from '../sessions/offer.ts';
import { createLanguageProcess, LanguageUnavailable } from './process.ts';

export interface LanguageOptions {
  documents: Pick<Documents, 'open'>;
  hub: Pick<Hub, 'emit' | 'present'>;
  sessions: Pick<Sessions, 'status' | 'inspect' | 'complete'>;
  notebooks: Pick<Notebooks, 'get' | 'pathOf'>;
  notebooksDir: string;
  log: Log;
  /** How long after the last look or question a notebook is followed, in ms. */
  lingerMs?: number;
  /** How long a pause in typing must be until the type checker looks again, in ms. */
  pauseMs?: number;
  /** Path of the language process's program; absent: the one installed here. */
  entry?: string;
}

export interface Language {
  /** Answers a question. @throws Refusal when there is no such notebook */
  ask(notebook: string, query: LanguageQuery): Promise<LanguageAnswer>;
  /** Somebody looks at the notebook: the remarks so far; newer ones are told to those who watch it. */
  remarks(notebook: string): Record<string, Diagnostic[]>;
  /** Of the language process, while there is one. */
  pid(): number | undefined;
  close(): Promise<void>;
}

const LINGER_MS = 3 * 60_000;
const PAUSE_MS = 200;
/** How long an answer waits for the kernel once the types have spoken, in ms. */
const LIVE_MS = 40;
/** The same where the types have nothing to say. */
const LIVE_ONLY_MS = 1000;

interface Followed {
  readonly document: OpenDocument;
  /** Where its file was when it was opened. */
  readonly path: string;
  /** The process has not been told the newest cells. */
  stale: boolean;
  /** The newest cells have not been checked. */
  unchecked: boolean;
  checking: boolean;
  timer: NodeJS.Timeout | undefined;
  remarks: Record<string, Diagnostic[]>;
  lastUse: number;
  /** Questions that wait for an answer. */
  asking: number;
  leave(): void;
}

export function createLanguage(options: LanguageOptions): Language {
  const { documents, hub, sessions, notebooks, notebooksDir, log } = options;
  const { lingerMs = LINGER_MS, pauseMs = PAUSE_MS, entry } = options;
  const followed = new Map<string, Promise<Followed>>();
  const open = new Map<string, Followed>();
  let closed = false;

  const server = createLanguageProcess({
    log,
    ...(entry === undefined ? {} : { entry }),
    onReplaced: () => {
      for (const [notebook, one] of open) checkLater(notebook, one, 0);
    },
  });

  const load = async (notebook: string): Promise<Followed> => {
    const { path } = await notebooks.get(notebook);
    const document = await documents.open(notebook);
    const changed = (): void => {
      one.stale = true;
      checkLater(notebook, one, pauseMs);
    };
    document.doc.on('update', changed);
    const one: Followed = {
      document,
      path,
      stale: true,
      unchecked: true,
      checking: false,
      timer: undefined,
      remarks: {},
      lastUse: Date.now(),
      asking: 0,
      leave() {
        clearTimeout(one.timer);
        document.doc.off('update', changed);
        document.release();
        server.close(notebook);
        open.delete(notebook);
        followed.delete(notebook);
      },
    };
    if (closed) {
      one.leave();
      throw new LanguageUnavailable('the server is stopping');
    }
    open.set(notebook, one);
    checkLater(notebook, one, 0);
    return one;
  };

  const follow = (notebook: string): Promise<Followed> => {
    const known = followed.get(notebook);
    if (known) return known;
    const loading = load(notebook);
    followed.set(notebook, loading);
    loading.catch(() => followed.delete(notebook));
    return loading;
  };

  /** The process learns the cells as they are now. */
  const tell = (notebook: string, one: Followed): void => {
    if (!one.stale) return;
    one.stale = false;
    const { doc } = one.document;
    const cells = cellsOf(doc);
    // Another language's code is none to the type checker.
    const ids = foreignDocument(doc) === null ? cellOrder(doc) : [];
    const code = ids.flatMap((cell) => {
      const found = cells.get(cell);
      return found && typeOf(found) === 'code' ? [{ cell, source: sourceOf(found).toString() }] : [];
    });
    const path = notebooks.pathOf(notebook) ?? one.path;
    server.cells(notebook, dirname(join(notebooksDir, path)), code);
  };

  const checkLater = (notebook: string, one: Followed, wait: number): void => {
    one.unchecked = true;
    clearTimeout(one.timer);
    one.timer = setTimeout(() => void check(notebook, one), wait);
    one.timer.unref();
  };

  const watched = (notebook: string): boolean =>
    hub.present().some(({ topics }) => topics.includes(`notebook:${notebook}`));

  const check = async (notebook: string, one: Followed): Promise<void> => {
    if (one.checking || !one.unchecked || closed) return;
    one.checking = true;
    one.unchecked = false;
    try {
      tell(notebook, one);
      const remarks = await server.check(notebook);
      if (open.get(notebook) !== one) return;
      if (!isDeepStrictEqual(remarks, one.remarks)) {
        one.remarks = remarks;
        hub.emit(`notebook:${notebook}`, 'diagnostics', { notebook, cells: remarks });
      }
    } catch (error) {
      // The next process, or the next change, asks again.
      log.debug({ err: error, notebook }, 'the types of a notebook could not be checked');
    } finally {
      one.checking = false;
      if (one.unchecked && !closed && open.get(notebook) === one) checkLater(notebook, one, pauseMs);
    }
  };

  const sweep = setInterval(
    () => {
      const now = Date.now();
      for (const [notebook, one] of open) {
        if (one.asking > 0 || watched(notebook)) one.lastUse = now;
        else if (now - one.lastUse > lingerMs) one.leave();
      }
      if (followed.size === 0) void server.rest();
    },
    Math.min(lingerMs, 30_000),
  );
  sweep.unref();

  const typed = async (notebook: string, query: LanguageQuery): Promise<LanguageAnswer> => {
    const one = await follow(notebook);
    one.asking++;
    try {
      tell(notebook, one);
      return await server.query(notebook, query);
    } catch (error) {
      if (!(error instanceof LanguageUnavailable)) throw error;
      log.debug({ err: error, notebook }, 'a question about types was not answered');
      return unknownAnswer(query);
    } finally {
      one.asking--;
      one.lastUse = Date.now();
    }
  };

  /** What the kernel says, if it says it in time. */
  const live = <Answer>(notebook: string, ask: () => Promise<Answer>): ((ms: number) => Promise<Answer | null>) => {
    const status: KernelStatus = sessions.status(notebook);
    if (status !== 'idle' && status !== 'busy') return async () => null;
    const asked = ask().catch(() => null);
    return async (ms) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<null>((resolve) => {
        timer = setTimeout(resolve, ms, null);
      });
      return Promise.race([asked, late]).finally(() => clearTimeout(timer));
    };
  };

  const complete = async (notebook: string, query: LanguageQuery, chain: Chain): Promise<LanguageAnswer> => {
    const members = live(notebook, () => sessions.complete(notebook, chain.expression));
    const answer = await typed(notebook, query);
    if (answer.ask !== 'complete' || answer.inner) return answer;
    const found = await members(answer.items.length > 0 ? LIVE_MS : LIVE_ONLY_MS);
    return found ? withLive(answer, chain, found) : answer;
  };

  const hover = async (notebook: string, query: LanguageQuery, chain: Chain): Promise<LanguageAnswer> => {
    const value = live(notebook, () => sessions.inspect(notebook, chain.expression));
    const answer = await typed(notebook, query);
    if (answer.ask !== 'hover' || answer.hover?.inner) return answer;
    const seen = await value(answer.hover ? LIVE_MS : LIVE_ONLY_MS);
    if (!seen) return answer;
    const { from, to, text } = answer.hover ?? { ...lastName(chain), text: '' };
    return { ask: 'hover', hover: { from, to, text, value: seen.text } };
  };

  return {
    ask: async (notebook, query) => {
      const at = Math.max(0, Math.min(query.offset, query.source.length));
      const question = { ...query, offset: at };
      const chain =
        query.ask === 'complete'
          ? chainBefore(query.source, at)
          : query.ask === 'hover'
            ? chainAt(query.source, at)
            : null;
      if (!chain) return typed(notebook, question);
      return query.ask === 'complete' ? complete(notebook, question, chain) : hover(notebook, question, chain);
    },
    remarks: (notebook) => {
      const one = open.get(notebook);
      if (one) one.lastUse = Date.now();
      else if (!closed)
        follow(notebook).catch((error) => log.debug({ err: error, notebook }, 'a notebook cannot be followed'));
      return one?.remarks ?? {};
    },
    pid: () => server.pid(),
    async close() {
      closed = true;
      clearInterval(sweep);
      await Promise.allSettled(followed.values());
      for (const one of [...open.values()]) one.leave();
      await server.rest();
    },
  };
}

/** The place of the last name of a chain. */
const lastName = ({ expression, to }: Chain): { from: number; to: number } => ({
  from: to - (/[^.]*$/.exec(expression)?.[0].length ?? 0),
  to,
});
