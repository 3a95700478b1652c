/** One of several options, or some of them. */
import { createUniqueId, For, type JSX, Show } from 'solid-js';
import { Icon } from '../../components/icon.tsx';
import { useLiveNotebook } from '../live-context.ts';
import { createHeld } from './held.ts';
import { Remark, type WidgetProps } from './kind.tsx';

/** A choice among options, of one or of several. */
export function Select(props: WidgetProps<'select'>): JSX.Element {
  return (
    <Show when={props.spec.multiple} fallback={<One {...props} />}>
      <Some {...props} />
    </Show>
  );
}

function One(props: WidgetProps<'select'>): JSX.Element {
  const live = useLiveNotebook();
  const id = createUniqueId();
  const held = createHeld<string>(
    () => String(props.state.value),
    (value) => live.setWidget(props.state.id, value),
  );
  return (
    <>
      <label class="wg-l" for={id}>
        {props.spec.label}
      </label>
      <span class="wg-pick">
        <select id={id} disabled={!props.able} onChange={(event) => held.move(event.currentTarget.value)}>
          <For each={props.spec.options}>
            {(option) => (
              <option value={option} selected={option === held.shown()}>
                {option}
              </option>
            )}
          </For>
        </select>
        <Icon name="down" />
      </span>
      <Remark state={props.state} problem={held.problem()} />
    </>
  );
}

function Some(props: WidgetProps<'select'>): JSX.Element {
  const live = useLiveNotebook();
  const id = createUniqueId();
  const held = createHeld<readonly string[]>(
    () => (Array.isArray(props.state.value) ? props.state.value.map(String) : []),
    (value) => live.setWidget(props.state.id, value),
  );
  const toggle = (option: string, on: boolean): void => {
    const now = new Set(held.shown());
    if (on) now.add(option);
    else now.delete(option);
    held.move(props.spec.options.filter((each) => now.has(each)));
  };
  return (
    <>
      <span class="wg-l" id={id}>
        {props.spec.label}
      </span>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as this row is */}
      <div class="wg-some" role="group" aria-labelledby={id}>
        <For each={props.spec.options}>
          {(option) => (
            <label class="wg-check">
              <input
                type="checkbox"
                checked={held.shown().includes(option)}
                disabled={!props.able}
                onChange={(event) => toggle(option, event.currentTarget.checked)}
              />
              {option}
            </label>
          )}
        </For>
      </div>
      <Remark state={props.state} problem={held.problem()} />
    </>
  );
}
