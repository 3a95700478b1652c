/** Which kinds of things, besides numbers, were logged by the trials of a room. */
import { trialEvents as endpoints } from '@trialroom/shared/api/endpoints';
import { createEffect, createMemo, createSignal, onCleanup } from 'solid-js';
import { call } from '../../data/api.ts';
import { listenTo } from '../../data/live.ts';
import { sameJson } from '../../data/same.ts';
import type { RoomTrial } from '../curves/trials.ts';
import type { MediaKind } from './media.ts';

/** Trials that are asked, the newest: the others of an experiment log what these do. */
const ASKED = 3;
const KINDS: readonly MediaKind[] = ['image', 'histogram', 'table', 'text'];

/** In the order of `KINDS`. Once known, a kind stays: a panel does not go while someone looks at it. */
export function createMediaKinds(trials: () => readonly RoomTrial[]): () => readonly MediaKind[] {
  const [found, setFound] = createSignal<readonly MediaKind[]>([], { equals: sameJson });
  const add = (names: readonly unknown[]): void => {
    setFound((known) => KINDS.filter((kind) => known.includes(kind) || names.includes(kind)));
  };
  const ids = createMemo(
    () =>
      trials()
        .slice(-ASKED)
        .map(({ id }) => id),
    [],
    { equals: sameJson },
  );
  const asked = new Set<string>();
  const abort = new AbortController();
  createEffect(() => {
    for (const id of ids()) {
      if (asked.has(id)) continue;
      asked.add(id);
      call(endpoints.media, { params: { id }, query: { limit: 1 }, signal: abort.signal }).then(
        ({ keys }) => add(keys.map(({ media }) => media)),
        // A panel of a kind can still be added by hand, and says itself what is wrong.
        () => asked.delete(id),
      );
    }
  });
  listenTo('trialEvents', ({ trial, events }) => {
    if (!asked.has(trial)) return;
    const media = events.filter(({ kind }) => kind === 'media');
    if (media.length > 0) add(media.map(({ data }) => data.media));
  });
  onCleanup(() => abort.abort());
  return found;
}
