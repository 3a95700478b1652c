/** The home page's view of the workspace: what runs, what ran lately, which notebooks there are, who is here. */
import type { Trial } from '@trialroom/shared/trial/trial';
import type { Hub } from '../live/hub.ts';
import type { Notebooks } from '../notebooks/notebooks.ts';
import type { Trials } from '../trials/trials.ts';

export interface HomeOptions {
  hub: Hub;
  trials: Trials;
  notebooks: Pick<Notebooks, 'list'>;
}

/** Trials shown besides those that run. */
const RECENT = 30;

/** Answers those who watch `home`. */
export function createHome({ hub, trials, notebooks }: HomeOptions): void {
  hub.provide('home', async () => {
    const [running, recent, listings] = await Promise.all([
      trials.list({ status: 'running', limit: 200 }),
      trials.list({ limit: RECENT }),
      notebooks.list(),
    ]);
    const shown = new Map<string, Trial>([...running, ...recent].map((trial) => [trial.id, trial]));
    return {
      topic: 'home',
      trials: await Promise.all(
        [...shown.values()]
          .sort((a, b) => b.createdAt - a.createdAt)
          .map(async (trial) => ({ trial, glance: await trials.glance(trial) })),
      ),
      notebooks: listings,
      present: hub.present(),
      seq: 0,
    };
  });
}
