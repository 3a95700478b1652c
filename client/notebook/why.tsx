/** Above the text of a stale cell: why its outputs may no longer be true, and what to do about it. */
import { createMemo, For, type JSX, Match, Show, Switch } from 'solid-js';
import { Icon } from '../components/icon.tsx';
import { useNotebook } from './model.ts';
import { type Cause, whyStale } from './stale.ts';

/** Most causes that are spelled out. */
const SPELLED = 3;

export function Why(props: { cell: string }): JSX.Element {
  const notebook = useNotebook();
  const why = createMemo(() => {
    const state = notebook.stateOf(props.cell);
    return state ? whyStale(state, notebook.stateOf) : null;
  });
  const causes = (): readonly Cause[] => {
    const reason = why();
    return reason?.kind === 'outdated' ? reason.by : [];
  };
  return (
    <div class="why">
      <Icon name="diff" />
      <span>
        <Switch fallback="The code changed after this ran.">
          <Match when={why()?.kind === 'restarted'}>The kernel was restarted after this ran.</Match>
          <Match when={causes().length > 0}>
            <For each={causes().slice(0, SPELLED)}>
              {(cause, index) => (
                <>
                  {index() > 0 ? '; ' : ''}
                  <CauseText cause={cause} />
                </>
              )}
            </For>
            <Show when={causes().length > SPELLED}>, and {causes().length - SPELLED} more</Show>.
          </Match>
        </Switch>
      </span>
      <Show when={notebook.canRun()}>
        <button type="button" class="tl" onClick={() => void notebook.runFrom(props.cell)}>
          Run this and below
        </button>
      </Show>
    </div>
  );
}

/** `x` and `y` changed in cell [4]. */
function CauseText(props: { cause: Cause }): JSX.Element {
  const notebook = useNotebook();
  const here = () => notebook.cells.get(props.cause.cell) !== undefined;
  const place = (): string => (props.cause.count === null ? 'another cell' : `cell [${props.cause.count}]`);
  return (
    <>
      <Show when={props.cause.names.length > 0} fallback="Something it reads">
        <For each={props.cause.names.slice(0, 2)}>
          {(name, index) => (
            <>
              {index() > 0 ? ', ' : ''}
              <code>{name}</code>
            </>
          )}
        </For>
        <Show when={props.cause.names.length > 2}> and {props.cause.names.length - 2} more</Show>
      </Show>{' '}
      changed in{' '}
      <Show when={here()} fallback={place()}>
        <a
          href={`#cell-${props.cause.cell}`}
          onClick={(event) => {
            event.preventDefault();
            notebook.select(props.cause.cell, 'cell');
          }}
        >
          {place()}
        </a>
      </Show>
    </>
  );
}
