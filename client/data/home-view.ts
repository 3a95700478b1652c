/** The home topic as pages see it: what is alive, which notebooks there are, who is here. */
import type { HomeSnapshot, ServerToClient } from '@trialroom/shared/live/events';
import type { SetStoreFunction } from 'solid-js/store';
import { newerTrial } from './trial-news.ts';
import type { Watched } from './watched.ts';

type Payload<E extends keyof ServerToClient> = Parameters<ServerToClient[E]>[0];

export type HomeView = HomeSnapshot;

export type HomeEvent =
  | { type: 'trial'; payload: Payload<'trial'> }
  | { type: 'trialsGone'; payload: Payload<'trialsGone'> }
  | { type: 'glance'; payload: Payload<'glance'> }
  | { type: 'notebooks'; payload: Payload<'notebooks'> }
  | { type: 'present'; payload: Payload<'present'> };

/** Applies one event to the shown state. */
export function applyToHome(
  view: HomeView,
  set: SetStoreFunction<Watched<HomeView>>,
  { type, payload }: HomeEvent,
): void {
  switch (type) {
    case 'trial': {
      const at = view.trials.findIndex(({ trial }) => trial.id === payload.trial.id);
      const known = view.trials[at]?.trial;
      if (known) set('value', 'trials', at, 'trial', newerTrial(known, payload.trial));
      else set('value', 'trials', [{ trial: payload.trial, glance: [] }, ...view.trials]);
      return;
    }
    case 'trialsGone': {
      const gone = new Set(payload.gone ? payload.trials : []);
      set('value', 'trials', (trials) => trials.filter(({ trial }) => !gone.has(trial.id)));
      return;
    }
    case 'glance': {
      const at = view.trials.findIndex(({ trial }) => trial.id === payload.trial);
      if (at >= 0) set('value', 'trials', at, 'glance', payload.glance);
      return;
    }
    case 'notebooks':
      set('value', 'notebooks', payload.notebooks);
      return;
    case 'present':
      set('value', 'present', payload.present);
      return;
  }
}
