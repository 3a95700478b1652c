/**
 * The live connection: one socket a page, one store a watched topic. A store is fed by the topic's snapshot and the
 * events that follow, in order (`shared/live/feed`); after a broken connection every topic is watched again, so that what is
 * shown is always what the server has. It writes nothing: changes go through HTTP.
 */
import type { ClientToServer, ServerToClient, Snapshot, Topic } from '@trialroom/shared/live/events';
import { createFeed, type Feed, type Place } from '@trialroom/shared/live/feed';
import { io, type Socket } from 'socket.io-client';
import { batch, createRoot, createSignal, getOwner, onCleanup } from 'solid-js';
import { createStore, type SetStoreFunction, type Store } from 'solid-js/store';
import { applyToHome, type HomeEvent, type HomeView } from './home-view.ts';
import { applyToNotebook, type NotebookEvent, type NotebookView } from './notebook-view.ts';
import { applyToTrialView, type TrialEvent, type TrialView, trialViewOf } from './trial-view.ts';
import type { Watched } from './watched.ts';

/** The view of each kind of topic. */
export type ViewOf<T extends Topic> = T extends 'home'
  ? HomeView
  : T extends `trial:${string}`
    ? TrialView
    : NotebookView;

type LiveEvent = HomeEvent | TrialEvent | NotebookEvent;
type AnyView = HomeView | TrialView | NotebookView;

/** `connecting` for the first time · `online` · `reconnecting` after a break · `offline`: this computer has no network. */
export type Connection = 'connecting' | 'online' | 'reconnecting' | 'offline';

interface Entry {
  topic: Topic;
  watchers: number;
  store: Store<Watched<AnyView>>;
  feed: Feed<Snapshot, LiveEvent>;
  set: SetStoreFunction<Watched<AnyView>>;
  drop: ReturnType<typeof setTimeout> | undefined;
  /** Nothing is asked for yet: see {@link watchTopic}. */
  waits: boolean;
}

/** How long a topic nobody watches any more is kept, in ms, so that going back and forth between pages costs nothing. */
const LINGER = 3000;
/** How long the first snapshot of a topic waits for what is to be there before it, in ms. */
const PATIENCE = 1500;

const entries = new Map<Topic, Entry>();
const [connection, setConnection] = createRoot(() => createSignal<Connection>('connecting'));
const [brokenSince, setBrokenSince] = createRoot(() => createSignal<number | null>(null));

/** How the page is connected to its server. */
export { brokenSince, connection };

let socket: Socket<ServerToClient, ClientToServer> | undefined;

/** Connects on first use. */
function connect(): Socket<ServerToClient, ClientToServer> {
  if (socket) return socket;
  const made: Socket<ServerToClient, ClientToServer> = io({
    path: '/socket.io',
    transports: ['websocket'],
    reconnectionDelay: 300,
    reconnectionDelayMax: 3000,
  });
  socket = made;
  const broken = () =>
    batch(() => {
      setBrokenSince((since) => since ?? Date.now());
      setConnection((was) => (navigator.onLine === false ? 'offline' : was === 'connecting' ? was : 'reconnecting'));
    });
  made.on('connect', () => {
    batch(() => {
      setConnection('online');
      setBrokenSince(null);
    });
    for (const entry of entries.values()) if (!entry.waits) watch(entry);
  });
  made.on('disconnect', (reason) => {
    broken();
    // The server ended it on purpose (it restarts, or the sign-in is over): the client library would not try again by itself.
    if (reason === 'io server disconnect') made.connect();
  });
  made.on('connect_error', broken);
  window.addEventListener('offline', broken);
  window.addEventListener('online', () => {
    broken();
    if (!made.connected) made.connect();
  });
  listen(made);
  return made;
}

function listen(made: Socket<ServerToClient, ClientToServer>): void {
  const to = (topic: Topic, event: LiveEvent, place?: Place) => entries.get(topic)?.feed.receive(event, place);
  made.on('session', (payload) =>
    to(`notebook:${payload.notebook}`, { type: 'session', payload }, { seq: payload.seq }),
  );
  made.on('output', (payload) => to(`notebook:${payload.notebook}`, { type: 'output', payload }, { seq: payload.seq }));
  made.on('widgets', (payload) =>
    to(`notebook:${payload.notebook}`, { type: 'widgets', payload }, { seq: payload.seq }),
  );
  made.on('prompts', (payload) =>
    to(`notebook:${payload.notebook}`, { type: 'prompts', payload }, { seq: payload.seq }),
  );
  made.on('diagnostics', (payload) => to(`notebook:${payload.notebook}`, { type: 'diagnostics', payload }));
  made.on('gauge', (payload) => to(`notebook:${payload.notebook}`, { type: 'gauge', payload }));
  made.on('file', (payload) => to(`notebook:${payload.notebook}`, { type: 'file', payload }));
  made.on('points', (payload) =>
    to(`trial:${payload.trial}`, { type: 'points', payload }, { seq: payload.seq, after: payload.after ?? 0 }),
  );
  made.on('log', (payload) => to(`trial:${payload.trial}`, { type: 'log', payload }));
  made.on('trialEvents', (payload) => to(`trial:${payload.trial}`, { type: 'events', payload }));
  made.on('counts', (payload) => to(`trial:${payload.trial}`, { type: 'counts', payload }));
  // What a slow line did not get is read again.
  made.on('missed', ({ topics }) => {
    for (const topic of topics) {
      const entry = entries.get(topic);
      if (entry) watch(entry);
    }
  });
  made.on('trial', (payload) => {
    to(`trial:${payload.trial.id}`, { type: 'trial', payload });
    to('home', { type: 'trial', payload });
  });
  made.on('trialsGone', (payload) => {
    to('home', { type: 'trialsGone', payload });
    // Its room asks again, and is told what became of it.
    for (const id of payload.trials) {
      const room = entries.get(`trial:${id}`);
      if (room) watch(room);
    }
  });
  made.on('glance', (payload) => to('home', { type: 'glance', payload }));
  made.on('notebooks', (payload) => to('home', { type: 'notebooks', payload }));
  made.on('present', (payload) => to('home', { type: 'present', payload }));
}

/**
 * Listens to one kind of event for as long as the calling component lives. Topics must be watched besides; what was
 * missed in a broken connection is the caller's to read again.
 */
export function listenTo<E extends keyof ServerToClient>(
  event: E,
  handler: (payload: Parameters<ServerToClient[E]>[0]) => void,
): void {
  const made = connect();
  // Socket.IO types handlers by a map that a type parameter cannot index.
  made.on(event, handler as never);
  onCleanup(() => void made.off(event, handler as never));
}

function watch(entry: Entry): void {
  const ticket = entry.feed.begin();
  connect().emit('watch', entry.topic, (reply) => {
    if (reply.ok) entry.feed.snapshot(ticket, reply.snapshot);
    else entry.set({ status: 'refused', error: reply.error, code: reply.code ?? null });
  });
}

function open(topic: Topic): Entry {
  return createRoot(() => {
    const [store, set] = createStore<Watched<AnyView>>({ status: 'loading', error: null, code: null, value: null });
    const entry: Entry = {
      topic,
      watchers: 0,
      store,
      set,
      drop: undefined,
      waits: false,
      feed: createFeed<Snapshot, LiveEvent>({
        load: (snapshot) => set({ status: 'ready', error: null, code: null, value: viewOf(snapshot, store.value) }),
        apply: (event) => batch(() => apply(entry, event)),
        rewatch: () => watch(entry),
      }),
    };
    return entry;
  });
}

function viewOf(snapshot: Snapshot, earlier: AnyView | null): AnyView {
  switch (snapshot.topic) {
    case 'home':
      return snapshot;
    case 'trial':
      return trialViewOf(snapshot, earlier && 'curves' in earlier ? earlier : null);
    case 'notebook':
      return { ...snapshot, gauge: earlier && 'gauge' in earlier ? earlier.gauge : null };
  }
}

function apply(entry: Entry, event: LiveEvent): void {
  const view = entry.store.value;
  if (!view) return;
  // The kinds of views and events of a topic belong together by construction: see `listen` and `viewOf`.
  const set = entry.set as unknown;
  if ('curves' in view) applyToTrialView(view, set as SetStoreFunction<Watched<TrialView>>, event as TrialEvent);
  else if (view.topic === 'home') applyToHome(view, set as SetStoreFunction<Watched<HomeView>>, event as HomeEvent);
  else applyToNotebook(view, set as SetStoreFunction<Watched<NotebookView>>, event as NotebookEvent);
}

/**
 * Watches a topic for as long as the calling component lives. All who watch one topic share one store.
 * @param after what is to be there first: a large snapshot must not stand in its way. Waited for only by the first who
 *   watches the topic, and never for longer than a moment.
 * @example const room = watchTopic(`trial:${id}`); room.value?.trial.name
 */
export function watchTopic<T extends Topic>(topic: T, after?: Promise<unknown>): Store<Watched<ViewOf<T>>> {
  let entry = entries.get(topic);
  if (!entry) {
    const made = open(topic);
    entry = made;
    entries.set(topic, made);
    const begin = (): void => {
      made.waits = false;
      // Before the first connection, the `connect` handler watches what is there.
      if (entries.get(topic) === made && connect().connected) watch(made);
    };
    connect();
    if (!after) begin();
    else {
      made.waits = true;
      const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE));
      void Promise.race([after, patience]).then(begin, begin);
    }
  }
  const held = entry;
  held.watchers++;
  clearTimeout(held.drop);
  if (getOwner()) onCleanup(() => release(held));
  return held.store as Store<Watched<ViewOf<T>>>;
}

function release(entry: Entry): void {
  entry.watchers--;
  if (entry.watchers > 0) return;
  entry.drop = setTimeout(() => {
    if (entry.watchers > 0) return;
    entries.delete(entry.topic);
    if (socket?.connected) socket.emit('unwatch', entry.topic);
  }, LINGER);
}
