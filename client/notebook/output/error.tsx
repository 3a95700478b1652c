/** An error as its reader needs it: what, where in whose cell, and the line itself. A click on a place leads there. */
import type { CellError, StackFrame } from '@trialroom/shared/notebook/outputs';
import { isConsoleCell } from '@trialroom/shared/notebook/session';
import { For, type JSX, Show } from 'solid-js';
import { count } from '../../components/figures.ts';
import { useNotebook } from '../model.ts';
import { size } from './size.ts';

/**
 * Why a cell failed: what, where, and what caused it.
 * @param props.uncaught how often it happened outside of the cell's run; absent: it ended the run
 */
export function ErrorOutput(props: { error: CellError; cell: string; uncaught?: number | undefined }): JSX.Element {
  const notebook = useNotebook();
  // The line itself is marked in the cell right above; it is repeated only when that cannot show it.
  const excerpt = () => {
    const marked =
      props.uncaught === undefined &&
      props.error.frames[0]?.cell === props.cell &&
      notebook.stateOf(props.cell)?.validity === 'failed';
    return marked ? undefined : props.error.excerpt;
  };
  return (
    <div class="err" role="alert">
      <p>
        <b>{props.error.name}</b> <span class="err-message">{props.error.message}</span>
      </p>
      <Show when={props.uncaught}>
        {(times) => (
          <p class="err-uncaught i3 sm">
            Uncaught, in the background of the cell<Show when={times() > 1}>, {count(times())} times</Show>
          </p>
        )}
      </Show>
      <Show when={props.error.spill}>
        {(spill) => (
          <a class="tl spill num" href={spill().url} target="_blank" rel="noopener">
            The whole message ({size(spill().bytes)})
          </a>
        )}
      </Show>
      <Frames frames={props.error.frames} cell={props.cell} />
      <Show when={excerpt()}>{(lines) => <pre class="excerpt code">{lines()}</pre>}</Show>
      <For each={props.error.causes ?? []}>
        {(cause) => (
          <>
            <p class="cause">
              <span class="i3">caused by</span> <b>{cause.name}</b> <span class="err-message">{cause.message}</span>
            </p>
            <Frames frames={cause.frames} cell={props.cell} />
          </>
        )}
      </For>
    </div>
  );
}

function Frames(props: { frames: readonly StackFrame[]; cell: string }): JSX.Element {
  return (
    <Show when={props.frames.length > 0}>
      <ol class="mono">
        <For each={props.frames}>
          {(frame) => (
            <li>
              <Place frame={frame} cell={props.cell} />
              <Show when={frame.name}>
                <span>{frame.name}</span>
              </Show>
            </li>
          )}
        </For>
      </ol>
    </Show>
  );
}

function Place(props: { frame: StackFrame; cell: string }): JSX.Element {
  const notebook = useNotebook();
  const where = (): string => `line ${props.frame.line}, column ${props.frame.column}`;
  const cellName = (id: string): string => {
    if (isConsoleCell(id)) return id === props.cell ? 'this code' : 'a console';
    if (!notebook.cells.get(id)) return 'a deleted cell';
    const count = notebook.stateOf(id)?.count;
    if (count !== null && count !== undefined) return `cell ${count}`;
    return id === props.cell ? 'this cell' : 'another cell';
  };
  return (
    <Show
      when={props.frame.cell}
      fallback={
        <span>
          {props.frame.file ?? 'unknown'}, {where()}
        </span>
      }
    >
      {(id) => (
        <button
          type="button"
          class="place"
          disabled={!notebook.cells.get(id())}
          onClick={() => notebook.select(id(), { line: props.frame.line, column: props.frame.column })}
        >
          {cellName(id())}, {where()}
        </button>
      )}
    </Show>
  );
}
