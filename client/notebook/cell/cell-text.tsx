/** The text of a cell: an editor while it is near the screen, the same text at the same height while it is not. */

import type { Diagnostic } from '@trialroom/shared/language/language';
import { createEffect, createMemo, createSignal, type JSX, on, onCleanup, Show, untrack } from 'solid-js';
import { pin } from '../comments/anchors.ts';
import { drawThreads } from '../comments/draw.ts';
import type { Cell } from '../document/cells.ts';
import { type CellEditor, createEditor, type Fault } from '../editor/editor.ts';
import { showMatches } from '../editor/matches.ts';
import { vimKeys } from '../editor/vim.ts';
import { followAuthors } from '../history/line-authors.ts';
import { useNotebook } from '../model.ts';
import { attachImages } from './attach-images.ts';

/** The text of a cell as a signal, for whoever draws it themselves. */
export function createText(cell: () => Cell): () => string {
  const [text, setText] = createSignal('');
  createEffect(() => {
    const { text: shared } = cell();
    const read = (): void => void setText(shared.toString());
    read();
    shared.observe(read);
    onCleanup(() => shared.unobserve(read));
  });
  return text;
}

/**
 * The text of a cell to read and write. `fault`: the place where its latest run failed; `remarks`: what the type
 * checker says.
 */
export function CellText(props: {
  cell: Cell;
  label: string;
  fault: Fault;
  remarks?: readonly Diagnostic[];
}): JSX.Element {
  const notebook = useNotebook();
  let host: HTMLDivElement | undefined;
  const wished = () => {
    const wish = notebook.wish();
    return wish?.cell === props.cell.id && wish.place !== 'cell' ? wish : null;
  };
  const [kept, setKept] = createSignal(false);
  // An editor with the focus, or about to get it, stays wherever it is scrolled to.
  const mounted = createMemo(() => notebook.mounting.isLive(props.cell.id) || kept() || wished() !== null);

  createEffect(
    on(
      () => [mounted(), props.cell.text] as const,
      ([isMounted, text]) => {
        if (!isMounted || !host) return;
        const editor: CellEditor = createEditor({
          parent: host,
          cell: props.cell.id,
          text,
          type: untrack(props.cell.type),
          awareness: notebook.shared.awareness,
          undo: notebook.cells.undo,
          editable: untrack(notebook.canEdit),
          help: notebook.helpFor(props.cell.id),
          label: untrack(() => props.label),
          threads: {
            onThread: (thread) => notebook.comments.look(thread),
            onComment: (selected) =>
              notebook.comments.begin({ kind: 'text', cell: props.cell.id, ...pin(text, selected) }),
            canComment: notebook.comments.canComment,
          },
          onImages: (files) => attachImages(notebook, props.cell.id, files),
          onFocus: () => {
            setKept(true);
            notebook.setMode('edit');
            notebook.select(props.cell.id, null);
          },
          onLeave: (by) => {
            const next = notebook.neighbour(by);
            if (next === undefined) return false;
            const type = notebook.cells.get(next)?.type();
            notebook.select(next, type === 'markdown' ? 'cell' : by < 0 ? 'end' : 'start');
            return true;
          },
        });
        notebook.editors.set(props.cell.id, editor);
        const blurred = (): void => void setKept(false);
        editor.view.contentDOM.addEventListener('blur', blurred);
        createEffect(on(props.cell.type, (type) => editor.setType(type), { defer: true }));
        createEffect(on(notebook.canEdit, (can) => editor.setEditable(can), { defer: true }));
        createEffect(
          on(
            () => props.label,
            (label) => editor.setLabel(label),
            { defer: true },
          ),
        );
        let alive = true;
        createEffect(
          on(notebook.vim, (on) => {
            if (!on) editor.setKeys([]);
            else {
              void notebook.attempt(async () => {
                const extension = await vimKeys();
                if (alive && notebook.vim()) editor.setKeys(extension);
              });
            }
          }),
        );
        followAuthors(notebook, props.cell.id, text, editor);
        drawThreads(notebook.comments, props.cell.id, text, editor.view);
        createEffect(on(() => props.fault, editor.setFault));
        createEffect(() => editor.setRemarks(props.cell.type() === 'code' ? (props.remarks ?? []) : []));
        // Untracked: the focus runs handlers that read signals, and must not come again when those change.
        createEffect(
          on(wished, (wish) => {
            if (wish && wish.place !== 'cell') editor.focus(wish.place);
          }),
        );
        createEffect(() => {
          const here = notebook.finding.here();
          const all = notebook.finding.matchesIn(props.cell.id);
          showMatches(editor.view, all, here?.cell === props.cell.id ? here : undefined);
        });
        onCleanup(() => {
          alive = false;
          if (notebook.editors.get(props.cell.id) === editor) notebook.editors.delete(props.cell.id);
          editor.destroy();
        });
      },
    ),
  );

  return (
    <div class="code text" classList={{ ed: mounted(), numbered: props.cell.type() === 'code' }}>
      {/* Beside the editor, never around it: what takes the placeholder away must not take the editor. */}
      <Show when={!mounted()}>
        <Placeholder cell={props.cell} />
      </Show>
      <div ref={host} />
    </div>
  );
}

/** One text node: a thousand cells far from the screen cost little, and the browser's own search finds them. */
function Placeholder(props: { cell: Cell }): JSX.Element {
  const text = createText(() => props.cell);
  return <pre class="ph">{`${text()}\n`}</pre>;
}
