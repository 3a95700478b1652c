/** What waits to be read by this person, for the home page and lists of notebooks. */
import type { Notice, Waiting } from '@trialroom/shared/annotation/annotation';
import { annotations } from '@trialroom/shared/api/endpoints';
import { type Accessor, createRoot, createSignal, onCleanup, onMount } from 'solid-js';
import { call } from '../data/api.ts';
import { listenTo } from '../data/live.ts';

/** What holds unread threads, and threads to look at first; null until it is known. */
export interface Inbox {
  waiting: readonly Waiting[];
  recent: readonly Notice[];
}

const [inbox, setInbox] = createRoot(() => createSignal<Inbox | null>(null));
let users = 0;
let listening = false;

/** Reads it. Without a connection what is known stays. */
function refresh(): void {
  call(annotations.unread).then(
    (reply) => void setInbox(reply),
    () => {},
  );
}
const returned = (): void => {
  if (!document.hidden) refresh();
};

/** Once for all who use it: the server tells each window of a person what others say to them, and what they have read. */
function listen(): void {
  if (listening) return;
  listening = true;
  const told = (): void => {
    if (users > 0) refresh();
  };
  createRoot(() => {
    listenTo('annotationWaiting', told);
    listenTo('annotationRead', told);
  });
}

/**
 * What waits, for as long as the calling component lives: read when the first one appears, when one comes back to the
 * window, when someone mentions or answers this person, and when they have read something.
 */
export function useWaiting(): Accessor<Inbox | null> {
  onMount(() => {
    listen();
    if (users++ === 0) {
      refresh();
      document.addEventListener('visibilitychange', returned);
    }
    onCleanup(() => {
      if (--users === 0) document.removeEventListener('visibilitychange', returned);
    });
  });
  return inbox;
}
