/** Renames a name everywhere: F2 opens a field at the name, Enter shows what will change, Escape leaves everything as it is. */
import { type Extension, StateEffect, StateField } from '@codemirror/state';
import { type EditorView, keymap, showTooltip, type Tooltip } from '@codemirror/view';
import { type CodeHelp, element, wordAt } from './help.ts';

const open = StateEffect.define<{ from: number; to: number; text: string } | null>();

/** Lets F2 rename the name at the cursor in all cells. */
export function rename(help: CodeHelp): Extension {
  const field = StateField.define<Tooltip | null>({
    create: () => null,
    update(tooltip, transaction) {
      for (const effect of transaction.effects) {
        if (!effect.is(open)) continue;
        const word = effect.value;
        return word ? { pos: word.from, above: false, create: (view) => ({ dom: form(view, help, word) }) } : null;
      }
      // What is asked about stands in the text as it was: when someone changes it, the question is moot.
      return transaction.docChanged ? null : tooltip;
    },
    provide: (self) => showTooltip.from(self),
  });
  return [
    field,
    keymap.of([
      {
        key: 'F2',
        run: (view) => {
          const word = wordAt(view.state, view.state.selection.main.head);
          if (!word || !help.mayEdit()) return false;
          view.dispatch({ effects: open.of(word) });
          return true;
        },
      },
    ]),
  ];
}

function form(view: EditorView, help: CodeHelp, word: { from: number; to: number; text: string }): HTMLElement {
  const box = element('form', 'help-rename');
  const input = document.createElement('input');
  input.value = word.text;
  input.spellcheck = false;
  input.autocapitalize = 'off';
  input.setAttribute('aria-label', `New name for ${word.text}`);
  const problem = element('p', 'help-problem');
  problem.setAttribute('role', 'alert');
  box.append(input, element('small', '', 'Enter shows what will change'), problem);
  let busy = false;
  let over = false;
  const close = (): void => {
    if (over) return;
    over = true;
    view.dispatch({ effects: open.of(null) });
  };
  const submit = async (): Promise<void> => {
    const to = input.value.trim();
    if (busy) return;
    if (to === '' || to === word.text) {
      close();
      view.focus();
      return;
    }
    busy = true;
    problem.textContent = '';
    const answer = await help.rename(word, to);
    busy = false;
    if (over) return;
    if (typeof answer === 'string') {
      problem.textContent = answer;
      return;
    }
    close();
    // What is shown gives the focus back to where it was.
    view.focus();
    answer();
  };
  box.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
  // Keys pressed in the field are the field's, not the cell's.
  box.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key !== 'Escape') return;
    event.preventDefault();
    close();
    view.focus();
  });
  input.addEventListener('blur', (event) => {
    if (busy || (event.relatedTarget instanceof Node && box.contains(event.relatedTarget))) return;
    // The field may lose the focus because the editor is just taking it away.
    queueMicrotask(close);
  });
  requestAnimationFrame(() => {
    input.focus();
    input.select();
  });
  return box;
}
