/** How far a cell's work is: the graduated rule, with pace and what is left on the line above it. */
import { ProgressData } from '@trialroom/shared/notebook/progress';
import { createMemo, type JSX, Show } from 'solid-js';
import { count, duration, figure } from '../../components/figures.ts';
import { graduations } from '../../components/graduations.ts';
import { useNotebook } from '../model.ts';
import './progress.css';
import { TextOutput } from './text.tsx';

/** How far a loop is, and how long it may still take. */
export function ProgressOutput(props: { data: unknown; plain: unknown; cell: string }): JSX.Element {
  const progress = createMemo(() => {
    const parsed = ProgressData.safeParse(props.data);
    return parsed.success ? parsed.data : null;
  });
  return (
    <Show when={progress()} fallback={<TextOutput text={props.plain} />}>
      {(data) => <Bar data={data()} cell={props.cell} />}
    </Show>
  );
}

function Bar(props: { data: ProgressData; cell: string }): JSX.Element {
  const notebook = useNotebook();
  const total = () => props.data.total;
  const state = () => props.data.state ?? 'running';
  // A kernel that died says nothing any more; then nothing is on its way.
  const moving = () => state() === 'running' && notebook.statusOf(props.cell) === 'evaluating';
  const share = () => Math.min(1, props.data.done / (total() ?? Math.max(1, props.data.done)));
  const ticks = createMemo(() => graduations(total() ?? 0));
  const look = () =>
    state() === 'done' ? 'g-completed' : state() === 'stopped' || !moving() ? 'g-stopped' : 'g-running';
  const amount = () => {
    const all = total();
    return all === undefined ? count(props.data.done) : `${count(props.data.done)} of ${count(all)}`;
  };
  const time = () => {
    const { rate, elapsed, done } = props.data;
    const all = total();
    if (moving() && rate && all !== undefined) return `${duration(((all - done) / rate) * 1000)} left`;
    return elapsed === undefined ? '' : duration(elapsed);
  };
  const path = (values: readonly number[], height: number) =>
    values.map((value) => `M${((value / (total() ?? 1)) * 1000).toFixed(1)} 0V${height}`).join('');
  return (
    <div class="prog" data-progress={state()}>
      <p class="prog-l num">
        <span class="prog-n">{props.data.note ?? ''}</span>
        <Show when={total() !== undefined}>
          <b>{Math.floor(share() * 100)} %</b>
        </Show>
        <span class="prog-a">{amount()}</span>
        <Show when={props.data.rate}>{(rate) => <span class="prog-r">{figure(rate(), 3)}/s</span>}</Show>
        <span class="prog-t">{state() === 'stopped' ? 'stopped' : time()}</span>
      </p>
      <div
        class={`grad ${look()}`}
        role="progressbar"
        aria-label={props.data.note ?? 'Progress of this cell'}
        aria-valuemin={0}
        aria-valuemax={total()}
        aria-valuenow={total() === undefined ? undefined : props.data.done}
        aria-valuetext={amount()}
      >
        <Show when={total() !== undefined}>
          <svg viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
            <path d={path(ticks().minor, 4)} />
            <path class="maj" d={path(ticks().major, 8)} />
          </svg>
        </Show>
        <i class="done" style={{ width: `${((total() === undefined ? 0 : share()) * 100).toFixed(2)}%` }} />
        <Show when={moving()}>
          <i class="tip" style={{ left: `${((total() === undefined ? 0 : share()) * 100).toFixed(2)}%` }} />
        </Show>
      </div>
    </div>
  );
}
