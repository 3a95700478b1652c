/** An experiment as a whole: every trial as a line over its parameters and metrics, what matters, and how it went over time. */
import { A, useParams, useSearchParams } from '@solidjs/router';
import type { Analysis } from '@trialroom/shared/api/comparison';
import { comparison as api } from '@trialroom/shared/api/endpoints';
import { createMemo, createResource, createSignal, For, type JSX, Match, Show, Switch } from 'solid-js';
import { Button, Choice } from '../../components/button.tsx';
import { count } from '../../components/figures.ts';
import { PageTitle } from '../../components/page-title.ts';
import { call } from '../../data/api.ts';
import { may } from '../../data/me.ts';
import { ProblemWords, SkeletonRows } from '../../shell/states.tsx';
import {
  type Axis,
  type AxisId,
  axisIds,
  axisOf,
  type Brush,
  moved,
  passing,
  readBrushes,
  readIds,
  writeBrushes,
  writeIds,
} from './axes.ts';
import { AxisChoice } from './axis-choice.tsx';
import { BestTrials } from './best-trials.tsx';
import { Correlation } from './correlation.tsx';
import { Importance } from './importance.tsx';
import { Parallel } from './parallel.tsx';
import { Ranges } from './ranges.tsx';
import { Scatter } from './scatter.tsx';
import { TimelineView } from './timeline-view.tsx';
import '../../home/home.css';
import '../compare.css';
import './analysis.css';

type Search = { metric?: string; by?: string; axes?: string; ranges?: string; x?: string; y?: string };

/** Axes that are shown before anyone has chosen. */
const FIRST_AXES = 6;
export default function AnalysisPage(): JSX.Element {
  const params = useParams<{ id: string }>();
  const [read, { refetch }] = createResource(
    () => params.id,
    (id) => call(api.analysis, { params: { id } }),
  );
  PageTitle(() => (!read.error && read.latest ? `Analysis of ${read.latest.experiment.name}` : 'Analysis'));
  return (
    <main id="main" class="page compare">
      <Switch>
        <Match when={read.state === 'errored'}>
          <ProblemWords thrown={read.error} retry={() => void refetch()} />
        </Match>
        <Match when={read.latest === undefined}>
          <h1 class="title">Analysis</h1>
          <SkeletonRows rows={10} />
        </Match>
        <Match when={read.latest}>
          {(analysis) => <Analysed analysis={analysis()} again={() => void refetch()} />}
        </Match>
      </Switch>
    </main>
  );
}

function Analysed(props: { analysis: Analysis; again: () => void }): JSX.Element {
  const [search, setSearch] = useSearchParams<Search>();
  const change = (next: { [name in keyof Search]?: string | null }) => setSearch(next, { replace: true });
  const trials = () => props.analysis.trials;
  const by = () => (search.by === 'best' ? ('best' as const) : ('last' as const));
  const metrics = () => Object.keys(props.analysis.directions);
  const metric = (): string => {
    const wanted = search.metric;
    return wanted !== undefined && metrics().includes(wanted) ? wanted : (metrics()[0] ?? '');
  };
  const direction = () => props.analysis.directions[metric()] ?? null;
  const every = createMemo(
    () =>
      new Map(
        axisIds(props.analysis).flatMap((id): [AxisId, Axis][] => {
          const axis = axisOf(trials(), id, by());
          return axis ? [[id, axis]] : [];
        }),
      ),
  );
  const shown = createMemo((): AxisId[] => {
    const known = [...every().keys()];
    const chosen = readIds(search.axes, known);
    if (chosen.length > 1) return chosen;
    const params = known.filter((id) => id.startsWith('p:')).slice(0, FIRST_AXES);
    return [
      ...params,
      ...known.filter((id) => id === `m:${metric()}`),
      ...known
        .filter((id) => id.startsWith('m:') && id !== `m:${metric()}`)
        .slice(0, Math.max(1, FIRST_AXES - params.length) - 1),
    ];
  });
  const axes = () => shown().flatMap((id) => every().get(id) ?? []);
  const brushes = createMemo(() => readBrushes(search.ranges));
  const passes = createMemo(() => passing([...every().values()], brushes(), trials().length));
  const worth = createMemo(() => {
    const places = every().get(`m:${metric()}`)?.places ?? [];
    return trials().map((_, at) => {
      const place = places[at] ?? null;
      return place === null ? null : direction() === 'minimise' ? 1 - place : place;
    });
  });
  const best = createMemo(() =>
    trials()
      .map((trial, at) => ({ trial, at, worth: worth()[at] ?? -1 }))
      .filter(({ at }) => passes()[at])
      .sort((a, b) => b.worth - a.worth),
  );
  const [pointed, setPointed] = createSignal<number | null>(null);
  const brush = (id: AxisId, next: Brush | null): void => {
    const all = new Map(brushes());
    if (next) all.set(id, next);
    else all.delete(id);
    change({ ranges: all.size === 0 ? null : writeBrushes(all) });
  };
  const order = (next: readonly AxisId[]) => change({ axes: writeIds(next) });
  const move = (id: AxisId, to: number) => order(moved(shown(), id, to));
  const pick = (name: 'x' | 'y', otherwise: AxisId | undefined): Axis | undefined =>
    every().get(search[name] ?? '') ?? every().get(otherwise ?? '');
  /** The number that was tried at the most values shows most against a metric; a seed tells nothing. */
  const telling = (): AxisId | undefined => {
    const distinct = (id: AxisId): number => new Set(every().get(id)?.values).size;
    return shown()
      .filter((id) => id.startsWith('p:') && !/seed$/i.test(id) && every().get(id)?.kind !== 'category')
      .sort((a, b) => distinct(b) - distinct(a))[0];
  };
  const x = () => pick('x', telling() ?? shown().find((id) => id.startsWith('p:')) ?? shown()[0]);
  const y = () => pick('y', `m:${metric()}`) ?? axes()[1];
  return (
    <>
      <p class="an-crumb">
        <A class="tl" href={`/experiments/${props.analysis.experiment.id}`}>
          Room of the experiment
        </A>
      </p>
      <div class="hd an-head">
        <h1>{props.analysis.experiment.name}</h1>
        <p class="num">
          {count(trials().length)} {trials().length === 1 ? 'trial' : 'trials'}
          <Show when={props.analysis.leftOut > 0}>
            , the newest of {count(trials().length + props.analysis.leftOut)}
          </Show>
        </p>
        <span class="hb">
          <Button kind="quiet" icon="restart" onClick={props.again}>
            Reload
          </Button>
        </span>
      </div>
      <Show
        when={metrics().length > 0 && trials().length > 1}
        fallback={
          <p class="empty">
            <b>There is nothing to analyse yet.</b> It takes two trials that have logged a metric.
          </p>
        }
      >
        <p class="an-bar">
          <label class="an-choose">
            Judged by{' '}
            <select
              class="cmp-select"
              value={metric()}
              onChange={(event) => change({ metric: event.currentTarget.value })}
            >
              <For each={metrics()}>
                {(key) => (
                  <option value={key} selected={key === metric()}>
                    {key}
                  </option>
                )}
              </For>
            </select>
          </label>
          <Choice
            label="Reading"
            value={by()}
            options={[
              { value: 'last', text: 'Newest' },
              { value: 'best', text: 'Best' },
            ]}
            onChange={(next) => change({ by: next === 'last' ? null : next })}
          />
          <span class="i3 sm">
            {direction() === null
              ? 'which way is better is not known'
              : direction() === 'minimise'
                ? 'lower is better'
                : 'higher is better'}
          </span>
        </p>
        <section class="sec">
          <header>
            <h2>Parallel coordinates</h2>
            <span class="c">drag along an axis to filter, drag its name to move it</span>
            <span class="r num" role="status">
              {count(passes().filter(Boolean).length)} of {count(trials().length)} pass
            </span>
          </header>
          <Parallel
            axes={axes()}
            brushes={brushes()}
            passing={passes()}
            worth={worth()}
            pointed={pointed()}
            onBrush={brush}
            onMove={move}
          />
          <details class="an-ranges">
            <summary>Ranges and axes by keyboard</summary>
            <Ranges
              axes={axes()}
              brushes={brushes()}
              onBrush={brush}
              onMove={(id, step) => move(id, shown().indexOf(id) + step)}
              onRemove={(id) => order(shown().filter((other) => other !== id))}
            />
            <p class="an-bar">
              <label class="an-choose">
                Add an axis{' '}
                <select
                  class="cmp-select"
                  onChange={(event) => {
                    const id = event.currentTarget.value;
                    if (id !== '') order([...shown(), id]);
                    event.currentTarget.value = '';
                  }}
                >
                  <option value="">choose…</option>
                  <For each={[...every().values()].filter(({ id }) => !shown().includes(id))}>
                    {(axis) => <option value={axis.id}>{axis.name}</option>}
                  </For>
                </select>
              </label>
              <Show when={brushes().size > 0}>
                <Button onClick={() => change({ ranges: null })}>Show all trials</Button>
              </Show>
            </p>
          </details>
          <BestTrials best={best()} axes={axes()} onPoint={setPointed} />
        </section>
        <div class="an-two">
          <section class="sec">
            <header>
              <h2>Scatter</h2>
              <span class="r cmp-pair sc-axes">
                <AxisChoice
                  label="x"
                  axes={[...every().values()]}
                  value={x()?.id}
                  onChange={(id) => change({ x: id })}
                />
                <AxisChoice
                  label="y"
                  axes={[...every().values()]}
                  value={y()?.id}
                  onChange={(id) => change({ y: id })}
                />
              </span>
            </header>
            <Show when={x()}>
              {(across) => (
                <Show when={y()}>{(up) => <Scatter trials={trials()} x={across()} y={up()} passing={passes()} />}</Show>
              )}
            </Show>
          </section>
          <section class="sec">
            <header>
              <h2>Importance</h2>
              <span class="c">of parameters, over all trials</span>
            </header>
            <Importance experiment={props.analysis.experiment.id} metric={metric()} by={by()} canRun={may('run')} />
          </section>
        </div>
        <section class="sec">
          <header>
            <h2>Correlation</h2>
          </header>
          <Correlation axes={[...every().values()]} passing={passes()} />
        </section>
        <section class="sec">
          <header>
            <h2>Timeline</h2>
          </header>
          <TimelineView trials={trials()} metric={metric()} direction={direction()} />
        </section>
      </Show>
    </>
  );
}
