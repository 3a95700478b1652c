import { createMemo, For, type JSX, Show } from 'solid-js';
import { Figure } from '../charts/figure.tsx';
import { plotModel } from '../charts/model.ts';
import { Button, Choice } from '../components/button.tsx';
import { count } from '../components/figures.ts';
import { type Curve, shownOf } from '../data/curves.ts';
import { sameJson } from '../data/same.ts';
import type { TrialView } from '../data/trial-view.ts';
import { ProblemNote } from '../shell/states.tsx';
import { useRoomLook } from './look.ts';
import { type FigurePlan, figuresOf } from './metrics.ts';
import { plannedSteps } from './plan.ts';
import { createWindowCurves } from './window-curves.ts';
import './curves-section.css';

/** All metrics as figures that share a crosshair, a range and a way of looking. */
export function Curves(props: { view: TrialView; keys: readonly string[] }): JSX.Element {
  const { look, window, change, zoom } = useRoomLook();
  const windowed = createWindowCurves(() => props.view, window);
  const figures = createMemo(() => figuresOf(props.keys, props.view.trial.objective), [], { equals: sameJson });
  const shown = createMemo(() => {
    props.view.curves.calm();
    void windowed.loading();
    return shownOf(windowed.byKey().values());
  });
  const trial = () => props.view.trial;
  const startedAt = () => trial().startedAt ?? trial().createdAt;

  const model = (plan: FigurePlan) => () => {
    const byKey = windowed.byKey();
    const last = Math.max(...[...byKey.values()].map((curve) => curve.steps.at(-1) ?? Number.NEGATIVE_INFINITY));
    return plotModel(
      plan.lines.flatMap(({ key, name, colour }) => {
        const curve = byKey.get(key);
        return curve ? [{ curve, name, colour }] : [];
      }),
      look(),
      {
        startedAt: startedAt(),
        plannedTo: trial().endedAt === null ? plannedSteps(trial(), last) : undefined,
        window: window(),
      },
    );
  };
  const onZoom = (from: number, to: number) => {
    if (look().x === 'step') return zoom({ from, to });
    const steps = stepsBetween([...windowed.byKey().values()], startedAt() + from * 1000, startedAt() + to * 1000);
    if (steps) zoom(steps);
  };
  const changes = () => [windowed.version(), look(), window(), trial().progress, trial().endedAt];
  const figureOf = (plan: FigurePlan, index: number, size: 'tall' | 'middle' | 'short') => (
    <Figure
      number={index + 1}
      title={plan.title}
      note={plan.renamed ? plan.lines.map(({ key }) => key).join(', ') : undefined}
      size={size}
      changes={changes}
      model={model(plan)}
      live={trial().status === 'running'}
      syncKey={`room-${trial().id}`}
      onZoom={onZoom}
      onReset={() => zoom(null)}
    />
  );
  return (
    <section class="figs" aria-label="Curves">
      <div class="sh bar">
        <h2>Curves</h2>
        <span class="c num" aria-live="off">
          {shown().shown === shown().total
            ? `${count(shown().total)} points`
            : `${count(shown().shown)} of ${count(shown().total)} shown`}
        </span>
        <Show when={window()}>
          {(range) => (
            <Button kind="quiet" icon="expand" onClick={() => zoom(null)}>
              {windowed.loading() ? 'Reading' : 'Steps'} {count(range().from)}–{count(range().to)}, show all
            </Button>
          )}
        </Show>
        <span class="ctl">
          <label>
            Smoothing{' '}
            <input
              type="range"
              class="slide"
              min="0"
              max="99"
              value={Math.round(look().smoothing * 100)}
              style={{ '--at': `${(look().smoothing / 0.99) * 100}%` }}
              onInput={(event) => change({ smoothing: Number(event.currentTarget.value) / 100 })}
            />
            <span class="num i1">{look().smoothing.toFixed(2)}</span>
          </label>
          <Choice
            label="Horizontal axis"
            value={look().x}
            options={[
              { value: 'step', text: 'Step' },
              { value: 'time', text: 'Time', title: 'Since the start of the trial' },
            ]}
            onChange={(x) => change({ x })}
          />
          <Choice
            label="Vertical axis"
            value={look().log ? 'log' : 'linear'}
            options={[
              { value: 'linear', text: 'Linear' },
              { value: 'log', text: 'Log' },
            ]}
            onChange={(scale) => change({ log: scale === 'log' })}
          />
          <Choice
            label="Vertical range"
            value={look().robust ? 'robust' : 'all'}
            options={[
              { value: 'robust', text: 'Fit', title: 'Leave single far-off values out of the range' },
              { value: 'all', text: 'All', title: 'Every value within the range' },
            ]}
            onChange={(range) => change({ robust: range === 'robust' })}
          />
        </span>
      </div>
      <Show when={windowed.failure()}>{(thrown) => <ProblemNote thrown={thrown()} />}</Show>
      <Show
        when={figures().length > 0}
        fallback={
          <p class="empty">
            <b>No points yet.</b> They appear with the first <code>trial.log(…)</code>.
          </p>
        }
      >
        <For each={figures().slice(0, 2)}>
          {(plan, index) => figureOf(plan, index(), index() === 0 ? 'tall' : 'middle')}
        </For>
        <div class="two">
          <For each={figures().slice(2)}>{(plan, index) => figureOf(plan, index() + 2, 'short')}</For>
        </div>
      </Show>
    </section>
  );
}

/** First and last step logged between two times; null when there are not two. */
function stepsBetween(curves: readonly Curve[], from: number, to: number): { from: number; to: number } | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { steps, walls } of curves) {
    walls.forEach((wall, index) => {
      const step = steps[index];
      if (step === undefined || wall < from || wall > to) return;
      low = Math.min(low, step);
      high = Math.max(high, step);
    });
  }
  return low < high ? { from: low, to: high } : null;
}
