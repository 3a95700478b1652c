/** On the sheet: beside a cell how many threads it has, and over an output the button that begins one on it. */
import { createSignal, type JSX, onCleanup, onMount, Show } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { type Notebook, useNotebook } from '../model.ts';
import { outputWords } from './places.ts';

/** How many open threads a cell has; pressing it opens the first that is unread, or the next one each time. */
export function CellMark(props: { cell: string; position: number }): JSX.Element {
  const { comments } = useNotebook();
  const open = () => comments.of(props.cell).filter(({ resolved }) => resolved === null);
  const unread = () => open().filter(comments.isUnread).length;
  const words = (): string => {
    const count = open().length;
    const said = `${count} ${count === 1 ? 'thread' : 'threads'} on cell ${props.position}`;
    return unread() === 0 ? said : `${said}, ${unread()} unread`;
  };
  const act = (): void => {
    const threads = open();
    const at = threads.findIndex(({ id }) => id === comments.looked()?.id);
    const next = threads.find(comments.isUnread) ?? threads[(at + 1) % threads.length];
    if (next) comments.look(next.id);
  };
  return (
    <Show when={open().length > 0}>
      <button
        type="button"
        class="thread-mark"
        classList={{ unread: unread() > 0 }}
        aria-label={words()}
        title={words()}
        onClick={act}
      >
        <Icon name="comment" />
        <b class="num">{open().length}</b>
      </button>
    </Show>
  );
}

/** Begins a thread on a cell. */
export function CommentTool(props: { cell: string; position: number }): JSX.Element {
  const { comments } = useNotebook();
  return (
    <Show when={comments.canComment()}>
      <Button
        kind="quiet"
        icon="comment"
        aria-label={`Comment on cell ${props.position}`}
        title="Comment (Ctrl or ⌘ Alt M)"
        onClick={() => comments.begin({ kind: 'cell', cell: props.cell })}
      />
    </Show>
  );
}

/**
 * One button for all outputs of a cell, at the corner of the one that is pointed at. By keyboard and on a phone the same
 * is in the cell's menu.
 */
export function OutputTool(props: { cell: string; outputs: () => HTMLElement | undefined }): JSX.Element {
  const notebook = useNotebook();
  const { comments } = notebook;
  const [at, setAt] = createSignal<{ index: number; top: number } | null>(null);
  onMount(() => {
    const box = props.outputs();
    const frame = box?.parentElement;
    if (!box || !frame) return;
    const over = (event: PointerEvent): void => {
      if (event.pointerType === 'touch' || !(event.target instanceof Element)) return;
      const index = [...box.children].findIndex((child) => child.contains(event.target as Element));
      const child = box.children[index];
      if (!child) return;
      const top = child.getBoundingClientRect().top - frame.getBoundingClientRect().top;
      setAt({ index, top: Math.max(2, top) });
    };
    const leave = (): void => void setAt(null);
    box.addEventListener('pointerover', over);
    frame.addEventListener('pointerleave', leave);
    onCleanup(() => {
      box.removeEventListener('pointerover', over);
      frame.removeEventListener('pointerleave', leave);
    });
  });
  return (
    <Show when={comments.canComment() ? at() : null}>
      {(here) => (
        <Button
          kind="quiet"
          icon="comment"
          class="comment-output"
          aria-label={`Comment on output ${here().index + 1}`}
          title="Comment on this output"
          style={{ top: `${here().top}px` }}
          onClick={() => beginOnOutput(notebook, props.cell, here().index)}
        />
      )}
    </Show>
  );
}

/** Begins a thread on one output of a cell, quoting what it shows. */
export function beginOnOutput(
  { comments, session }: Pick<Notebook, 'comments' | 'session'>,
  cell: string,
  index: number,
): void {
  const element = document.getElementById(`cell-${cell}`)?.querySelector('[data-outputs]')?.children[index];
  const execution = session()?.cells[cell]?.execution;
  comments.begin({ kind: 'output', cell, index, quote: outputWords(element), ...(execution ? { execution } : {}) });
}
