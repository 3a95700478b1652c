/** The variables of the kernel: what each is and holds, also while a cell runs. */
import { EditorView } from '@codemirror/view';
import type { Variable } from '@trialroom/shared/kernel/protocol';
import { createMemo, createSignal, Index, type JSX, onCleanup, onMount, Show } from 'solid-js';
import { bytes } from '../../components/figures.ts';
import { useNotebook } from '../model.ts';
import { rowsShown } from './rows.ts';
import { watchVariables } from './watch-variables.ts';

/** Height of a row in rem; `panels.css` says the same. */
const ROW = 2.75;
/** From this many on, a field to find one. */
const MANY = 12;

/** What the running kernel holds. */
export function Variables(): JSX.Element {
  const notebook = useNotebook();
  const { list, failed } = watchVariables(notebook);
  const [typed, setTyped] = createSignal('');
  const [copied, setCopied] = createSignal<string | null>(null);
  const all = () => list() ?? [];
  const found = createMemo(() => {
    const wanted = typed().trim().toLowerCase();
    return wanted === '' ? all() : all().filter(({ name }) => name.toLowerCase().includes(wanted));
  });
  const take = (name: string): void => {
    const view = viewWithFocus();
    if (view && !view.state.readOnly) {
      view.dispatch(view.state.replaceSelection(name), { userEvent: 'input', scrollIntoView: true });
      return;
    }
    navigator.clipboard.writeText(name).then(
      () => setCopied(name),
      () => setCopied(null),
    );
  };
  const nothing = (): string => {
    const kernel = notebook.session()?.kernel ?? 'none';
    if (kernel === 'none' || kernel === 'dead') return 'Run a cell: what it defines is listed here, with its value.';
    return 'Nothing is defined at the top level yet.';
  };
  return (
    <div class="variables" aria-busy={list() === null}>
      <Show when={list() !== null} fallback={<Skeleton />}>
        <Show when={all().length >= MANY}>
          <label class="find-var">
            <span class="vh">Find a variable</span>
            <input
              placeholder={`Find among ${all().length}`}
              spellcheck={false}
              value={typed()}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </label>
        </Show>
        <Show when={failed()}>
          <p class="sm stale-note">These are as of a moment ago; the kernel has not answered since.</p>
        </Show>
        <Show
          when={found().length > 0}
          fallback={<p class="i3 sm side-empty">{all().length > 0 ? 'Nothing is called that.' : nothing()}</p>}
        >
          <List rows={found()} copied={copied()} onTake={take} />
        </Show>
      </Show>
    </div>
  );
}

/** The editor that has the focus, if one has. */
function viewWithFocus(): EditorView | null {
  const focused = document.activeElement;
  return focused instanceof HTMLElement && focused.closest('.cell') ? EditorView.findFromDOM(focused) : null;
}

function List(props: {
  rows: readonly Variable[];
  copied: string | null;
  onTake: (name: string) => void;
}): JSX.Element {
  let box: HTMLDivElement | undefined;
  const [top, setTop] = createSignal(0);
  const [height, setHeight] = createSignal(600);
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  onMount(() => {
    const resized = new ResizeObserver(() => box && setHeight(box.clientHeight));
    if (box) resized.observe(box);
    onCleanup(() => resized.disconnect());
  });
  const shown = createMemo(() => rowsShown(props.rows.length, ROW * rem, top(), height()));
  return (
    <div class="vars-box" ref={box} onScroll={(event) => setTop(event.currentTarget.scrollTop)}>
      <ul
        class="vars"
        aria-label="Variables"
        style={{
          'padding-top': `${shown().from * ROW}rem`,
          'padding-bottom': `${(props.rows.length - shown().to) * ROW}rem`,
        }}
      >
        <Index each={props.rows.slice(shown().from, shown().to)}>
          {(variable) => <Row variable={variable()} copied={props.copied === variable().name} onTake={props.onTake} />}
        </Index>
      </ul>
    </div>
  );
}

function Row(props: { variable: Variable; copied: boolean; onTake: (name: string) => void }): JSX.Element {
  const size = (): string =>
    [props.variable.shape, props.variable.bytes === undefined ? undefined : bytes(props.variable.bytes)]
      .filter((part) => part !== undefined && part !== '')
      .join(' · ');
  return (
    <li data-variable={props.variable.name}>
      <button
        type="button"
        title={`${props.variable.name}: ${props.variable.type}\n${props.variable.preview}\n\nPuts the name where the cursor is, or copies it`}
        // The cursor stays in the text that the name goes to.
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => props.onTake(props.variable.name)}
      >
        <b>{props.variable.name}</b>
        <span class="var-size num">{props.copied ? 'Copied' : size()}</span>
        <span class="var-type">{props.variable.type}</span>
        <span class="var-value">{props.variable.preview}</span>
      </button>
    </li>
  );
}

function Skeleton(): JSX.Element {
  return (
    <div class="nb-skeleton" aria-hidden="true">
      <Index each={[62, 40, 78, 55]}>{(width) => <i style={{ width: `${width()}%` }} />}</Index>
    </div>
  );
}
