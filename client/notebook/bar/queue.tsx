/** Whose run is where: what runs, what waits and in which order, and the ways to change that. Seen while something waits. */
import type { Execution } from '@trialroom/shared/notebook/session';
import { createMemo, createSignal, For, type JSX, Show } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { Initials } from '../../components/people.tsx';
import { placeBeside } from '../../components/pop-menu.tsx';
import { useNotebook } from '../model.ts';
import './queue.css';

/** The first line of a cell's text, which people know it by. */
const LONGEST = 60;

/** What runs and what waits, for whoever wants another order or less of it. */
export function Queue(): JSX.Element {
  const notebook = useNotebook();
  let menu: HTMLDivElement | undefined;
  let button: HTMLSpanElement | undefined;
  const [open, setOpen] = createSignal(false);
  const waiting = (): readonly Execution[] => notebook.session()?.queue ?? [];
  const running = () => notebook.session()?.running ?? null;
  /** The server names the first of a long queue only; the cells know how many wait in all. */
  const count = createMemo((): number => {
    if (waiting().length === 0) return 0;
    const { stateOf } = notebook.all();
    const queued = notebook.cells.ids().filter((cell) => stateOf(cell)?.status === 'queued').length;
    return Math.max(waiting().length, queued);
  });
  const nameOf = ({ cell }: Execution): string => {
    const text = notebook.cells.get(cell)?.text.toString().trim().split('\n', 1)[0] ?? 'console';
    return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
  };
  const row = (execution: Execution, index: number): JSX.Element => (
    <>
      <Initials person={execution.by} />
      <button
        type="button"
        class="tl"
        onClick={() => {
          menu?.hidePopover();
          if (notebook.cells.get(execution.cell)) notebook.select(execution.cell, 'cell');
        }}
      >
        <code>{nameOf(execution)}</code>
      </button>
      <Show when={index >= 0 && notebook.canRun()}>
        <span class="queue-acts">
          <Button
            kind="quiet"
            icon="higher"
            aria-label={`Run ${nameOf(execution)} earlier`}
            title="Earlier"
            disabled={index === 0}
            onClick={() => void notebook.reorder(execution.id, waiting()[index - 1]?.id ?? null)}
          />
          <Button
            kind="quiet"
            icon="lower"
            aria-label={`Run ${nameOf(execution)} later`}
            title="Later"
            disabled={index === waiting().length - 1}
            onClick={() => void notebook.reorder(execution.id, waiting()[index + 2]?.id ?? null)}
          />
          <Button
            kind="quiet"
            icon="x"
            aria-label={`Do not run ${nameOf(execution)}`}
            title="Take it out of the queue"
            onClick={() => void notebook.withdraw([execution.id])}
          />
        </span>
      </Show>
    </>
  );
  return (
    <>
      <Show when={count() > 0 || open()}>
        <span ref={button} class="menu-at">
          <Button
            kind="quiet"
            icon="stack"
            aria-haspopup="dialog"
            aria-expanded={open()}
            popoverTarget="run-queue"
            title="What runs and what waits"
          >
            <span class="num">{count()} waiting</span>
          </Button>
        </span>
      </Show>
      <div
        ref={menu}
        id="run-queue"
        class="menu queue"
        popover="auto"
        role="dialog"
        aria-label="Run queue"
        onToggle={(event) => {
          setOpen(event.newState === 'open');
          if (event.newState === 'open') placeBeside(menu, button);
        }}
      >
        <Show when={open()}>
          <Show when={running()} fallback={<p class="i3 sm">Nothing runs.</p>}>
            {(now) => (
              <div class="queue-row now">
                <span class="sm i3">runs</span>
                {row(now(), -1)}
              </div>
            )}
          </Show>
          <ol>
            <For each={waiting()}>
              {(execution, index) => (
                <li class="queue-row">
                  <span class="sm i3 num">{index() + 1}</span>
                  {row(execution, index())}
                </li>
              )}
            </For>
          </ol>
          <Show when={count() > waiting().length}>
            <p class="i3 sm">and {count() - waiting().length} more</p>
          </Show>
          <Show when={waiting().length > 1 && notebook.canRun()}>
            <div class="dialog-acts">
              <Button onClick={() => void notebook.withdraw(waiting().map(({ id }) => id))}>
                {count() > waiting().length ? `Drop these ${waiting().length}` : 'Drop all that waits'}
              </Button>
            </div>
          </Show>
        </Show>
      </div>
    </>
  );
}
