/** What all kinds of widgets have in common. */
import type { WidgetState } from '@trialroom/shared/notebook/widgets';
import { type JSX, Show } from 'solid-js';
import { problemOf } from '../../data/api.ts';

/** What every kind of widget is given. */
export interface WidgetProps<Kind extends WidgetState['spec']['kind']> {
  state: WidgetState;
  spec: Extract<WidgetState['spec'], { kind: Kind }>;
  /** Whether this person can change it now. */
  able: boolean;
}

/** Who changed it last, or what is wrong; one line that keeps its place. */
export function Remark(props: { state: WidgetState; problem?: unknown }): JSX.Element {
  return (
    <span class="wg-by" aria-live="polite">
      <Show
        when={props.problem}
        fallback={
          <Show when={props.state.live} fallback="no longer listened to">
            {props.state.by ? `set by ${props.state.by.name}` : ''}
          </Show>
        }
      >
        {(problem) => <span class="wg-bad">{problemOf(problem()).message}</span>}
      </Show>
    </span>
  );
}
