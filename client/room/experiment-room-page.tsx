/** The room of an experiment: all its trials in the same panels, each in a colour of its own. */
import { A, useParams } from '@solidjs/router';
import { MOST_QUOTE } from '@trialroom/shared/annotation/target';
import { experiments } from '@trialroom/shared/api/endpoints';
import { isOver } from '@trialroom/shared/trial/trial';
import { createMemo, createResource, type JSX, Match, Show, Switch } from 'solid-js';
import { marksOf } from '../annotations/marks.ts';
import { createExperimentThreads, ExperimentThreads } from '../annotations/trial-threads.tsx';
import { Button } from '../components/button.tsx';
import { count } from '../components/figures.ts';
import { PageTitle } from '../components/page-title.ts';
import { call } from '../data/api.ts';
import { listenTo } from '../data/live.ts';
import { ExperimentLabels } from '../experiments/labels.tsx';
import { writeView } from '../experiments/view.ts';
import { PageSkeleton, ProblemNote, ProblemPanel } from '../shell/states.tsx';
import { AlertRules } from './alerts/alert-rules.tsx';
import { RoomContext } from './context.ts';
import { createRoom } from './create-room.ts';
import { DashBar } from './dashboard/dash-bar.tsx';
import { Grid } from './dashboard/grid.tsx';
import { Legend } from './legend.tsx';
import './room.css';
import './header/room-header.css';
import { createExperimentTrials, type ExperimentTrials } from './curves/trials.ts';
import { DashboardState } from './room-state.tsx';
import { type RoomView, useRoomView } from './view.ts';
import { WatchingList } from './watching/watching-list.tsx';

export default function ExperimentRoomPage(): JSX.Element {
  const params = useParams<{ id: string }>();
  return (
    <Show when={params.id} keyed>
      {(id) => <ExperimentRoom id={id} />}
    </Show>
  );
}

function ExperimentRoom(props: { id: string }): JSX.Element {
  const view = useRoomView(props.id);
  const hidden = createMemo(view.hidden);
  const trials = createExperimentTrials(props.id, hidden);
  PageTitle(() => trials.experiment()?.name);
  return (
    <Switch fallback={<PageSkeleton />}>
      <Match when={trials.failure()}>{(thrown) => <ProblemPanel thrown={thrown()} />}</Match>
      <Match when={trials.experiment()} keyed>
        {(experiment) => <Loaded experiment={experiment} trials={trials} view={view} />}
      </Match>
    </Switch>
  );
}

function Loaded(props: {
  experiment: { id: string; name: string };
  trials: ExperimentTrials;
  view: RoomView;
}): JSX.Element {
  const { experiment, trials, view } = props;
  const objective = createMemo(() => trials.listed().findLast(({ trial }) => trial.objective)?.trial.objective ?? null);
  const threads = createExperimentThreads(experiment.id);
  const room = createRoom({
    ...{ experiment, single: false, view, objective },
    trials: trials.drawn,
    listed: trials.listed,
    names: trials.names,
    marks: () => marksOf(threads.all),
    onMark: (mark) => threads.look(mark),
    // The curves of several trials have no one value at a step.
    onPin: (from, to, key) => {
      if (from === to) threads.begin({ kind: 'point', key, step: from, value: null });
      else threads.begin({ kind: 'range', keys: [key], from, to });
    },
    onPinPanel: (id, quote) => threads.begin({ kind: 'panel', id, quote: quote.slice(0, MOST_QUOTE) }),
  });
  const [kept, { mutate, refetch }] = createResource(() => call(experiments.get, { params: { id: experiment.id } }));
  // Labels that cannot be read are not shown; the room is there without them.
  const labelled = () => (kept.error ? undefined : kept.latest);
  listenTo('experiment', (event) => {
    if (event.experiment === experiment.id) void refetch();
  });
  const table = (): string =>
    writeView({ filter: `experiment = ${JSON.stringify(experiment.name)}`, sort: null, group: [], columns: null });
  const running = (): number => trials.listed().filter(({ trial }) => !isOver(trial.status)).length;
  return (
    <RoomContext.Provider value={room}>
      <main id="main" class="room of-experiment">
        <div class="rh">
          <div class="rt">
            <p class="crumb">
              <A class="tl" href="/experiments">
                Experiments
              </A>
            </p>
            <h1>{experiment.name}</h1>
          </div>
          <div class="act">
            <Button
              class="only-icon"
              icon="wall"
              aria-label="Wall screen"
              title="As a wall screen shows it; Escape comes back"
              onClick={() => view.setWall(true)}
            />
          </div>
          <div class="facts num">
            <span>
              <b>{count(trials.total())}</b> {trials.total() === 1 ? 'trial' : 'trials'}
            </span>
            <Show when={running() > 0}>
              <span>
                <b>{count(running())}</b> going on
              </span>
            </Show>
            <Show when={room.reading()}>
              <span role="status">reading curves</span>
            </Show>
            <A class="tl" href={`/experiments/${experiment.id}/analysis`}>
              Analysis
            </A>
            <A class="tl" href={`/trials?${table()}`}>
              Table
            </A>
          </div>
        </div>
        <section class="dash" aria-label="Panels">
          <DashBar />
          <DashboardState />
          <Show when={room.failure()}>{(thrown) => <ProblemNote thrown={thrown()} />}</Show>
          <Show when={trials.listed().length === 0}>
            <p class="empty">
              <b>No trials yet.</b> They appear as soon as one is opened in this experiment.
            </p>
          </Show>
          <Show when={trials.listed().length > 0 && room.dashboard.panels().length === 0}>
            <p class="empty">
              <b>Nothing logged yet.</b> Curves appear with the first <code>run.log(…)</code> of any trial; other panels
              are under “Add panel”.
            </p>
          </Show>
          <Grid />
        </section>
        <aside class="side" aria-label="Trials and people">
          <Show when={labelled()}>
            {(known) => <ExperimentLabels experiment={known()} onChange={(changed) => mutate(changed)} />}
          </Show>
          <Legend total={trials.total()} />
          <ExperimentThreads threads={threads} />
          <WatchingList />
          <AlertRules experiment={experiment.id} />
        </aside>
      </main>
    </RoomContext.Provider>
  );
}
