/** How much a version changed, as a rule with a graduation a cell: up for added, down for removed, across for changed. */
import type { VersionChanges } from '@trialroom/shared/history/history';
import { For, type JSX, Show } from 'solid-js';

const NAMES = ['added', 'removed', 'changed', 'moved'] as const;
/** Graduations that fit; beyond, they share the rule in proportion. */
const MOST = 24;

const PATH = { added: 'M0 6V0', removed: 'M0 6V12', changed: 'M0 1V11', moved: 'M0 4V8' } as const;

/** A line that says how much has changed. */
export function ChangeRule(props: { changes: VersionChanges }): JSX.Element {
  const total = () => NAMES.reduce((sum, name) => sum + props.changes[name], 0);
  const marks = () => {
    const scale = Math.min(1, MOST / Math.max(1, total()));
    return NAMES.flatMap((name) => {
      const count = props.changes[name];
      return Array.from({ length: count === 0 ? 0 : Math.max(1, Math.round(count * scale)) }, () => name);
    });
  };
  const said = () =>
    NAMES.flatMap((name) => (props.changes[name] > 0 ? [`${props.changes[name]} ${name}`] : [])).join(', ');
  return (
    <Show when={total() > 0}>
      <svg class="change-rule" viewBox="0 0 104 12" role="img" aria-label={`Cells: ${said()}`}>
        <title>{`Cells: ${said()}`}</title>
        <path class="base" d="M0 6H104" />
        <For each={marks()}>
          {(name, index) => <path class={`c-${name}`} d={PATH[name]} transform={`translate(${4 + index() * 4} 0)`} />}
        </For>
      </svg>
    </Show>
  );
}
