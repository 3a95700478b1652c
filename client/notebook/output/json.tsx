/** JSON as a tree that opens where people look; long lists are shown a piece at a time. */
import { createMemo, createSignal, For, type JSX, Match, Show, Switch } from 'solid-js';
import { unwrap } from 'solid-js/store';
import { count } from '../../components/figures.ts';

/** Entries of one object or list shown at first, and added by each "more". */
const PIECE = 100;

/** A value as a tree that is opened where one looks. */
export function JsonOutput(props: { value: unknown }): JSX.Element {
  return (
    <div class="json code">
      {/* Past the store: it comes whole, and would be tracked entry by entry. */}
      <Node value={unwrap(props.value)} open />
    </div>
  );
}

function Node(props: { name?: string | undefined; value: unknown; open?: boolean }): JSX.Element {
  const [open, setOpen] = createSignal(props.open ?? false);
  const [shown, setShown] = createSignal(PIECE);
  const entries = createMemo((): [string, unknown][] =>
    typeof props.value === 'object' && props.value !== null ? Object.entries(props.value) : [],
  );
  const isList = (): boolean => Array.isArray(props.value);
  const label = () => (
    <Show when={props.name !== undefined}>
      <span class="json-k">{props.name}</span>
      <span class="k-p">: </span>
    </Show>
  );
  return (
    <Show
      when={typeof props.value === 'object' && props.value !== null}
      fallback={
        <div class="json-leaf">
          {label()}
          <Leaf value={props.value} />
        </div>
      }
    >
      <details open={open()} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          {label()}
          <span class="i3">
            {isList() ? `[${count(entries().length)}]` : `{${open() ? '' : entriesPreview(entries())}}`}
          </span>
        </summary>
        <Show when={open()}>
          <div class="json-in">
            <For each={entries().slice(0, shown())}>{([name, value]) => <Node name={name} value={value} />}</For>
            <Show when={entries().length > shown()}>
              <button type="button" class="btn q sm" onClick={() => setShown((n) => n + PIECE)}>
                {count(entries().length - shown())} more
              </button>
            </Show>
          </div>
        </Show>
      </details>
    </Show>
  );
}

function Leaf(props: { value: unknown }): JSX.Element {
  return (
    <Switch fallback={<span class="k-k">{String(props.value)}</span>}>
      <Match when={typeof props.value === 'string'}>
        <span class="k-s">{JSON.stringify(props.value)}</span>
      </Match>
      <Match when={typeof props.value === 'number'}>
        <span class="k-n">{String(props.value)}</span>
      </Match>
    </Switch>
  );
}

function entriesPreview(entries: readonly [string, unknown][]): string {
  const names = entries.slice(0, 5).map(([name]) => name);
  return names.join(', ') + (entries.length > names.length ? ', …' : '');
}
