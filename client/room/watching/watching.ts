/** Who is in a room and what they look at, read from what their windows say of themselves. */
import { type Accessor, createSignal, onCleanup } from 'solid-js';
import type { Awareness } from 'y-protocols/awareness';
import { z } from 'zod';

/** What a window looks at. */
export const Sight = z.object({
  /** Path of its page: a trial's, or the experiment's. */
  page: z.string().regex(/^\/(?:trials|experiments)\/[\w%.~-]{1,190}$/),
  /** Search part of its address: zoom, axes, hidden trials. */
  search: z.string().regex(/^(?:\?[^#]{0,4000})?$/),
  /** The panel under its pointer or focus, and the reading there; null: none. */
  panel: z.string().max(80).nullable(),
  at: z.string().max(60).nullable(),
  /** A wall screen, which nobody sits at. */
  wall: z.boolean(),
});
export type Sight = z.infer<typeof Sight>;

const Said = z.object({
  user: z.object({ id: z.string(), name: z.string(), colour: z.string().regex(/^[a-f]$/) }),
  sight: Sight.optional().catch(undefined),
});

/** One window of someone. */
export interface Watcher {
  client: number;
  /** This very window. */
  own: boolean;
  person: { id: string; name: string; colour: string };
  sight: Sight | null;
}

/** All windows in a room, this one first, then by name. Sayings that make no sense are passed over. */
export function watchersOf(awareness: Pick<Awareness, 'clientID' | 'getStates'>): Watcher[] {
  const found: Watcher[] = [];
  for (const [client, state] of awareness.getStates()) {
    const said = Said.safeParse(state);
    if (!said.success) continue;
    const { user, sight = null } = said.data;
    found.push({ client, own: client === awareness.clientID, person: user, sight });
  }
  return found.sort(
    (a, b) => Number(b.own) - Number(a.own) || a.person.name.localeCompare(b.person.name) || a.client - b.client,
  );
}

/** Follows who is in the room for as long as the calling component lives. */
export function createWatchers(awareness: Awareness): Accessor<readonly Watcher[]> {
  const [watchers, setWatchers] = createSignal<readonly Watcher[]>(watchersOf(awareness));
  let frame = 0;
  const look = (): void => {
    // Many move at once; one look a frame is enough.
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      setWatchers(watchersOf(awareness));
    });
  };
  awareness.on('change', look);
  onCleanup(() => {
    cancelAnimationFrame(frame);
    awareness.off('change', look);
  });
  return watchers;
}
