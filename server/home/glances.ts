/**
 * Tells those who watch home how running trials go, at most twice a second a trial, and nobody when nobody watches. Runs
 * in every process that hosts trials, because only the host hears of each point.
 */
import type { Hub } from '../live/hub.ts';
import type { Trials } from '../trials/trials.ts';

/** Least time between two glances of one trial, in ms. */
export const GLANCE_MS = 500;

export interface GlancesOptions {
  hub: Hub;
  trials: Trials;
  onError: (error: unknown) => void;
}

/** Begins to tell; the returned function ends it. */
export function tellGlances({ hub, trials, onError }: GlancesOptions): () => void {
  const fresh = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let ended = false;

  const tell = async (): Promise<void> => {
    const due = [...fresh];
    fresh.clear();
    if (!hub.present().some(({ topics }) => topics.includes('home'))) return;
    for (const id of due) {
      const glance = await trials.glance(await trials.get(id));
      hub.emit('home', 'glance', { trial: id, glance });
    }
  };
  const wait = (): void => {
    timer ??= setTimeout(() => {
      tell()
        .catch(onError)
        .finally(() => {
          timer = undefined;
          if (fresh.size > 0 && !ended) wait();
        });
    }, GLANCE_MS);
  };
  const unlisten = trials.onPoints((trial) => {
    fresh.add(trial);
    if (!ended) wait();
  });
  return () => {
    ended = true;
    unlisten();
    clearTimeout(timer);
  };
}
