/** All experiments: what each asks, how its trials stand, the best of them, who works on it, and when last. */
import { A } from '@solidjs/router';
import { experiments as api } from '@trialroom/shared/api/endpoints';
import type { Experiment } from '@trialroom/shared/api/experiments';
import { TrialStatus } from '@trialroom/shared/trial/trial';
import { createResource, createSignal, For, type JSX, Match, onCleanup, Show, Switch } from 'solid-js';
import { Choice } from '../components/button.tsx';
import { ago, count, figure } from '../components/figures.ts';
import { now } from '../components/now.ts';
import { PageTitle } from '../components/page-title.ts';
import { People } from '../components/people.tsx';
import { plainWords } from '../components/plain-words.ts';
import { StatusGlyph } from '../components/status-glyph.tsx';
import { call } from '../data/api.ts';
import { listenTo } from '../data/live.ts';
import { ProblemNote, SkeletonRows } from '../shell/states.tsx';
import './experiments.css';
import './experiments-list.css';
import { writeView } from './view.ts';

/** How long news waits for more before the list is read again, in ms. */
const SOON = 2000;

export default function ExperimentsPage(): JSX.Element {
  PageTitle(() => 'Experiments');
  const [archived, setArchived] = createSignal<'present' | 'archived'>('present');
  const [list, { refetch }] = createResource(archived, async (which) => {
    const { experiments } = await call(api.list, { query: { archived: which === 'archived' ? 'true' : 'false' } });
    return experiments;
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const soon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void refetch();
    }, SOON);
  };
  onCleanup(() => clearTimeout(timer));
  listenTo('trial', soon);
  listenTo('trialsGone', soon);
  listenTo('experiment', () => void refetch());
  const shown = (): Experiment[] => (list.state === 'ready' || list.state === 'refreshing' ? (list.latest ?? []) : []);
  return (
    <main id="main" class="trials">
      <div class="trials-head">
        <h1>Experiments</h1>
        <p class="i3 num">
          {list.loading && shown().length === 0 ? '' : `${count(shown().length)}, the last active first`}
        </p>
        <Choice
          label="Which experiments"
          value={archived()}
          options={[
            { value: 'present', text: 'Present' },
            { value: 'archived', text: 'Put away' },
          ]}
          onChange={setArchived}
        />
      </div>
      <Switch>
        <Match when={list.state === 'errored'}>
          <ProblemNote thrown={list.error} retry={() => void refetch()} />
        </Match>
        <Match when={list.loading && shown().length === 0}>
          <SkeletonRows rows={6} height="4rem" />
        </Match>
        <Match when={shown().length === 0}>
          <p class="empty">
            <b>{archived() === 'archived' ? 'None is put away.' : 'No experiments yet.'}</b> An experiment begins with
            its first trial:{' '}
            <code>
              trial({'{'} experiment: "digits" {'}'})
            </code>
            .
          </p>
        </Match>
        <Match when={true}>
          <ul class="experiments">
            <For each={shown()}>{(one) => <Row experiment={one} />}</For>
          </ul>
        </Match>
      </Switch>
    </main>
  );
}

function Row(props: { experiment: Experiment }): JSX.Element {
  const own = () => props.experiment;
  /** Its first line; what marks it up is for the page of the experiment. */
  const question = (): string | undefined => {
    const line = own()
      .note.split('\n')
      .find((one) => one.trim() !== '');
    return line && plainWords(line.replace(/^[#>\s*-]+/, ''));
  };
  const trials = () =>
    writeView({ filter: `experiment = ${JSON.stringify(own().name)}`, sort: null, group: [], columns: null });
  return (
    <li class="experiment">
      <div class="experiment-name">
        <A href={`/experiments/${own().id}`}>{own().name}</A>
        <Show when={own().starred}>
          <span class="star" role="img" aria-label="Starred">
            ★
          </span>
        </Show>
        <For each={own().tags}>{(tag) => <small class="tag">{tag}</small>}</For>
        <Show when={question()}>{(text) => <p>{text()}</p>}</Show>
      </div>
      <A class="experiment-counts num" href={`/trials?${trials()}`} aria-label={`Trials of ${own().name}`}>
        <For each={TrialStatus.options.filter((status) => (own().counts[status] ?? 0) > 0)}>
          {(status) => (
            <span>
              <StatusGlyph status={status} /> {count(own().counts[status] ?? 0)}
            </span>
          )}
        </For>
      </A>
      <div class="experiment-best num">
        <Show when={own().best} fallback={<small>nothing to judge by yet</small>}>
          {(best) => (
            <>
              <b>{figure(best().value)}</b>{' '}
              <small>
                {best().direction === 'minimise' ? 'lowest' : 'highest'} {best().key},{' '}
                <A href={`/trials/${best().trial}`}>{best().name}</A>
              </small>
            </>
          )}
        </Show>
      </div>
      <People people={own().people} />
      <time class="i3 num" title="When a trial last began or ended">
        {ago(own().activeAt, now())}
      </time>
    </li>
  );
}
