/** Yes or no. */
import type { JSX } from 'solid-js';
import { useLiveNotebook } from '../live-context.ts';
import { createHeld } from './held.ts';
import { Remark, type WidgetProps } from './kind.tsx';

/** A yes or no that code listens to. */
export function Checkbox(props: WidgetProps<'checkbox'>): JSX.Element {
  const live = useLiveNotebook();
  const held = createHeld<boolean>(
    () => props.state.value === true,
    (value) => live.setWidget(props.state.id, value),
  );
  return (
    <>
      <label class="wg-check">
        <input
          type="checkbox"
          checked={held.shown()}
          disabled={!props.able}
          onChange={(event) => held.move(event.currentTarget.checked)}
        />
        {props.spec.label}
      </label>
      <Remark state={props.state} problem={held.problem()} />
    </>
  );
}
