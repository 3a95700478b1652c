/** What the brushes of parallel coordinates say, as a table of fields: the same filter for keyboards and screen readers. */
import { createUniqueId, For, type JSX, Show } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { figure } from '../../components/figures.ts';
import type { Axis, AxisId, Brush, Brushes } from './axes.ts';

/** Steps of a range's two handles, of the whole axis. */
const STEP = 0.01;

export function Ranges(props: {
  axes: readonly Axis[];
  brushes: Brushes;
  onBrush: (id: AxisId, brush: Brush | null) => void;
  onMove: (id: AxisId, by: -1 | 1) => void;
  onRemove: (id: AxisId) => void;
}): JSX.Element {
  const said = (axis: Axis, place: number): string => {
    if (axis.at) return figure(axis.at(place), 4);
    const nth = Math.round(place * (axis.categories.length - 1));
    return String(axis.categories[nth] ?? '');
  };
  return (
    <div class="cmp-scroll">
      <table class="tbl pc-ranges">
        <thead>
          <tr>
            <th scope="col">axis</th>
            <th scope="col">from</th>
            <th scope="col">to</th>
            <th scope="col">
              <span class="vh">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={props.axes}>
            {(axis, at) => {
              const brush = (): Brush => props.brushes.get(axis.id) ?? { from: 0, to: 1 };
              const step = () => (axis.categories.length > 1 ? 1 / (axis.categories.length - 1) : STEP);
              const set = (change: Partial<Brush>) => {
                const next = { ...brush(), ...change };
                if (next.from > next.to) return;
                props.onBrush(axis.id, next.from <= 0 && next.to >= 1 ? null : next);
              };
              const id = createUniqueId();
              return (
                <tr classList={{ chosen: props.brushes.has(axis.id) }}>
                  <th scope="row" id={id}>
                    {axis.name}
                  </th>
                  <For each={['from', 'to'] as const}>
                    {(end) => (
                      <td>
                        <label class="pc-range">
                          <span class="num">{said(axis, brush()[end])}</span>
                          <input
                            type="range"
                            min="0"
                            max="1"
                            step={step()}
                            value={brush()[end]}
                            aria-label={`${axis.name} ${end}`}
                            aria-valuetext={said(axis, brush()[end])}
                            onInput={(event) => {
                              set({ [end]: event.currentTarget.valueAsNumber });
                              event.currentTarget.value = String(brush()[end]);
                            }}
                          />
                        </label>
                      </td>
                    )}
                  </For>
                  <td class="n">
                    <Button
                      kind="quiet"
                      aria-label={`Move ${axis.name} left`}
                      disabled={at() === 0}
                      onClick={() => props.onMove(axis.id, -1)}
                    >
                      ←
                    </Button>
                    <Button
                      kind="quiet"
                      aria-label={`Move ${axis.name} right`}
                      disabled={at() === props.axes.length - 1}
                      onClick={() => props.onMove(axis.id, 1)}
                    >
                      →
                    </Button>
                    <Show when={props.axes.length > 2}>
                      <Button
                        kind="quiet"
                        icon="x"
                        aria-label={`Leave ${axis.name} out`}
                        onClick={() => props.onRemove(axis.id)}
                      />
                    </Show>
                  </td>
                </tr>
              );
            }}
          </For>
        </tbody>
      </table>
    </div>
  );
}
