import { A } from '@solidjs/router';
import { createMemo, For, type JSX, Match, Show, Switch } from 'solid-js';
import { count, duration } from '../components/figures.ts';
import { MiniRule } from '../components/graduated-rule.tsx';
import { now } from '../components/now.ts';
import { StatusGlyph } from '../components/status-glyph.tsx';
import { watchTopic } from '../data/live.ts';
import { sameJson } from '../data/same.ts';
import { type FigurePlan, figuresOf } from '../room/curves/metrics.ts';
import { etaOf } from '../room/trial/eta.ts';
import { plannedSteps } from '../room/trial/plan.ts';
import { ProblemNote, SkeletonRows } from '../shell/states.tsx';
import { Figure } from './figure.tsx';
import { createZoom } from './figure-tools.tsx';
import { plotModel } from './model.ts';

/** Figures shown in a cell; the room has all. */
const FIGURES = 2;

/** The live chart of a trial, compact, for the output of the cell that started it. */
export function TrialChart(props: { trial: string }): JSX.Element {
  const watched = watchTopic(`trial:${props.trial}`);
  const keys = createMemo(
    () => {
      const curves = watched.value?.curves;
      curves?.calm();
      return [...(curves?.byKey.keys() ?? [])].sort();
    },
    [],
    { equals: (a, b) => a.join('\n') === b.join('\n') },
  );
  const figures = createMemo(() => figuresOf(keys(), watched.value?.trial.objective ?? null).slice(0, FIGURES), [], {
    equals: sameJson,
  });
  const model = (plan: FigurePlan) => () => {
    const view = watched.value;
    const byKey = view?.curves.byKey;
    const last = Math.max(
      ...[...(byKey?.values() ?? [])].map((curve) => curve.steps.at(-1) ?? Number.NEGATIVE_INFINITY),
    );
    return plotModel(
      plan.lines.flatMap(({ key, name, colour }) => {
        const curve = byKey?.get(key);
        return curve ? [{ curve, name, colour }] : [];
      }),
      { smoothing: 0.9, x: 'step', log: false, robust: true },
      {
        startedAt: view?.trial.startedAt ?? 0,
        plannedTo: view ? plannedSteps(view.trial, last) : undefined,
        growing: view?.trial.endedAt === null,
      },
    );
  };
  const zoom = createZoom();
  return (
    <div class="chart-cell">
      <Switch fallback={<SkeletonRows rows={3} />}>
        <Match when={watched.status === 'refused'}>
          <ProblemNote thrown={new Error(watched.error ?? 'This trial cannot be shown.')} />
        </Match>
        <Match when={watched.value}>
          {(view) => (
            <>
              <p class="chart-head num">
                <StatusGlyph status={view().trial.status} text />
                <b>{view().trial.name}</b>
                <Show when={view().trial.progress}>
                  {(progress) => (
                    <span>
                      {count(progress().done)}
                      <Show when={progress().total}>{(total) => <> of {count(total())}</>}</Show>
                    </span>
                  )}
                </Show>
                <Show when={etaOf(view().trial, now())}>{(ms) => <span>{duration(ms())} left</span>}</Show>
                <A class="r" href={`/trials/${view().trial.id}`}>
                  Open room
                </A>
              </p>
              <MiniRule
                done={view().trial.progress?.done ?? 0}
                total={view().trial.progress?.total}
                status={view().trial.status}
              />
              <For each={figures()} fallback={<p class="empty">No points yet.</p>}>
                {(plan) => (
                  <Figure
                    title={plan.title}
                    size="short"
                    changes={() => [view().curves.version(), view().trial.status]}
                    model={model(plan)}
                    live={view().trial.status === 'running'}
                    syncKey={`cell-${props.trial}`}
                    tools={{ zoom, xName: 'step' }}
                  />
                )}
              </For>
            </>
          )}
        </Match>
      </Switch>
    </div>
  );
}
