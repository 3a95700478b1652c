/** The trials that cells of this notebook started. */

import { A } from '@solidjs/router';
import { trials as trialEndpoints } from '@trialroom/shared/api/endpoints';
import type { Trial } from '@trialroom/shared/trial/trial';
import { createEffect, createMemo, createResource, For, type JSX, on, Show } from 'solid-js';
import { ago } from '../../components/figures.ts';
import { now } from '../../components/now.ts';
import { StatusGlyph } from '../../components/status-glyph.tsx';
import { call } from '../../data/api.ts';
import { watchTopic } from '../../data/live.ts';
import { useNotebook } from '../model.ts';

/** The trials that this notebook opened. */
export function TrialsHere(): JSX.Element {
  const notebook = useNotebook();
  const home = watchTopic('home');
  const [listed, { refetch }] = createResource(async () => {
    const { trials } = await call(trialEndpoints.list, { query: { limit: 200 } });
    return trials.filter((trial) => trial.notebook?.id === notebook.id);
  });
  const live = createMemo(() =>
    (home.value?.trials ?? []).map(({ trial }) => trial).filter((trial) => trial.notebook?.id === notebook.id),
  );
  createEffect(
    on(
      () => live().length,
      () => void refetch(),
      { defer: true },
    ),
  );
  const all = createMemo((): Trial[] => {
    const byId = new Map((listed.latest ?? []).map((trial) => [trial.id, trial]));
    for (const trial of live()) byId.set(trial.id, trial);
    return [...byId.values()].sort((a, b) => b.createdAt - a.createdAt).slice(0, 50);
  });
  return (
    <Show
      when={all().length > 0}
      fallback={<p class="i3 sm side-empty">Trials that this notebook starts are listed here.</p>}
    >
      <ul class="trials-here">
        <For each={all()}>
          {(trial) => (
            <li>
              <A href={`/trials/${trial.id}`}>
                <StatusGlyph status={trial.status} />
                <b>{trial.name}</b>
              </A>
              <span class="sm i3 num">{ago(trial.createdAt, now())}</span>
            </li>
          )}
        </For>
      </ul>
    </Show>
  );
}
