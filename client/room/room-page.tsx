/** The live page of one trial: how far it is, how well it does, its curves, its log; and Stop. */
import { useParams } from '@solidjs/router';
import type { Trial } from '@trialroom/shared/trial/trial';
import { createMemo, type JSX, Match, Show, Switch } from 'solid-js';
import { figure } from '../components/figures.ts';
import { PageTitle } from '../components/page-title.ts';
import { watchTopic } from '../data/live.ts';
import type { TrialView } from '../data/trial-view.ts';
import { PageSkeleton, ProblemPanel } from '../shell/states.tsx';
import { Curves } from './curves-section.tsx';
import { LogSection } from './log-section.tsx';
import { MetricCards } from './metric-cards.tsx';
import './room.css';
import { RoomHeader } from './room-header.tsx';
import { Facts, Watching } from './room-side.tsx';

export default function RoomPage(): JSX.Element {
  const params = useParams<{ id: string }>();
  return (
    // Another trial is another room: nothing of the last one may linger.
    <Show when={params.id} keyed>
      {(id) => <Room id={id} />}
    </Show>
  );
}

function Room(props: { id: string }): JSX.Element {
  const watched = watchTopic(`trial:${props.id}`);
  PageTitle(() => {
    const trial = watched.value?.trial;
    return trial && titleWith(trial);
  });
  return (
    <Switch fallback={<PageSkeleton />}>
      <Match when={watched.status === 'refused'}>
        <ProblemPanel thrown={new Error(watched.error ?? 'This trial cannot be shown.')} />
      </Match>
      <Match when={watched.value}>{(view) => <Loaded view={view()} />}</Match>
    </Switch>
  );
}

function titleWith(trial: Trial): string {
  const share = trial.progress?.total ? trial.progress.done / trial.progress.total : null;
  return trial.status === 'running' && share !== null
    ? `${figure(Math.floor(share * 100))} % ${trial.name}`
    : trial.name;
}

function Loaded(props: { view: TrialView }): JSX.Element {
  const keys = createMemo(
    () => {
      props.view.curves.calm();
      return [...props.view.curves.byKey.keys()].sort();
    },
    [],
    { equals: (a, b) => a.join('\n') === b.join('\n') },
  );
  return (
    <main id="main" class="room">
      <RoomHeader view={props.view} keys={keys()} />
      <MetricCards view={props.view} keys={keys()} />
      <Curves view={props.view} keys={keys()} />
      <aside class="side" aria-label="About this trial">
        <Facts trial={props.view.trial} />
        <Watching trial={props.view.trial.id} />
      </aside>
      <LogSection log={props.view.log} over={props.view.trial.endedAt !== null} />
    </main>
  );
}
