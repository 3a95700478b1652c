import { directionOf } from '@trialroom/shared/trial/metric-names';
import { createMemo, For, type JSX, Show } from 'solid-js';
import { figure } from '../../components/figures.ts';
import { useRoom } from '../context.ts';
import { leadingKey, nameOf } from '../curves/metrics.ts';
import { penOf } from '../curves/trials.ts';
import { bestOf } from '../trial/best.ts';
import { type BodyProps, type PanelKind, textIn } from './kind.ts';
import './bars-dots.css';

export const bar: PanelKind = {
  kind: 'bar',
  name: 'Bars',
  says: 'The last or the best value of a metric, trial by trial.',
  icon: 'table',
  size: { width: 6, height: 6 },
  fields: [
    { name: 'key', type: 'key', label: 'Metric' },
    {
      name: 'what',
      type: 'choice',
      label: 'Value',
      options: [
        { value: 'best', text: 'Best' },
        { value: 'last', text: 'Last' },
      ],
    },
  ],
  title: (settings, room) => {
    const key = textIn(settings, 'key') || leadingKey(room.keys(), room.objective());
    return key === undefined
      ? 'Bars'
      : `${textIn(settings, 'what') === 'last' ? 'Last' : 'Best'} ${nameOf(key, room.keys()).toLowerCase()}`;
  },
  Body: BarBody,
};

function BarBody(props: BodyProps): JSX.Element {
  const room = useRoom();
  const key = (): string => textIn(props.settings, 'key') || leadingKey(room.keys(), room.objective()) || '';
  const direction = () => directionOf(key(), room.objective());
  const rows = createMemo(() => {
    room.calm();
    room.need([key()]);
    const way = direction() ?? 'maximise';
    const found = room.trials().flatMap((trial) => {
      const curve = trial.curves.byKey.get(key());
      if (!curve || curve.values.length === 0) return [];
      const best = textIn(props.settings, 'what') === 'last' ? null : bestOf(curve, way);
      const value =
        textIn(props.settings, 'what') === 'last' ? (curve.values.at(-1) ?? Number.NaN) : (best?.value ?? Number.NaN);
      return [
        {
          id: trial.id,
          name: trial.trial.name,
          pen: penOf(trial.number),
          value,
          step: best?.step ?? curve.steps.at(-1) ?? 0,
        },
      ];
    });
    const rank = (value: number): number =>
      Number.isFinite(value) ? (way === 'minimise' ? value : -value) : Number.POSITIVE_INFINITY;
    return found.sort((a, b) => rank(a.value) - rank(b.value) || a.name.localeCompare(b.name));
  });
  const extent = () => {
    const finite = rows().flatMap(({ value }) => (Number.isFinite(value) ? [value] : []));
    return { from: Math.min(0, ...finite), to: Math.max(0, ...finite) };
  };
  const share = (value: number): number => {
    const { from, to } = extent();
    return to > from && Number.isFinite(value) ? Math.abs(value) / (to - from) : 0;
  };
  const begin = (value: number): number => {
    const { from, to } = extent();
    return to > from ? (Math.min(0, value) - from) / (to - from) : 0;
  };
  props.offer({
    note: () => (direction() === 'minimise' ? 'lower is better' : direction() === 'maximise' ? 'higher is better' : ''),
    table: () => ({
      columns: ['trial', key(), 'step'],
      rows: rows().map(({ name, value, step }) => [name, value, step]),
    }),
  });
  return (
    <Show when={rows().length > 0} fallback={<p class="empty">No trial here has logged {key() || 'anything'} yet.</p>}>
      <ol class="bars">
        <For each={rows()}>
          {(row) => (
            <li>
              <span class="bar-name" title={row.name}>
                {row.name}
              </span>
              <span class="bar-at">
                <i
                  class={`s${row.pen}`}
                  style={{ left: `${begin(row.value) * 100}%`, width: `${share(row.value) * 100}%` }}
                />
              </span>
              <b class="num" classList={{ odd: !Number.isFinite(row.value) }}>
                {figure(row.value)}
              </b>
            </li>
          )}
        </For>
      </ol>
    </Show>
  );
}
