/** What is alive now: running trials, notebooks, who is here, what ended. */
import { A } from '@solidjs/router';
import { isOver, type Trial } from '@trialroom/shared/trial/trial';
import { createMemo, For, type JSX, Match, Show, Switch } from 'solid-js';
import { Button } from '../components/button.tsx';
import { ago, clock, count, sentence } from '../components/figures.ts';
import { Icon } from '../components/icon.tsx';
import { now } from '../components/now.ts';
import { StatusGlyph } from '../components/status-glyph.tsx';
import { watchTopic } from '../data/live.ts';
import { may } from '../data/me.ts';
import { etaOf } from '../room/trial/eta.ts';
import { ProblemNote, SkeletonRows } from '../shell/states.tsx';
import { attention, putAside } from './attention.ts';
import { EndedRow } from './ended-row.tsx';
import { HereNow, lookingAt } from './here-now.tsx';
import './home.css';
import { PageTitle } from '../components/page-title.ts';
import { LiveRow } from './live-row.tsx';
import { NotebookList } from './notebook-list.tsx';
import { RecentAnnotations } from './recent-annotations.tsx';
import './attention.css';

/** Ended trials shown here; the rest is on the page of trials. */
const ENDED_SHOWN = 8;

export function HomePage(): JSX.Element {
  const home = watchTopic('home');
  PageTitle(() => 'Home');
  const all = () => home.value?.trials ?? [];
  const live = createMemo(() => {
    const order = { running: 0, paused: 1, queued: 2 } as Readonly<Record<string, number>>;
    return all()
      .filter(({ trial }) => !isOver(trial.status))
      .sort(
        (a, b) => (order[a.trial.status] ?? 3) - (order[b.trial.status] ?? 3) || b.trial.createdAt - a.trial.createdAt,
      );
  });
  const ended = createMemo(() =>
    all()
      .filter(({ trial }) => isOver(trial.status))
      .sort((a, b) => (b.trial.endedAt ?? b.trial.createdAt) - (a.trial.endedAt ?? a.trial.createdAt)),
  );
  const people = (topic: `trial:${string}`) => lookingAt(home.value?.present ?? [], topic);
  const today = () => new Date(now()).toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });
  return (
    <main id="main" class="home">
      <div class="hd">
        <h1>{today()}</h1>
        <p class="num">
          <Show when={home.value}>
            <Summary trials={live().map(({ trial }) => trial)} />
          </Show>
        </p>
        <Show when={may('edit')}>
          <span class="hb">
            <A class="btn" href="/notebooks?new=1">
              <Icon name="plus" />
              Notebook
            </A>
          </span>
        </Show>
      </div>
      <Attention trials={all().map(({ trial }) => trial)} />
      <section class="live" aria-label="Trials now">
        <div class="sh">
          <h2>Trials now</h2>
          <span class="c num">{count(live().length)}</span>
          <A class="r" href="/trials">
            All trials
          </A>
        </div>
        <Switch
          fallback={
            <For each={live()}>
              {({ trial, glance }) => <LiveRow trial={trial} glance={glance} people={people(`trial:${trial.id}`)} />}
            </For>
          }
        >
          <Match when={home.status === 'loading'}>
            <SkeletonRows rows={3} height="3.25rem" />
          </Match>
          <Match when={home.status === 'refused'}>
            <ProblemNote thrown={new Error(home.error ?? 'The server would not show this page.')} />
          </Match>
          <Match when={live().length === 0}>
            <p class="empty">
              <b>Nothing is training.</b> Open a notebook and run a cell that calls <code>trial()</code>: its curve
              appears here, and in a room of its own, from the first step.
            </p>
          </Match>
        </Switch>
      </section>
      <section class="nbs" aria-label="Notebooks">
        <div class="sh">
          <h2>Notebooks</h2>
          <span class="c num">{count(home.value?.notebooks.length ?? 0)}</span>
          <A class="r" href="/notebooks">
            All notebooks
          </A>
        </div>
        <NotebookList home={home} most={8} />
      </section>
      <div class="here">
        <RecentAnnotations />
        <section aria-label="Here now">
          <HereNow home={home} />
        </section>
      </div>
      <Show when={ended().length > 0}>
        <section class="fin" aria-label="Ended">
          <div class="sh">
            <h2>Ended</h2>
            <span class="c num">{count(ended().length)}</span>
            <A class="r" href="/trials">
              All
            </A>
          </div>
          <For each={ended().slice(0, ENDED_SHOWN)}>
            {({ trial, glance }) => <EndedRow trial={trial} glance={glance} />}
          </For>
        </section>
      </Show>
    </main>
  );
}

function Summary(props: { trials: readonly Trial[] }): JSX.Element {
  const having = (status: Trial['status']) => props.trials.filter((trial) => trial.status === status).length;
  const first = () =>
    props.trials
      .map((trial) => ({ trial, eta: etaOf(trial, now()) }))
      .filter((entry): entry is { trial: Trial; eta: number } => entry.eta !== null)
      .sort((a, b) => a.eta - b.eta)[0];
  return (
    <Show when={props.trials.length > 0} fallback="All quiet.">
      <b>{count(having('running'))}</b> running
      <Show when={having('paused') > 0}>
        , <b>{count(having('paused'))}</b> paused
      </Show>
      <Show when={having('queued') > 0}>
        , <b>{count(having('queued'))}</b> queued
      </Show>
      .
      <Show when={first()}>
        {(entry) => (
          <>
            {' '}
            First to finish:{' '}
            <A class="tl i1" href={`/trials/${entry().trial.id}`}>
              {entry().trial.name}
            </A>{' '}
            at {clock(now() + entry().eta, now())}.
          </>
        )}
      </Show>
    </Show>
  );
}

function Attention(props: { trials: readonly Trial[] }): JSX.Element {
  const first = () => attention(props.trials)[0];
  const more = () => attention(props.trials).length - 1;
  return (
    <Show when={first()}>
      {(trial) => (
        <section class="attend" classList={{ lost: trial().status === 'lost' }} role="status">
          <StatusGlyph status={trial().status} />
          <p>
            <b>{trial().name}</b> {trial().status === 'lost' ? 'is lost.' : 'failed.'} {sentence(trial().reason ?? '')}
            <Show when={more() > 0}>
              <span class="i3"> And {count(more())} more.</span>
            </Show>
          </p>
          <span class="i3 num">{ago(trial().endedAt ?? trial().createdAt, now())}</span>
          <span class="aa">
            <A class="btn" href={`/trials/${trial().id}`}>
              Open room
            </A>
            <Button kind="quiet" title="Stop pointing at it in this browser" onClick={() => putAside(trial().id)}>
              Set aside
            </Button>
          </span>
        </section>
      )}
    </Show>
  );
}
