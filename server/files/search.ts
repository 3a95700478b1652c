/**
 * Searches in the sources of all notebooks: open documents as they are now, the others as their files are. A search has
 * so long and no longer; one whose expression runs away is ended with its thread, and the next gets a new one.
 */
import { Worker } from 'node:worker_threads';
import { Found } from '@trialroom/shared/api/files';
import { cellOrder, cellsOf, sourceOf } from '@trialroom/shared/notebook/document';
import { z } from 'zod';
import type { OpenDocuments } from '../documents/open-documents.ts';
import { Refusal } from '../http/refusal.ts';
import type { Notebooks } from '../notebooks/notebooks.ts';
import type { Page } from './search-in.ts';
import type { Asked } from './search-worker.ts';

/** How long an expression may be matched, in ms. */
const DEADLINE = 2000;
/** A thread that nobody asked anything of for so long is ended, in ms. */
const IDLE = 5 * 60 * 1000;

export interface Sought {
  text: string;
  regex: boolean;
  caseSensitive: boolean;
  /** Most lines to give. */
  limit: number;
}

export interface Search {
  /** @throws Refusal (400) when the expression is none, or takes too long */
  find(sought: Sought): Promise<{ found: Found[]; more: boolean }>;
  close(): Promise<void>;
}

const Said = z.discriminatedUnion('type', [
  z.object({ type: z.literal('matching'), search: z.number() }),
  z.object({ type: z.literal('matched'), search: z.number() }),
  Found.pick({ id: true, total: true, lines: true }).extend({ type: z.literal('found'), search: z.number() }),
  z.object({ type: z.literal('done'), search: z.number(), more: z.boolean() }),
]);

export function createSearch({
  notebooks,
  documents,
  deadline = DEADLINE,
}: {
  notebooks: Notebooks;
  documents: Pick<OpenDocuments, 'peek'>;
  deadline?: number;
}): Search {
  let worker: Worker | null = null;
  let idle: NodeJS.Timeout | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let count = 0;

  const end = async (): Promise<void> => {
    const ending = worker;
    worker = null;
    await ending?.terminate();
  };

  async function find({ text, regex, caseSensitive, limit }: Sought): Promise<{ found: Found[]; more: boolean }> {
    const source = regex ? text : text.replaceAll(/[$()*+.?[\\\]^{|}/]/g, '\\$&');
    const flags = `gmu${caseSensitive ? '' : 'i'}`;
    try {
      new RegExp(source, flags);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Refusal(400, { error: 'bad-expression', message: why, where: 'text', fix: 'Mend the expression.' });
    }
    const listings = (await notebooks.list()).filter(({ problem }) => problem === null);
    const asked: Asked = {
      ...{ search: ++count, source, flags, limit },
      notebooks: listings.map(({ id, path }) => ({
        id,
        file: `${notebooks.folder.root}/${path}`,
        pages: pagesOf(documents, id),
      })),
    };
    const { more, hits } = await ask(asked, (id) => listings.find((listing) => listing.id === id)?.path ?? id);
    return {
      more,
      found: hits.flatMap(({ id, total, lines }) => {
        const listing = listings.find((one) => one.id === id);
        return listing ? [{ id, path: listing.path, title: listing.title, total, lines }] : [];
      }),
    };
  }

  function ask(
    asked: Asked,
    pathOf: (id: string) => string,
  ): Promise<{ hits: Omit<Found, 'path' | 'title'>[]; more: boolean }> {
    worker ??= new Worker(new URL('./search-worker.ts', import.meta.url));
    const thread = worker;
    thread.unref();
    clearTimeout(idle);
    idle = setTimeout(() => void end(), IDLE);
    idle.unref();
    const hits: Omit<Found, 'path' | 'title'>[] = [];
    return new Promise((resolve, reject) => {
      let late: NodeJS.Timeout | undefined;
      let [left, since] = [deadline, 0];
      const stop = (): void => {
        clearTimeout(late);
        thread.off('message', hear);
        thread.off('error', fail);
      };
      const fail = (error: unknown): void => {
        stop();
        void end();
        reject(error);
      };
      const hear = (message: unknown): void => {
        const said = Said.parse(message);
        if (said.search !== asked.search) return;
        if (said.type === 'found') hits.push({ id: said.id, total: said.total, lines: said.lines });
        else if (said.type === 'matching') {
          since = Date.now();
          late = setTimeout(() => fail(tooSlow(hits.at(-1), pathOf)), left);
        } else if (said.type === 'matched') {
          // Reading files has no deadline.
          clearTimeout(late);
          left = Math.max(1, left - (Date.now() - since));
        } else {
          stop();
          resolve({ hits, more: said.more });
        }
      };
      thread.on('message', hear);
      thread.on('error', fail);
      thread.postMessage(asked);
    });
  }

  return {
    find(sought) {
      // One after the other: each has the thread, and the time, to itself.
      const found = turn.then(() => find(sought));
      turn = found.catch(() => {});
      return found;
    },
    async close() {
      clearTimeout(idle);
      await end();
    },
  };
}

function pagesOf(documents: Pick<OpenDocuments, 'peek'>, id: string): Page[] | null {
  const doc = documents.peek(id);
  if (!doc) return null;
  return cellOrder(doc).flatMap((cell) => {
    const found = cellsOf(doc).get(cell);
    return found ? [{ cell, text: sourceOf(found).toString() }] : [];
  });
}

const tooSlow = (last: { id: string } | undefined, pathOf: (id: string) => string): Refusal =>
  new Refusal(400, {
    error: 'search-too-slow',
    message: 'this expression takes too long to match, and was stopped',
    where: last === undefined ? 'text' : `after ${pathOf(last.id)}`,
    fix: 'Make it simpler: avoid repetitions inside repetitions, such as (a+)+.',
  });
