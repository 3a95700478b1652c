import { For, type JSX } from 'solid-js';
import type { Axis } from './axes.ts';

/** One of all axes, by name. */
export function AxisChoice(props: {
  label: string;
  axes: readonly Axis[];
  value: string | undefined;
  onChange: (id: string) => void;
}): JSX.Element {
  return (
    <label class="an-choose">
      {props.label}{' '}
      <select
        class="cmp-select"
        value={props.value ?? ''}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      >
        <For each={props.axes}>
          {(axis) => (
            <option value={axis.id} selected={axis.id === props.value}>
              {axis.name}
            </option>
          )}
        </For>
      </select>
    </label>
  );
}
