/**
 * The threads of what is open as a page works on them: what there is, what of it is unread, which one is looked at, and
 * everything a person can do to one. It draws nothing. What is sent goes over HTTP and is shown when the server has it;
 * live events and a reading of all threads after each break keep the rest up to date.
 */
import { type Annotation, isThreadUnread } from '@trialroom/shared/annotation/annotation';
import { type AnnotationTarget, type Subject, sameSubject } from '@trialroom/shared/annotation/target';
import { annotations as endpoints, threadsOn } from '@trialroom/shared/api/endpoints';
import { type Accessor, createEffect, createMemo, createSignal, on, onCleanup } from 'solid-js';
import { createStore, reconcile } from 'solid-js/store';
import type { z } from 'zod';
import { call, isPassing } from '../data/api.ts';
import { listenTo } from '../data/live.ts';
import { may, me } from '../data/me.ts';
import { createDrafts, type Drafts } from './drafts.ts';
import type { Filter } from './filter.ts';
import { foldThreads, NO_THREADS, type ThreadNews, threadsOf } from './fold.ts';
import { targetIn } from './note-link.ts';

/** What could not be read is asked for again after so long, in ms, and after twice that each time it fails again. */
const AGAIN_MS = 1000;
const MOST_AGAIN_MS = 30_000;

/** A thread that is pinned to one of these places. */
export type Pinned<T extends AnnotationTarget> = Annotation & { target: T };

/** A thread to be looked at; a new object each time, so that the same can be asked twice. */
export interface Looked {
  id: string;
  /** Whether its place should be brought into sight as well. */
  place: boolean;
}

export interface Threads<T extends AnnotationTarget = AnnotationTarget> {
  readonly subject: Subject;
  readonly status: Accessor<'loading' | 'ready' | 'failed'>;
  readonly failure: Accessor<unknown>;
  retry(): void;
  /** All threads, oldest first. */
  readonly all: readonly Pinned<T>[];
  isUnread(thread: Annotation): boolean;
  /** How many threads hold something unread. */
  readonly unread: Accessor<number>;
  readonly filter: Accessor<Filter>;
  setFilter(filter: Filter): void;
  /** The thread that was chosen last. */
  readonly looked: Accessor<Looked | null>;
  /** Brings a thread into sight. */
  look(id: string, place?: boolean): void;
  /** Someone looks for something else: what is on its way to the server is not brought into sight once it is there. */
  turn(): void;
  /** Where the thread being begun will be pinned; a new object each time someone asks for it. */
  readonly beginning: Accessor<{ target: T } | null>;
  /** Opens the composer at a place. */
  begin(target: T): void;
  drop(): void;
  readonly canComment: Accessor<boolean>;
  readonly drafts: Drafts<T>;
  /** The address of a thread on this page. */
  linkTo(id: string): string;
  /** These reject with a `ProblemError` when the server refuses or cannot be reached; nothing is shown as said then. */
  create(target: T, text: string, request: string): Promise<void>;
  reply(thread: string, text: string, request: string): Promise<void>;
  edit(thread: string, message: string, text: string): Promise<void>;
  remove(thread: string, message: string): Promise<void>;
  resolve(thread: string, resolved: boolean): Promise<void>;
  /** Notes that everything in the thread has been seen. */
  markRead(thread: Annotation): void;
}

/** Follows the threads of a subject until the owner is disposed. */
export function createThreads<T extends AnnotationTarget>(options: {
  subject: Subject;
  /** The places that threads on it are pinned to. */
  targets: z.ZodType<T>;
  /** Changes with each snapshot of the topic that tells of them: from then on, everything is told live. */
  snapshot: Accessor<unknown>;
  /** What the address names a thread by, before its id: `comment-` for `#comment-<id>`. */
  link: string;
  /** Whether a link also brings the place of its thread into sight; absent: it does. */
  linkShowsPlace?: boolean;
  /** Whether what threads are pinned to is there, so that a link can lead to it. */
  loaded?: Accessor<boolean>;
  /** Settles when the server has what a new thread may be pinned to. */
  settled?: () => Promise<void>;
  /** Brings the list of threads into sight. */
  open?: () => void;
}): Threads<T> {
  const {
    subject,
    targets,
    snapshot,
    link,
    loaded = () => true,
    settled,
    open = () => {},
    linkShowsPlace = true,
  } = options;
  const { id } = subject;
  const endpoint = threadsOn[subject.kind];
  const drafts = createDrafts(id, targets, sessionStorage);
  let state = NO_THREADS;
  let ticket = 0;
  const [store, setStore] = createStore<{ all: Pinned<T>[] }>({ all: [] });
  const [status, setStatus] = createSignal<'loading' | 'ready' | 'failed'>('loading');
  const [failure, setFailure] = createSignal<unknown>(null);
  const [filter, setFilter] = createSignal<Filter>('open');
  const [looked, setLooked] = createSignal<Looked | null>(null);
  const kept = drafts.target();
  const [beginning, setBeginning] = createSignal<{ target: T } | null>(kept && { target: kept });

  const fold = (news: ThreadNews): void => {
    const next = foldThreads(state, news);
    if (next === state) return;
    state = next;
    // The server gives each subject threads of its own places only.
    setStore('all', reconcile(threadsOf(state) as Pinned<T>[], { key: 'id' }));
  };
  let again: ReturnType<typeof setTimeout> | undefined;
  let pause = AGAIN_MS;
  onCleanup(() => clearTimeout(again));
  const readAll = async (): Promise<void> => {
    const mine = ++ticket;
    clearTimeout(again);
    fold({ type: 'asked', ticket: mine });
    try {
      const { annotations } = await call(endpoint.list, { params: { id } });
      fold({ type: 'loaded', ticket: mine, threads: annotations });
      setFailure(null);
      setStatus('ready');
      pause = AGAIN_MS;
    } catch (error) {
      if (mine !== ticket) return;
      if (isPassing(error)) again = setTimeout(() => void readAll(), pause);
      pause = Math.min(2 * pause, MOST_AGAIN_MS);
      setFailure(error);
      // What is known stays; it is only not known to be all.
      setStatus((was) => (was === 'ready' ? was : 'failed'));
    }
  };
  createEffect(on(snapshot, () => void readAll()));
  listenTo('annotation', ({ annotation }) => {
    if (sameSubject(annotation.subject, subject)) fold({ type: 'changed', thread: annotation });
  });
  listenTo('annotationGone', (event) => {
    if (sameSubject(event.subject, subject)) fold({ type: 'gone', id: event.id });
  });
  listenTo('annotationRead', (event) => {
    if (sameSubject(event.subject, subject)) fold({ type: 'read', id: event.annotation, to: event.to });
  });

  const isUnread = (thread: Annotation): boolean => isThreadUnread(thread, me()?.id ?? '');
  const unread = createMemo(() => (me() ? store.all.filter(isUnread).length : 0));

  function look(thread: string, place = false): void {
    const found = store.all.find((one) => one.id === thread);
    if (!found) return;
    if (found.resolved !== null) setFilter('resolved');
    else if (filter() === 'resolved') setFilter('open');
    open();
    setLooked({ id: thread, place });
  }
  let turns = 0;
  function begin(target: T): void {
    if (!may('comment')) return;
    drafts.setTarget(target);
    open();
    setBeginning({ target });
  }
  // A link to a thread opens it, once it is known and what it stands on is there.
  const follow = (): void => {
    const { hash } = window.location;
    if (hash.startsWith(`#${link}`)) look(hash.slice(link.length + 1), linkShowsPlace);
    const place = targetIn(hash, targets);
    if (place === null || !may('comment')) return;
    begin(place);
    // Read again, the page is not to ask again.
    window.history.replaceState(window.history.state, '', `${window.location.pathname}${window.location.search}`);
  };
  createEffect(
    // What a person may do is asked once they are known.
    on([() => status() === 'ready' && me() !== undefined, loaded], ([known, there]) => {
      if (known && there) follow();
    }),
  );
  window.addEventListener('hashchange', follow);
  onCleanup(() => window.removeEventListener('hashchange', follow));

  const changed = (thread: Annotation): void => fold({ type: 'changed', thread });
  return {
    subject,
    status,
    failure,
    retry: () => void readAll(),
    get all() {
      return store.all;
    },
    isUnread,
    unread,
    filter,
    setFilter,
    looked,
    look,
    turn() {
      turns++;
    },
    beginning,
    begin,
    drop() {
      drafts.setTarget(null);
      drafts.drop('new');
      setBeginning(null);
    },
    canComment: () => may('comment'),
    drafts,
    linkTo: (thread) => `${window.location.origin}${window.location.pathname}#${link}${thread}`,
    async create(target, text, request) {
      const before = turns;
      await settled?.();
      // The places fit the subject by construction; only the union of endpoints hides that from the compiler.
      const body = { target, text, request } as never;
      const thread = await call<(typeof threadsOn)[Subject['kind']]['create']>(endpoint.create, {
        params: { id },
        body,
      });
      changed(thread);
      if (turns === before) look(thread.id);
    },
    async reply(thread, text, request) {
      const before = turns;
      changed(await call(endpoints.reply, { params: { id: thread }, body: { text, request } }));
      if (turns === before) look(thread);
    },
    async edit(thread, message, text) {
      changed(await call(endpoints.edit, { params: { id: thread, message }, body: { text } }));
    },
    async remove(thread, message) {
      await call(endpoints.remove, { params: { id: thread, message } });
      const known = store.all.find((one) => one.id === thread);
      if (known?.messages.every((one) => one.id === message)) fold({ type: 'gone', id: thread });
    },
    async resolve(thread, resolved) {
      changed(await call(endpoints.resolve, { params: { id: thread }, body: { resolved } }));
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
