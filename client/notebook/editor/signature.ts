/** The parameters of the call being written, above it, until the call is left or Escape is pressed. */
import { type EditorState, type Extension, StateEffect, StateField } from '@codemirror/state';
import { keymap, showTooltip, type Tooltip, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import type { AnswerTo } from '../../data/language.ts';
import { asked, type CodeHelp, element, helpText } from './help.ts';

type Signature = NonNullable<AnswerTo<'signature'>['signature']>;

/** How long after a change an open signature is asked for again, in ms. */
const PAUSE = 80;

const show = StateEffect.define<{ at: number; signature: Signature } | null>();

const shown = StateField.define<Tooltip | null>({
  create: () => null,
  update(tooltip, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(show)) return effect.value ? tooltipOf(effect.value.at, effect.value.signature) : null;
    }
    if (tooltip && transaction.docChanged) return { ...tooltip, pos: transaction.changes.mapPos(tooltip.pos) };
    return tooltip;
  },
  provide: (field) => showTooltip.from(field),
});

const isOpen = (state: EditorState): boolean => state.field(shown) !== null;

/** Shows the parameters of the call that is being written. */
export function signature(help: CodeHelp): Extension {
  const asker = ViewPlugin.define((view) => {
    let abort: AbortController | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = (): void => {
      abort?.abort();
      clearTimeout(timer);
    };
    const ask = async (): Promise<void> => {
      stop();
      abort = new AbortController();
      const { signal } = abort;
      const { doc, selection } = view.state;
      const { head } = selection.main;
      const answer = await help.ask({ ask: 'signature', ...asked(help, view.state, head) }, signal);
      if (signal.aborted) return;
      // What was written meanwhile may have left the call.
      if (view.state.doc !== doc || view.state.selection.main.head !== head) {
        soon();
        return;
      }
      const found = answer?.signature;
      if (found) view.dispatch({ effects: show.of({ at: head, signature: found }) });
      else if (isOpen(view.state)) view.dispatch({ effects: show.of(null) });
    };
    const soon = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => void ask(), PAUSE);
    };
    return {
      ask,
      update(update: ViewUpdate) {
        if (!help.mayEdit()) return;
        if (update.focusChanged && !update.view.hasFocus) {
          stop();
          // An update cannot start another one.
          if (isOpen(update.state)) queueMicrotask(() => view.dispatch({ effects: show.of(null) }));
          return;
        }
        if (opensCall(update)) soon();
        else if (isOpen(update.state) && (update.docChanged || update.selectionSet)) soon();
      },
      destroy: stop,
    };
  });
  return [
    shown,
    asker,
    keymap.of([
      {
        key: 'Mod-Shift-Space',
        run: (view) => {
          void view.plugin(asker)?.ask();
          return true;
        },
      },
      {
        key: 'Escape',
        run: (view) => {
          if (!isOpen(view.state)) return false;
          view.dispatch({ effects: show.of(null) });
          return true;
        },
      },
    ]),
  ];
}

/** Whether a bracket or a comma was just typed here. */
function opensCall(update: ViewUpdate): boolean {
  if (!update.docChanged || !update.transactions.some((transaction) => transaction.isUserEvent('input.type')))
    return false;
  let opens = false;
  update.changes.iterChanges((_fromA, _toA, _fromB, _toB, inserted) => {
    if (/^[(,]/.test(inserted.toString())) opens = true;
  });
  return opens;
}

function tooltipOf(pos: number, told: Signature): Tooltip {
  return { pos, above: true, strictSide: false, create: () => ({ dom: draw(told) }) };
}

/** The label with the parameter being written set apart. */
function draw({ label, parameters, active, documentation, overload, overloads }: Signature): HTMLElement {
  const box = element('div', 'help-signature');
  const line = element('code', 'help-sig');
  const now = parameters[active];
  if (now && now.from >= 0 && now.from < now.to && now.to <= label.length) {
    line.append(label.slice(0, now.from), element('b', '', label.slice(now.from, now.to)), label.slice(now.to));
  } else line.append(label);
  box.append(line);
  if (overloads > 1) box.append(element('span', 'help-more num', `${overload + 1} of ${overloads}`));
  if (documentation) box.append(helpText(documentation));
  return box;
}
