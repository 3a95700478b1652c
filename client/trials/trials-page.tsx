/** All trials, newest first: the live ones from the live list, older ones read from the store. */
import { useSearchParams } from '@solidjs/router';
import { trials as trialsApi } from '@trialroom/shared/api/endpoints';
import { isOver, type MetricGlance, type Trial } from '@trialroom/shared/trial/trial';
import { createMemo, createResource, For, type JSX, Match, Show, Switch } from 'solid-js';
import { Choice } from '../components/button.tsx';
import { count } from '../components/figures.ts';
import { PageTitle } from '../components/page-title.ts';
import { call } from '../data/api.ts';
import { watchTopic } from '../data/live.ts';
import { EndedRow } from '../home/ended-row.tsx';
import { lookingAt } from '../home/here-now.tsx';
import '../home/home.css';
import { LiveRow } from '../home/live-row.tsx';
import { ProblemNote, SkeletonRows } from '../shell/states.tsx';

type Shown = 'all' | 'live' | 'completed' | 'trouble';

const CHOICES: readonly { value: Shown; text: string; title: string }[] = [
  { value: 'all', text: 'All', title: 'Every trial' },
  { value: 'live', text: 'Live', title: 'Running, paused or queued' },
  { value: 'completed', text: 'Completed', title: 'Ended as planned' },
  { value: 'trouble', text: 'Stopped short', title: 'Failed, lost, or stopped by someone' },
];

const fits = (shown: Shown, { status }: Trial): boolean => {
  if (shown === 'all') return true;
  if (shown === 'live') return !isOver(status);
  return shown === 'completed' ? status === 'completed' : isOver(status) && status !== 'completed';
};

export default function TrialsPage(): JSX.Element {
  const home = watchTopic('home');
  const [search, setSearch] = useSearchParams<{ show?: string }>();
  PageTitle(() => 'Trials');
  const [stored, { refetch }] = createResource(() => call(trialsApi.list, { query: { limit: 1000 } }));
  const shown = (): Shown => CHOICES.find(({ value }) => value === search.show)?.value ?? 'all';
  const rows = createMemo((): { trial: Trial; glance: readonly MetricGlance[] }[] => {
    const live = home.value?.trials ?? [];
    const known = new Set(live.map(({ trial }) => trial.id));
    const older = stored.state === 'ready' ? stored().trials.filter(({ id }) => !known.has(id)) : [];
    return [...live, ...older.map((trial) => ({ trial, glance: [] }))]
      .filter(({ trial }) => fits(shown(), trial))
      .sort((a, b) => b.trial.createdAt - a.trial.createdAt);
  });
  return (
    <main id="main" class="page">
      <div class="hd">
        <h1>Trials</h1>
        <p class="num">{count(rows().length)}, newest first</p>
        <span class="hb">
          <Choice
            label="Which trials"
            value={shown()}
            options={CHOICES}
            onChange={(value) => setSearch({ show: value === 'all' ? null : value })}
          />
        </span>
      </div>
      <Show when={stored.state === 'errored'}>
        <ProblemNote thrown={stored.error} retry={() => void refetch()} />
      </Show>
      <section class="live alone" aria-label="Trials">
        <Switch
          fallback={
            <For each={rows()}>
              {({ trial, glance }) => (
                <Show when={!isOver(trial.status)} fallback={<EndedRow trial={trial} glance={glance} />}>
                  <LiveRow
                    trial={trial}
                    glance={glance}
                    people={lookingAt(home.value?.present ?? [], `trial:${trial.id}`)}
                  />
                </Show>
              )}
            </For>
          }
        >
          <Match when={home.status === 'loading' && stored.loading}>
            <SkeletonRows rows={8} />
          </Match>
          <Match when={rows().length === 0}>
            <p class="empty">
              <b>{shown() === 'all' ? 'No trials yet.' : 'None of that kind.'}</b> A trial begins when a notebook calls{' '}
              <code>trial()</code>.
            </p>
          </Match>
        </Switch>
      </section>
    </main>
  );
}
