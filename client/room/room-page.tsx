/** The live page of one trial: how far it is, how well it does, its panels, what people say of it; and Stop. */
import { useParams } from '@solidjs/router';
import { MOST_QUOTE } from '@trialroom/shared/annotation/target';
import { toWire, type WireNumber } from '@trialroom/shared/trial/points';
import type { Trial } from '@trialroom/shared/trial/trial';
import { createMemo, createSignal, type JSX, Match, Show, Switch } from 'solid-js';
import { marksOf } from '../annotations/marks.ts';
import { createTrialThreads, TrialThreads, TrialThreadsProvider } from '../annotations/trial-threads.tsx';
import { figure } from '../components/figures.ts';
import { PageTitle } from '../components/page-title.ts';
import { watchTopic } from '../data/live.ts';
import type { TrialView } from '../data/trial-view.ts';
import { refusalOf } from '../data/watched.ts';
import { PageSkeleton, ProblemNote, ProblemPanel } from '../shell/states.tsx';
import { AlertRules } from './alerts/alert-rules.tsx';
import { RoomContext } from './context.ts';
import { createRoom } from './create-room.ts';
import { DashBar } from './dashboard/dash-bar.tsx';
import { Grid } from './dashboard/grid.tsx';
import { MetricCards } from './header/metric-cards.tsx';
import { createBaseline } from './trial/baseline.ts';
import { eventMarks } from './trial/event-marks.ts';
import './room.css';
import { oneTrial } from './curves/trials.ts';
import { RoomHeader } from './header/room-header.tsx';
import { Facts } from './room-side.tsx';
import { DashboardState } from './room-state.tsx';
import { useRoomView } from './view.ts';
import { WatchingList } from './watching/watching-list.tsx';

export default function RoomPage(): JSX.Element {
  const params = useParams<{ id: string }>();
  return (
    // Another trial is another room: nothing of the last one may linger.
    <Show when={params.id} keyed>
      {(id) => <TrialRoom id={id} />}
    </Show>
  );
}

function TrialRoom(props: { id: string }): JSX.Element {
  const watched = watchTopic(`trial:${props.id}`);
  PageTitle(() => {
    const trial = watched.value?.trial;
    return trial && titleWith(trial);
  });
  const experiment = createMemo(() => watched.value?.trial.experimentId);
  return (
    <Switch fallback={<PageSkeleton />}>
      <Match when={watched.status === 'refused'}>
        <ProblemPanel thrown={refusalOf(watched, 'This trial cannot be shown.')} />
      </Match>
      <Match when={experiment()}>
        <Show when={watched.value}>{(view) => <Loaded view={view()} />}</Show>
      </Match>
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
  const { id, experimentId, experiment } = props.view.trial;
  const one = oneTrial(props.view);
  const threads = createTrialThreads(id);
  const baseline = createBaseline(() => props.view.trial);
  const [step, setStep] = createSignal<number | null>(null);
  const marks = createMemo(() => [...marksOf(threads.all), ...eventMarks(props.view.events)]);
  const room = createRoom({
    experiment: { id: experimentId, name: experiment },
    single: true,
    view: useRoomView(experimentId),
    trials: () => [one],
    listed: () => [{ number: 1, trial: props.view.trial }],
    objective: () => props.view.trial.objective,
    marks,
    onMark: (mark) => threads.look(mark),
    // Who may not is refused by the threads: who looks is known only after the page is there.
    onPin: (from, to, key) => {
      setStep(from);
      if (from === to) threads.begin({ kind: 'point', key, step: from, value: valueAt(props.view, key, from) });
      else threads.begin({ kind: 'range', keys: [key], from, to });
    },
    onPinPanel: (id, quote) => threads.begin({ kind: 'panel', id, quote: quote.slice(0, MOST_QUOTE) }),
  });
  return (
    <RoomContext.Provider value={room}>
      <TrialThreadsProvider threads={threads}>
        <main id="main" class="room">
          <RoomHeader
            view={props.view}
            keys={room.keys()}
            baseline={baseline}
            marks={marksOf(threads.all)}
            onMark={(mark) => threads.look(mark)}
          />
          <MetricCards view={props.view} keys={room.keys()} baseline={baseline} />
          <section class="dash" aria-label="Panels">
            <DashBar />
            <DashboardState />
            <Show when={room.failure()}>{(thrown) => <ProblemNote thrown={thrown()} />}</Show>
            <Show when={room.keys().length === 0 && room.dashboard.template() === 'auto'}>
              <p class="empty">
                <b>No points yet.</b> They appear with the first <code>trial.log(…)</code>.
              </p>
            </Show>
            <Grid />
          </section>
          <aside class="side" aria-label="About this trial">
            <TrialThreads threads={threads} step={step() ?? props.view.trial.progress?.done ?? null} />
            <WatchingList />
            <AlertRules experiment={experimentId} />
            <Facts trial={props.view.trial} />
          </aside>
        </main>
      </TrialThreadsProvider>
    </RoomContext.Provider>
  );
}

function valueAt(view: TrialView, key: string, step: number): WireNumber | null {
  const curve = view.curves.byKey.get(key);
  const index = curve?.steps.indexOf(step) ?? -1;
  const value = curve?.values[index];
  return value === undefined ? null : toWire(value);
}
