import { useNavigate } from '@solidjs/router';
import { directionOf } from '@trialroom/shared/trial/metric-names';
import { createMemo, For, type JSX, Show } from 'solid-js';
import { valueTick } from '../../charts/ticks.ts';
import { figure } from '../../components/figures.ts';
import { useRoom } from '../context.ts';
import { leadingKey } from '../curves/metrics.ts';
import { penOf, type RoomTrial } from '../curves/trials.ts';
import { bestOf } from '../trial/best.ts';
import { vectorLook } from './export.ts';
import { type BodyProps, type PanelKind, textIn } from './kind.ts';
import { scatterOf, svgScatter } from './scatter-svg.ts';
import './bars-dots.css';

export const scatter: PanelKind = {
  kind: 'scatter',
  name: 'Scatter',
  says: 'Two metrics, or a parameter against a metric, a dot for each trial.',
  icon: 'diff',
  size: { width: 6, height: 7 },
  fields: [
    { name: 'x', type: 'axis', label: 'Across', help: 'A metric, or param:NAME.' },
    { name: 'y', type: 'axis', label: 'Up', help: 'A metric, or param:NAME.' },
  ],
  title: (settings, room) => {
    const y = textIn(settings, 'y') || leadingKey(room.keys(), room.objective()) || 'metric';
    const x = textIn(settings, 'x');
    return x === '' ? 'Scatter' : `${y.replace(/^param:/, '')} by ${x.replace(/^param:/, '')}`;
  },
  Body: ScatterBody,
};

function ScatterBody(props: BodyProps): JSX.Element {
  const room = useRoom();
  const go = useNavigate();
  let root: HTMLDivElement | undefined;
  const x = (): string => textIn(props.settings, 'x');
  const y = (): string => textIn(props.settings, 'y') || leadingKey(room.keys(), room.objective()) || '';
  const value = (trial: RoomTrial, axis: string): number => {
    if (axis.startsWith('param:')) {
      const given = trial.trial.params[axis.slice(6)];
      return typeof given === 'number' ? given : typeof given === 'boolean' ? Number(given) : Number.NaN;
    }
    const curve = trial.curves.byKey.get(axis);
    if (!curve) return Number.NaN;
    const direction = directionOf(axis, room.objective());
    return (direction ? bestOf(curve, direction)?.value : curve.values.at(-1)) ?? Number.NaN;
  };
  const points = createMemo(() => {
    room.calm();
    room.need([x(), y()].filter((axis) => axis !== '' && !axis.startsWith('param:')));
    return room.trials().map((trial) => ({
      ...{ id: trial.id, name: trial.trial.name, colour: penOf(trial.number) },
      ...{ x: value(trial, x()), y: value(trial, y()) },
    }));
  });
  const drawn = createMemo(() => scatterOf(points()));
  const missing = () => points().length - drawn().dots.length;
  props.offer({
    note: () => (x() !== '' && missing() > 0 ? `${missing()} without both numbers` : ''),
    table: () => ({ columns: ['trial', x(), y()], rows: points().map((point) => [point.name, point.x, point.y]) }),
    svg: () => svgScatter(scatter.title(props.settings, room), drawn(), vectorLook(root)),
  });
  const percent = (share: number): string => `${(share * 100).toFixed(2)}%`;
  return (
    <div ref={root} class="dots-body">
      <Show
        when={drawn().dots.length > 0}
        fallback={
          <p class="empty">
            {x() === ''
              ? 'Choose what goes across in the settings of this panel.'
              : 'No trial here has both numbers yet.'}
          </p>
        }
      >
        <section class="dots" aria-label={scatter.title(props.settings, room)}>
          <For each={drawn().y.ticks}>
            {(tick) => (
              <span class="dot-y num" style={{ bottom: percent(drawn().y.share(tick)) }}>
                {valueTick(tick, drawn().y.step)}
              </span>
            )}
          </For>
          <For each={drawn().x.ticks}>
            {(tick) => (
              <span class="dot-x num" style={{ left: percent(drawn().x.share(tick)) }}>
                {valueTick(tick, drawn().x.step)}
              </span>
            )}
          </For>
          <For each={drawn().dots}>
            {(dot) => (
              <button
                type="button"
                class={`dot s${dot.colour}`}
                style={{ left: percent(drawn().x.share(dot.x)), bottom: percent(drawn().y.share(dot.y)) }}
                title={`${dot.name}: ${figure(dot.x)}, ${figure(dot.y)}`}
                aria-label={`${dot.name}: ${figure(dot.x)}, ${figure(dot.y)}`}
                onClick={() => go(`/trials/${dot.id}`)}
              />
            )}
          </For>
        </section>
      </Show>
    </div>
  );
}
