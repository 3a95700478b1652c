/** Above the text of a stale cell: why its outputs may no longer be true, and what to do about it. */
import { createMemo, For, type JSX, Match, Show, Switch } from 'solid-js';
import { Icon } from '../../components/icon.tsx';
import { useNotebook } from '../model.ts';
import { type Cause, circleWith, whyDownstream, whyStale } from '../running/stale.ts';

/** Most causes that are spelled out. */
const SPELLED = 3;

/** Says above a stale cell what made it stale. */
export function Why(props: { cell: string }): JSX.Element {
  const notebook = useNotebook();
  const why = createMemo(() => {
    const state = notebook.stateOf(props.cell);
    if (!state) return null;
    const from = state.validity === 'stale' ? undefined : notebook.downstream().get(props.cell);
    return from === undefined ? whyStale(state, notebook.stateOf) : whyDownstream(state, from, notebook.stateOf(from));
  });
  const downstream = () => {
    const reason = why();
    return reason?.kind === 'downstream' ? reason : undefined;
  };
  const causes = (): readonly Cause[] => {
    const reason = why();
    return reason?.kind === 'outdated' ? reason.by : [];
  };
  const circle = createMemo(() => circleWith(notebook.all().states, props.cell, causes()));
  return (
    <div class="why">
      <Icon name="diff" />
      <span>
        <Switch fallback="The code changed after this ran.">
          <Match when={why()?.kind === 'restarted'}>The kernel that this ran in has ended.</Match>
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
            <Show when={circle()}> The two read from each other: after one has run, the other is stale.</Show>
          </Match>
          <Match when={downstream()}>
            {(reason) => (
              <>
                <Names names={reason().of.names} />{' '}
                <Show when={reason().of.names.length > 1} fallback="comes">
                  come
                </Show>{' '}
                from <PlaceOf cause={reason().of} />, which {reason().which}.
              </>
            )}
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
  return (
    <>
      <Names names={props.cause.names} /> changed in <PlaceOf cause={props.cause} />
    </>
  );
}

function Names(props: { names: readonly string[] }): JSX.Element {
  return (
    <Show when={props.names.length > 0} fallback="Something it reads">
      <For each={props.names.slice(0, 2)}>
        {(name, index) => (
          <>
            {index() > 0 ? ', ' : ''}
            <code>{name}</code>
          </>
        )}
      </For>
      <Show when={props.names.length > 2}> and {props.names.length - 2} more</Show>
    </Show>
  );
}

function PlaceOf(props: { cause: Cause }): JSX.Element {
  const notebook = useNotebook();
  const here = () => notebook.cells.get(props.cause.cell) !== undefined;
  const place = (): string => (props.cause.count === null ? 'another cell' : `cell [${props.cause.count}]`);
  return (
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
  );
}
