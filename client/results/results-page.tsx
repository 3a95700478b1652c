/** How well a trial did: figures on examples that were held back, where it fails, and the files that it made. */
import { A, useParams, useSearchParams } from '@solidjs/router';
import { results as api } from '@trialroom/shared/api/endpoints';
import type { EvaluationListing } from '@trialroom/shared/api/results';
import type { Artifact } from '@trialroom/shared/trial/artifact';
import type { Trial } from '@trialroom/shared/trial/trial';
import { createEffect, createResource, For, type JSX, Match, on, Show, Switch } from 'solid-js';
import { count } from '../components/figures.ts';
import { PageTitle } from '../components/page-title.ts';
import { StatusGlyph } from '../components/status-glyph.tsx';
import { call, ProblemError } from '../data/api.ts';
import { listenTo, watchTopic } from '../data/live.ts';
import { refusalOf } from '../data/watched.ts';
import { PageSkeleton, ProblemNote, ProblemPanel, SkeletonRows } from '../shell/states.tsx';
import { Artifacts } from './artifacts.tsx';
import { ClassificationResults } from './classification.tsx';
import { RegressionResults } from './regression.tsx';
import './results.css';

export default function ResultsPage(): JSX.Element {
  const params = useParams<{ id: string }>();
  return (
    <Show when={params.id} keyed>
      {(id) => <Results id={id} />}
    </Show>
  );
}

function Results(props: { id: string }): JSX.Element {
  const watched = watchTopic(`trial:${props.id}`);
  const [listed, { refetch }] = createResource(() => call(api.list, { params: { id: props.id } }));
  listenTo('results', ({ trial }) => {
    if (trial === props.id) void refetch();
  });
  PageTitle(() => (watched.value ? `Results · ${watched.value.trial.name}` : undefined));
  return (
    <Switch fallback={<PageSkeleton />}>
      <Match when={watched.status === 'refused'}>
        <ProblemPanel thrown={refusalOf(watched, 'This trial cannot be shown.')} />
      </Match>
      <Match when={listed.error}>
        <ProblemPanel thrown={listed.error} retry={() => void refetch()} />
      </Match>
      <Match when={watched.value && listed.latest}>
        {(listing) => (
          <main id="main" class="page results">
            <Head trial={watched.value?.trial} />
            <Show when={watched.value}>
              {(view) => (
                <Evaluated trial={view().trial} evaluations={listing().evaluations} artifacts={listing().artifacts} />
              )}
            </Show>
          </main>
        )}
      </Match>
    </Switch>
  );
}

function Head(props: { trial: Trial | undefined }): JSX.Element {
  return (
    <Show when={props.trial}>
      {(trial) => (
        <header class="rs-head">
          <p class="rs-crumb">
            <A class="tl" href={`/experiments/${trial().experimentId}`}>
              {trial().experiment}
            </A>
          </p>
          <h1>{trial().name}</h1>
          <nav class="rs-tabs" aria-label="Pages of this trial">
            <A href={`/trials/${trial().id}`} end>
              Room
            </A>
            <A href={`/trials/${trial().id}/results`} aria-current="page">
              Results
            </A>
            <span class="st">
              <StatusGlyph status={trial().status} text />
            </span>
          </nav>
        </header>
      )}
    </Show>
  );
}

function Evaluated(props: {
  trial: Trial;
  evaluations: readonly EvaluationListing[];
  artifacts: readonly Artifact[];
}): JSX.Element {
  const [search, setSearch] = useSearchParams<{ evaluation?: string }>();
  const shown = () => props.evaluations.find(({ name }) => name === search.evaluation) ?? props.evaluations[0];
  const [evaluation, { refetch }] = createResource(
    () => shown()?.name,
    (name) => call(api.evaluation, { params: { id: props.trial.id }, query: { name } }),
  );
  // A later evaluation of the same name is another one.
  createEffect(
    on(
      () => shown()?.at,
      () => void refetch(),
      { defer: true },
    ),
  );
  const classification = () => {
    const latest = evaluation.latest;
    return latest?.task === 'classification' ? latest : undefined;
  };
  const regression = () => {
    const latest = evaluation.latest;
    return latest?.task === 'regression' ? latest : undefined;
  };
  const missing = () => evaluation.error instanceof ProblemError && evaluation.error.status === 404;
  return (
    <>
      <Show when={props.evaluations.length > 1}>
        <nav class="evals" aria-label="Evaluations">
          <For each={props.evaluations}>
            {(one) => (
              <button
                type="button"
                class="btn q"
                aria-pressed={one.name === shown()?.name}
                onClick={() => setSearch({ evaluation: one.name, cell: null, class: null, t: null })}
              >
                {one.name} <span class="num i3">{count(one.count)}</span>
              </button>
            )}
          </For>
        </nav>
      </Show>
      <Switch fallback={<SkeletonRows rows={6} height="3rem" />}>
        <Match when={props.evaluations.length === 0 || missing()}>
          <p class="empty">
            <b>Not evaluated{props.trial.endedAt === null ? ' yet' : ''}.</b> Call{' '}
            <code>await run.evaluate({'{ truth, probabilities }'})</code> in its notebook, with examples that it has not
            learned from.
          </p>
        </Match>
        <Match when={evaluation.error}>
          <ProblemNote thrown={evaluation.error} retry={() => void refetch()} />
        </Match>
        <Match when={classification()}>
          {(found) => <ClassificationResults trial={props.trial} evaluation={found()} />}
        </Match>
        <Match when={regression()}>{(found) => <RegressionResults trial={props.trial} evaluation={found()} />}</Match>
      </Switch>
      <Artifacts trial={props.trial.id} artifacts={props.artifacts} />
    </>
  );
}
