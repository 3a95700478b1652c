/** Looks into a file outside of the notebook, where a name is defined. It can be read there, not changed. */
import { javascript } from '@codemirror/lang-javascript';
import { EditorState } from '@codemirror/state';
import { EditorView, highlightActiveLine, lineNumbers } from '@codemirror/view';
import { type JSX, onCleanup, onMount, Show } from 'solid-js';
import { Dialog } from './dialog.tsx';
import { codeTheme } from './editor/theme.ts';
import { type Peek, useNotebook } from './model.ts';

/** A file outside of the notebook, opened at the place that a definition leads to. */
export function PeekDialog(): JSX.Element {
  const notebook = useNotebook();
  const name = (peek: Peek): string => peek.file.split(/[\\/]/).at(-1) ?? peek.file;
  return (
    <Show when={notebook.peek()} keyed>
      {(peek) => (
        <Dialog open class="peek" label={`Definition in ${name(peek)}`} onClose={() => notebook.setPeek(null)}>
          <h2>{name(peek)}</h2>
          <p class="where">{peek.file}</p>
          <Code peek={peek} />
        </Dialog>
      )}
    </Show>
  );
}

function Code(props: { peek: Peek }): JSX.Element {
  let host: HTMLDivElement | undefined;
  onMount(() => {
    const state = EditorState.create({
      doc: props.peek.text,
      extensions: [
        javascript({ typescript: true }),
        lineNumbers(),
        highlightActiveLine(),
        codeTheme,
        EditorState.readOnly.of(true),
        EditorView.contentAttributes.of({ 'aria-label': `Text of ${props.peek.file}`, tabindex: '0' }),
        EditorView.editable.of(false),
      ],
    });
    const line = state.doc.line(Math.min(Math.max(1, props.peek.line), state.doc.lines));
    const view = new EditorView({ state, ...(host ? { parent: host } : {}) });
    view.dispatch({ selection: { anchor: line.to, head: line.from } });
    requestAnimationFrame(() => {
      view.contentDOM.focus();
      view.dispatch({ effects: EditorView.scrollIntoView(line.from, { y: 'center' }) });
    });
    onCleanup(() => view.destroy());
  });
  return <div class="peek-code" ref={host} />;
}
