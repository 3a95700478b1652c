/**
 * What a cell asks people for, below its outputs. Everyone sees that it waits; whoever may run cells can answer, and the
 * first answer counts.
 */
import { END_OF_INPUT } from '@trialroom/shared/kernel/limits';
import type { InputPrompt } from '@trialroom/shared/notebook/widgets';
import { createSignal, createUniqueId, For, type JSX, onMount, Show } from 'solid-js';
import { Icon } from '../../components/icon.tsx';
import { problemOf } from '../../data/api.ts';
import { me } from '../../data/me.ts';
import { useLiveNotebook } from '../live-context.ts';
import { useNotebook } from '../model.ts';
import './widgets.css';

/** What a cell asks for, below it, for whoever answers first. */
export function Prompts(props: { cell: string }): JSX.Element {
  const live = useLiveNotebook();
  // By request: what is typed must outlive the news that another prompt came or went.
  const requests = () => live.promptsOf(props.cell).map(({ request }) => request);
  const find = (request: number) => live.promptsOf(props.cell).find((prompt) => prompt.request === request);
  return (
    <For each={requests()}>
      {(request) => <Show when={find(request)}>{(prompt) => <Prompt prompt={prompt()} cell={props.cell} />}</Show>}
    </For>
  );
}

function Prompt(props: { prompt: InputPrompt; cell: string }): JSX.Element {
  const live = useLiveNotebook();
  const notebook = useNotebook();
  const id = createUniqueId();
  let field: HTMLInputElement | undefined;
  let form: HTMLFormElement | undefined;
  const [sending, setSending] = createSignal(false);
  const [problem, setProblem] = createSignal<unknown>(null);
  const able = () => live.canAnswer();

  // Who ran the cell is asked first of all; a hand that writes elsewhere is left alone.
  onMount(() => {
    const mine = notebook.stateOf(props.cell)?.by?.id === me()?.id;
    const active = document.activeElement;
    // Of several questions the first has the cursor, and whoever answers one is not taken to the next.
    if (active?.closest('[data-prompt]')) return;
    const here = active === document.body || active?.closest('[data-cell]')?.getAttribute('data-cell') === props.cell;
    if (mine && here && able()) field?.focus({ preventScroll: true });
  });
  /** The question goes away, and what had the cursor with it: the next one is given it, or else the cell. */
  const goOn = (): void => {
    const active = document.activeElement;
    if (active && active !== document.body && !form?.contains(active)) return;
    const next = [...document.querySelectorAll<HTMLInputElement>(`[data-cell="${props.cell}"] [data-prompt] input`)];
    const other = next.find((input) => input !== field);
    if (other) other.focus();
    else notebook.select(props.cell, 'cell');
  };
  const answer = async (value = field?.value): Promise<void> => {
    if (value === undefined || sending()) return;
    setSending(true);
    try {
      await live.answerInput(props.prompt.request, value);
      setProblem(null);
      goOn();
    } catch (error) {
      setProblem(() => error);
    } finally {
      setSending(false);
    }
  };
  return (
    <form
      ref={form}
      class="ask"
      data-prompt={props.prompt.request}
      onSubmit={(event) => {
        event.preventDefault();
        void answer();
      }}
    >
      <Show when={props.prompt.prompt !== ''}>
        <label class="ask-l" for={id}>
          {props.prompt.prompt}
        </label>
      </Show>
      <span class="ask-row">
        <input
          ref={field}
          id={id}
          class="wg-field"
          type={props.prompt.password ? 'password' : 'text'}
          autocomplete="off"
          aria-label={props.prompt.prompt === '' ? 'The cell waits for text' : undefined}
          disabled={!able()}
          readOnly={sending()}
          onKeyDown={(event) => {
            if (!props.prompt.stdin || event.key !== 'd' || !event.ctrlKey || field?.value) return;
            event.preventDefault();
            void answer(END_OF_INPUT);
          }}
        />
        <button type="submit" class="btn" disabled={!able() || sending()}>
          Answer
        </button>
        <Show when={props.prompt.stdin}>
          <button
            type="button"
            class="btn"
            title="Nothing more is to be read (Ctrl D)"
            disabled={!able() || sending()}
            onClick={() => void answer(END_OF_INPUT)}
          >
            End of input
          </button>
        </Show>
      </span>
      <span class="wg-by">
        <Show
          when={problem()}
          fallback={
            <>
              <Icon name="clock" />
              {able() ? 'the cell waits for an answer; Enter sends it' : 'the cell waits for someone who may run it'}
            </>
          }
        >
          {(thrown) => <span class="wg-bad">{problemOf(thrown()).message}</span>}
        </Show>
      </span>
    </form>
  );
}
