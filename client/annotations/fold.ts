/**
 * The threads of a notebook, a trial or an experiment as this page knows them: a pure fold of what was read and what is told live. News may come
 * late, twice, or in any order: a thread's revision says which is newer, what is gone stays gone, reading only goes on.
 */
import type { Annotation } from '@trialroom/shared/annotation/annotation';

export interface Threads {
  readonly byId: ReadonlyMap<string, Annotation>;
  /** Ids that will not come back. */
  readonly gone: ReadonlySet<string>;
  /** How far this person has read, by thread. */
  readonly read: ReadonlyMap<string, number>;
  /** The reading of all threads that is on its way, and which threads were told of since it was asked for. */
  readonly asked: { readonly ticket: number; readonly touched: ReadonlySet<string> } | null;
}

export type ThreadNews =
  /** All threads are asked for; later tickets make earlier ones worthless. */
  | { type: 'asked'; ticket: number }
  | { type: 'loaded'; ticket: number; threads: readonly Annotation[] }
  /** As told by the server; its `readTo` is nobody's unless it answers this person. */
  | { type: 'changed'; thread: Annotation }
  | { type: 'gone'; id: string }
  | { type: 'read'; id: string; to: number };

export const NO_THREADS: Threads = { byId: new Map(), gone: new Set(), read: new Map(), asked: null };

/** The threads after one piece of news. */
export function foldThreads(state: Threads, news: ThreadNews): Threads {
  switch (news.type) {
    case 'asked':
      return { ...state, asked: { ticket: news.ticket, touched: new Set() } };
    case 'loaded':
      return loaded(state, news.ticket, news.threads);
    case 'changed':
      return touch(take(state, news.thread), news.thread.id);
    case 'gone': {
      const byId = new Map(state.byId);
      byId.delete(news.id);
      return touch({ ...state, byId, gone: new Set([...state.gone, news.id]) }, news.id);
    }
    case 'read':
      return noteRead(state, news.id, news.to);
  }
}

/** Oldest first, each with how far this person has read. */
export const threadsOf = ({ byId, read }: Threads): Annotation[] =>
  [...byId.values()]
    .map((thread) => ({ ...thread, readTo: read.get(thread.id) ?? 0 }))
    .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));

function loaded(state: Threads, ticket: number, threads: readonly Annotation[]): Threads {
  const merged = threads.reduce(take, state);
  if (state.asked?.ticket !== ticket) return merged;
  // What was known before it was asked for and is not among the answers has gone meanwhile.
  const there = new Set(threads.map(({ id }) => id));
  const { touched } = state.asked;
  const lost = [...merged.byId.keys()].filter((id) => !there.has(id) && !touched.has(id));
  if (lost.length === 0) return { ...merged, asked: null };
  const byId = new Map(merged.byId);
  for (const id of lost) byId.delete(id);
  return { ...merged, byId, gone: new Set([...merged.gone, ...lost]), asked: null };
}

function take(state: Threads, thread: Annotation): Threads {
  if (state.gone.has(thread.id)) return state;
  const known = state.byId.get(thread.id);
  const byId = known && known.revision > thread.revision ? state.byId : new Map(state.byId).set(thread.id, thread);
  return noteRead({ ...state, byId }, thread.id, thread.readTo);
}

function noteRead(state: Threads, id: string, to: number): Threads {
  if (to <= (state.read.get(id) ?? 0)) return state;
  return { ...state, read: new Map(state.read).set(id, to) };
}

function touch(state: Threads, id: string): Threads {
  if (state.asked === null || state.asked.touched.has(id)) return state;
  return { ...state, asked: { ...state.asked, touched: new Set([...state.asked.touched, id]) } };
}
