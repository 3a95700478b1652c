import { directionOf } from '@trialroom/shared/trial/metric-names';
import { isOver } from '@trialroom/shared/trial/trial';
import { createMemo, For, type JSX, Show } from 'solid-js';
import { Sparkline } from '../../charts/sparkline.tsx';
import { count, difference, figure } from '../../components/figures.ts';
import { Icon } from '../../components/icon.tsx';
import { sameJson } from '../../data/same.ts';
import type { TrialView } from '../../data/trial-view.ts';
import { figuresOf, leadingKey, nameOf } from '../curves/metrics.ts';
import type { Baseline } from '../trial/baseline.ts';
import { bestOf } from '../trial/best.ts';
import { plannedSteps } from '../trial/plan.ts';
import './metric-cards.css';

/** Most cards; the curves show every metric. */
const CARDS = 4;

/** The metrics that matter most: newest value, direction, best and where. */
export function MetricCards(props: { view: TrialView; keys: readonly string[]; baseline: Baseline }): JSX.Element {
  const select = () => {
    const { objective } = props.view.trial;
    const lead = leadingKey(props.keys, objective);
    const order = figuresOf(props.keys, objective).flatMap(({ lines }) => [...lines].reverse());
    return order.sort((a, b) => Number(b.key === lead) - Number(a.key === lead)).slice(0, CARDS);
  };
  const chosen = createMemo(select, [], { equals: sameJson });
  return (
    <Show when={chosen().length > 0}>
      <section class="mets" aria-label="Metrics">
        <For each={chosen()}>
          {({ key, colour }) => (
            <Card view={props.view} keys={props.keys} metric={key} colour={colour} baseline={props.baseline} />
          )}
        </For>
      </section>
    </Show>
  );
}

function Card(props: {
  view: TrialView;
  keys: readonly string[];
  metric: string;
  colour: number;
  baseline: Baseline;
}): JSX.Element {
  const state = createMemo(() => {
    props.view.curves.calm();
    const curve = props.view.curves.byKey.get(props.metric);
    if (!curve) return null;
    const direction = directionOf(props.metric, props.view.trial.objective);
    const last = curve.values.at(-1) ?? Number.NaN;
    const best = direction ? bestOf(curve, direction) : null;
    const end = Math.max(...[...props.view.curves.byKey.values()].map(({ steps }) => steps.at(-1) ?? 0));
    return { steps: [...curve.steps], values: [...curve.values], last, direction, best, end };
  });
  /** The best so far against the best of the baseline. */
  const against = createMemo(() => {
    const now = state();
    const curve = props.baseline.curve(props.metric);
    const theirs = curve && now?.direction ? bestOf(curve, now.direction) : null;
    const name = props.baseline.trial()?.name;
    if (!now?.best || !theirs || name === undefined) return null;
    const by = now.best.value - theirs.value;
    const better = by === 0 ? null : now.direction === 'minimise' ? by < 0 : by > 0;
    return {
      ...{ by, better },
      title: `best here ${figure(now.best.value)}; best of the baseline ${name} ${figure(theirs.value)} at ${count(theirs.step)}`,
    };
  });
  return (
    <Show when={state()}>
      {(now) => (
        <div class="met">
          <div class="mh">
            <span class="mn">{nameOf(props.metric, props.keys)}</span>
            <Show when={now().direction}>
              {(way) => (
                <span class="dir" title={way() === 'minimise' ? 'Lower is better' : 'Higher is better'}>
                  <Icon
                    name={way() === 'minimise' ? 'lower' : 'higher'}
                    label={way() === 'minimise' ? 'Lower is better' : 'Higher is better'}
                  />
                </span>
              )}
            </Show>
          </div>
          <div class="mv num" classList={{ odd: !Number.isFinite(now().last) }}>
            {figure(now().last)}
          </div>
          <div class="mm num">
            <Show when={now().best} fallback={<span>at {count(now().steps.at(-1) ?? 0)}</span>}>
              {(best) => (
                <>
                  <span>
                    best <b>{figure(best().value)}</b> at {count(best().step)}
                  </span>
                  <Show
                    when={against()}
                    fallback={
                      <span class={now().last === best().value ? 'good' : 'bad'}>
                        {now().last === best().value
                          ? 'best so far'
                          : Number.isFinite(now().last)
                            ? `${difference(now().last - best().value)} from best`
                            : ''}
                      </span>
                    }
                  >
                    {(held) => (
                      <span
                        classList={{ good: held().better === true, worse: held().better === false }}
                        title={held().title}
                      >
                        {held().by === 0 ? 'level with baseline' : `${difference(held().by)} vs baseline`}
                      </span>
                    )}
                  </Show>
                </>
              )}
            </Show>
          </div>
          <Sparkline
            steps={now().steps}
            values={now().values}
            to={isOver(props.view.trial.status) ? now().end : (plannedSteps(props.view.trial, now().end) ?? now().end)}
            colour={props.colour}
            alive={props.view.trial.status === 'running'}
            width={200}
            height={28}
            label={`${nameOf(props.metric, props.keys)} so far`}
          />
        </div>
      )}
    </Show>
  );
}
