/** What a rename will change, line by line, before it is made: Enter makes it, Escape leaves everything as it is. */
import { createEffect, For, type JSX, on, Show } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { count } from '../../components/figures.ts';
import { Dialog } from '../dialog.tsx';
import { DiffLineView } from '../history/text-difference.tsx';
import { useNotebook } from '../model.ts';
import './rename-dialog.css';
import type { ChangedCell } from './edits.ts';
import type { Preview } from './renaming.ts';

export function RenameDialog(): JSX.Element {
  const { renames } = useNotebook();
  return (
    <Dialog open={renames.preview() !== null} class="ren" label="Rename" onClose={renames.cancel}>
      <Show when={renames.preview()}>{(preview) => <Changes preview={preview()} />}</Show>
    </Dialog>
  );
}

const plural = (number: number, one: string): string => `${count(number)} ${number === 1 ? one : `${one}s`}`;

function Changes(props: { preview: Preview }): JSX.Element {
  const { renames } = useNotebook();
  let agree: HTMLButtonElement | undefined;
  const plan = () => props.preview.plan;
  // The focus is on the button all the time, also while it waits: a disabled one would lose it.
  createEffect(on([], () => queueMicrotask(() => agree?.focus())));
  const agreeing = (): void => {
    void renames.apply();
  };
  return (
    <>
      <h2>
        Rename <code>{props.preview.wish.name}</code> to <code>{props.preview.wish.to}</code>
      </h2>
      <p class="ren-count num" role="status">
        <Show
          when={props.preview.problem === null}
          fallback={<span class="ren-problem">{props.preview.problem} Nothing was renamed.</span>}
        >
          {plural(plan().places, 'place')} in {plural(plan().cells.length, 'cell')}
          <Show when={props.preview.changed}>
            <span class="ren-changed"> · the text changed meanwhile, and this is what is so now</span>
          </Show>
        </Show>
      </p>
      <section
        class="ren-cells"
        classList={{ dim: props.preview.problem !== null }}
        aria-busy={props.preview.asking}
        tabindex="0"
        aria-label="What will change"
      >
        <For each={plan().cells}>{(cell) => <Cell changed={cell} asked={props.preview.wish.cell} />}</For>
      </section>
      <div class="dialog-acts">
        <Button kind="quiet" onClick={renames.cancel}>
          Cancel
        </Button>
        <Button ref={agree} kind="primary" aria-disabled={props.preview.problem !== null} onClick={agreeing}>
          <Show when={props.preview.problem === null} fallback="Ask again">
            Rename
          </Show>
        </Button>
      </div>
    </>
  );
}

function Cell(props: { changed: ChangedCell; asked: string }): JSX.Element {
  const notebook = useNotebook();
  const name = (): string => `Cell ${notebook.cells.ids().indexOf(props.changed.cell) + 1}`;
  return (
    <section aria-label={name()} data-renamed={props.changed.cell}>
      <h3>
        {name()}
        <span class="i3 sm num">
          {props.changed.cell === props.asked ? 'where you are · ' : ''}
          {plural(props.changed.places, 'place')}
        </span>
      </h3>
      <div class="vd-text code">
        <For each={props.changed.lines}>
          {({ line, before, after }) => (
            <>
              <DiffLineView line={{ kind: 'removed', before: line, after: null, parts: before }} />
              <DiffLineView line={{ kind: 'added', before: null, after: line, parts: after }} />
            </>
          )}
        </For>
      </div>
    </section>
  );
}
