/**
 * The threads of the open notebook as the page works on them: what there is, what of it is unread, which one is looked
 * at, and everything a person can do to one. It draws nothing. What is sent goes over HTTP and is shown when the server
 * has it; live events and a reading of all threads after each break keep the rest up to date.
 */
import { type Annotation, type AnnotationTarget, isThreadUnread } from '@trialroom/shared/annotation/annotation';
import { annotations as endpoints } from '@trialroom/shared/api/endpoints';
import { type Accessor, createEffect, createMemo, createSignal, on, onCleanup } from 'solid-js';
import { createStore, reconcile } from 'solid-js/store';
import { call } from '../../data/api.ts';
import type { SharedDocument } from '../../data/document.ts';
import { listenTo } from '../../data/live.ts';
import { may, me } from '../../data/me.ts';
import { createDrafts, type Drafts } from './drafts.ts';
import { foldThreads, NO_THREADS, type ThreadNews, threadsOf } from './fold.ts';

/** Which threads the panel lists. */
export type Filter = 'open' | 'resolved' | 'mine';

/** A thread to be looked at; a new object each time, so that the same can be asked twice. */
export interface Looked {
  id: string;
  /** Whether its place in the notebook should be brought into sight as well. */
  place: boolean;
}

export interface Comments {
  readonly status: Accessor<'loading' | 'ready' | 'failed'>;
  readonly failure: Accessor<unknown>;
  retry(): void;
  /** All threads, oldest first. */
  readonly all: readonly Annotation[];
  /** The threads on a cell, its text and its outputs. Tracked by cell. */
  of(cell: string): readonly Annotation[];
  isUnread(thread: Annotation): boolean;
  /** How many threads hold something unread. */
  readonly unread: Accessor<number>;
  readonly filter: Accessor<Filter>;
  setFilter(filter: Filter): void;
  /** The thread that was chosen last. */
  readonly looked: Accessor<Looked | null>;
  /** Opens the panel at a thread. */
  look(id: string, place?: boolean): void;
  /** Where the thread being begun will be pinned; a new object each time someone asks for it. */
  readonly beginning: Accessor<{ target: AnnotationTarget } | null>;
  begin(target: AnnotationTarget): void;
  drop(): void;
  readonly canComment: Accessor<boolean>;
  readonly drafts: Drafts;
  /** These reject with a `ProblemError` when the server refuses or cannot be reached; nothing is shown as said then. */
  create(target: AnnotationTarget, text: string, request: string): Promise<void>;
  reply(thread: string, text: string, request: string): Promise<void>;
  edit(thread: string, message: string, text: string): Promise<void>;
  remove(thread: string, message: string): Promise<void>;
  resolve(thread: string, resolved: boolean): Promise<void>;
  /** Notes that everything in the thread has been seen. */
  markRead(thread: Annotation): void;
}

const NONE: readonly Annotation[] = [];
/** What the address names a thread by: `#comment-<id>`. */
const LINK = /^#comment-([\w-]+)$/;

/** Follows the threads of a notebook until the owner is disposed. */
export function createComments(options: {
  notebook: string;
  shared: Pick<SharedDocument, 'received' | 'loaded'>;
  /** Changes with each snapshot of the notebook's topic: from then on, everything is told live. */
  snapshot: Accessor<unknown>;
  /** Opens the panel of comments. */
  openPanel: () => void;
}): Comments {
  const { notebook, shared, snapshot, openPanel } = options;
  const drafts = createDrafts(notebook, sessionStorage);
  let state = NO_THREADS;
  let ticket = 0;
  const [store, setStore] = createStore<{ all: Annotation[] }>({ all: [] });
  const [status, setStatus] = createSignal<'loading' | 'ready' | 'failed'>('loading');
  const [failure, setFailure] = createSignal<unknown>(null);
  const [filter, setFilter] = createSignal<Filter>('open');
  const [looked, setLooked] = createSignal<Looked | null>(null);
  const kept = drafts.target();
  const [beginning, setBeginning] = createSignal<{ target: AnnotationTarget } | null>(kept && { target: kept });

  const fold = (news: ThreadNews): void => {
    const next = foldThreads(state, news);
    if (next === state) return;
    state = next;
    setStore('all', reconcile(threadsOf(state), { key: 'id' }));
  };
  const readAll = async (): Promise<void> => {
    const mine = ++ticket;
    fold({ type: 'asked', ticket: mine });
    try {
      const { annotations } = await call(endpoints.list, { params: { id: notebook } });
      fold({ type: 'loaded', ticket: mine, threads: annotations });
      setFailure(null);
      setStatus('ready');
    } catch (error) {
      if (mine !== ticket) return;
      setFailure(error);
      // What is known stays; it is only not known to be all.
      setStatus((was) => (was === 'ready' ? was : 'failed'));
    }
  };
  createEffect(on(snapshot, () => void readAll()));
  listenTo('annotation', (event) => {
    if (event.notebook === notebook) fold({ type: 'changed', thread: event.annotation });
  });
  listenTo('annotationGone', (event) => {
    if (event.notebook === notebook) fold({ type: 'gone', id: event.id });
  });
  listenTo('annotationRead', (event) => {
    if (event.notebook === notebook) fold({ type: 'read', id: event.annotation, to: event.to });
  });

  const byCell = createMemo(() => Map.groupBy(store.all, ({ target }) => target.cell));
  const isUnread = (thread: Annotation): boolean => isThreadUnread(thread, me()?.id ?? '');
  const unread = createMemo(() => (me() ? store.all.filter(isUnread).length : 0));

  function look(id: string, place = false): void {
    const thread = store.all.find((one) => one.id === id);
    if (!thread) return;
    if (thread.resolved !== null) setFilter('resolved');
    else if (filter() === 'resolved') setFilter('open');
    openPanel();
    setLooked({ id, place });
  }
  // A link to a thread opens it, once it is known and the cells are there.
  const follow = (): void => {
    const [, id] = LINK.exec(window.location.hash) ?? [];
    if (id !== undefined) look(id, true);
  };
  createEffect(
    on([() => status() === 'ready', shared.loaded], ([known, loaded]) => {
      if (known && loaded) follow();
    }),
  );
  window.addEventListener('hashchange', follow);
  onCleanup(() => window.removeEventListener('hashchange', follow));

  const changed = (thread: Annotation): void => fold({ type: 'changed', thread });
  return {
    status,
    failure,
    retry: () => void readAll(),
    get all() {
      return store.all;
    },
    of: (cell) => byCell().get(cell) ?? NONE,
    isUnread,
    unread,
    filter,
    setFilter,
    looked,
    look,
    beginning,
    begin(target) {
      if (!may('comment')) return;
      drafts.setTarget(target);
      openPanel();
      setBeginning({ target });
    },
    drop() {
      drafts.setTarget(null);
      drafts.drop('new');
      setBeginning(null);
    },
    canComment: () => may('comment'),
    drafts,
    async create(target, text, request) {
      // The cell, or the letters that it is about, may have been written just now.
      await shared.received();
      const thread = await call(endpoints.create, { params: { id: notebook }, body: { target, text, request } });
      changed(thread);
      look(thread.id);
    },
    async reply(id, text, request) {
      changed(await call(endpoints.reply, { params: { id }, body: { text, request } }));
      look(id);
    },
    async edit(id, message, text) {
      changed(await call(endpoints.edit, { params: { id, message }, body: { text } }));
    },
    async remove(id, message) {
      await call(endpoints.remove, { params: { id, message } });
      const thread = store.all.find((one) => one.id === id);
      if (thread?.messages.every((one) => one.id === message)) fold({ type: 'gone', id });
    },
    async resolve(id, resolved) {
      changed(await call(endpoints.resolve, { params: { id }, body: { resolved } }));
    },
    markRead(thread) {
      if (!isUnread(thread)) return;
      const to = thread.messages.at(-1)?.at ?? 0;
      fold({ type: 'read', id: thread.id, to });
      // Not told to anyone when it fails: it is unread again in the next window, no worse.
      void call(endpoints.read, { params: { id: thread.id }, body: { to } }).catch(() => {});
    },
  };
}
