/** Small curves of the rows in sight: asked for together, a moment after they came into sight, and kept while the page lives. */
import { experiments as api } from '@trialroom/shared/api/endpoints';
import { MOST_SPARKS } from '@trialroom/shared/api/experiments';
import { readSeries } from '@trialroom/shared/trial/series-bytes';
import { isOver, type Trial } from '@trialroom/shared/trial/trial';
import { createSignal, onCleanup } from 'solid-js';
import { call } from '../data/api.ts';

export interface Spark {
  steps: number[];
  values: number[];
}

/** How long rows may come into sight before curves are asked for, in ms; and how old a live curve may be. */
const GATHER = 60;
const STALE = 5000;

export function createSparks(): { sparkOf(trial: Trial, key: string): Spark | undefined } {
  const [version, setVersion] = createSignal(0);
  const known = new Map<string, { spark: Spark | null; at: number }>();
  const wanted = new Map<string, Set<string>>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));

  const fetchAll = async (): Promise<void> => {
    timer = undefined;
    const asked = [...wanted];
    wanted.clear();
    for (const [key, trials] of asked) {
      const ids = [...trials];
      for (let from = 0; from < ids.length; from += MOST_SPARKS) {
        const some = ids.slice(from, from + MOST_SPARKS);
        const bytes = await call(api.sparks, { body: { trials: some, key, width: 48 } }).catch(() => null);
        const found = new Map((bytes ? readSeries(bytes) : []).map((one) => [one.trial, one]));
        for (const id of some) {
          const points = found.get(id);
          const spark = points ? { steps: [...points.steps], values: [...points.values] } : null;
          known.set(`${id} ${key}`, { spark, at: Date.now() });
        }
        setVersion((count) => count + 1);
      }
    }
  };

  return {
    sparkOf: (trial, key) => {
      version();
      const held = known.get(`${trial.id} ${key}`);
      if (!held || (!isOver(trial.status) && Date.now() - held.at > STALE)) {
        const ids = wanted.get(key) ?? new Set();
        wanted.set(key, ids.add(trial.id));
        timer ??= setTimeout(() => void fetchAll(), GATHER);
      }
      return held?.spark ?? undefined;
    },
  };
}
