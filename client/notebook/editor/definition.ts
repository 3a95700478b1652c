/** Goes to where a name is defined: F12, or a click with Ctrl (⌘ on Apple machines). */
import type { Extension } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { asked, type CodeHelp, wordAt } from './help.ts';

/** Lets F12, and a click with Ctrl or ⌘, lead to a definition. */
export function definition(help: CodeHelp): Extension {
  const go = async (view: EditorView, at: number): Promise<void> => {
    const answer = await help.ask({ ask: 'definition', ...asked(help, view.state, at) });
    if (answer?.definition) help.go(answer.definition);
  };
  return [
    keymap.of([
      {
        key: 'F12',
        run: (view) => {
          void go(view, view.state.selection.main.head);
          return true;
        },
      },
    ]),
    EditorView.domEventHandlers({
      mousedown(event, view) {
        if (event.button !== 0 || event.shiftKey || event.altKey || !(event.ctrlKey || event.metaKey)) return false;
        const at = view.posAtCoords({ x: event.clientX, y: event.clientY });
        if (at === null || !wordAt(view.state, at)) return false;
        event.preventDefault();
        void go(view, at);
        return true;
      },
    }),
  ];
}
