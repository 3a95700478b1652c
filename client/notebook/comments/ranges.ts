/** In an editor: ranges with threads are marked, and beside a selection stands a button that begins one. */
import { type Extension, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, showTooltip, type Tooltip } from '@codemirror/view';
import { ICONS } from '../../components/icons.ts';
import type { Stretch } from './anchors.ts';

/** A range with a thread. */
export interface ThreadRange extends Stretch {
  /** Id of the thread. */
  id: string;
  /** Whether it is the one that is looked at. */
  looked: boolean;
}

/** What an editor does when threads in its text are pointed at or begun. */
export interface RangeOptions {
  /** A marked range was clicked. */
  onThread(id: string): void;
  /** Someone wants to say something about what is selected. */
  onComment(selected: Stretch): void;
  canComment(): boolean;
}

const set = StateEffect.define<readonly ThreadRange[]>();

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(set)) continue;
      const { length } = transaction.newDoc;
      const inside = effect.value.filter(({ from, to }) => from < to && to <= length);
      return Decoration.set(
        inside.map((range) => markOf(range).range(range.from, range.to)),
        true,
      );
    }
    return shown.map(transaction.changes);
  },
  provide: (from) => EditorView.decorations.from(from),
});

const markOf = ({ id, looked }: ThreadRange): Decoration =>
  Decoration.mark({
    class: looked ? 'cm-thread cm-thread-looked' : 'cm-thread',
    attributes: { 'data-thread': id },
    thread: { id, looked },
  });

/** Shows these ranges and no others; nothing happens when they are shown already. */
export function showThreadRanges(view: EditorView, ranges: readonly ThreadRange[]): void {
  const shown: string[] = [];
  view.state.field(field).between(0, view.state.doc.length, (from, to, { spec }) => {
    const { id, looked }: ThreadRange = spec.thread;
    shown.push(`${id} ${from} ${to} ${looked}`);
  });
  const wanted = ranges.map(({ id, from, to, looked }) => `${id} ${from} ${to} ${looked}`);
  if (shown.sort().join() !== wanted.sort().join()) view.dispatch({ effects: set.of(ranges) });
}

/** Lets an editor show ranges with threads, and begin new ones. */
export function threadRanges(options: RangeOptions): Extension {
  const create = (view: EditorView): { dom: HTMLElement } => {
    const dom = document.createElement('div');
    dom.className = 'cm-comment-on';
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'btn q';
    button.title = 'Comment on this (Ctrl or ⌘ Alt M)';
    button.setAttribute('aria-label', 'Comment on the selected text');
    button.innerHTML = `<svg class="ic" viewBox="0 0 16 16" aria-hidden="true">${ICONS.comment}</svg>`;
    // The selection must survive the press.
    button.addEventListener('mousedown', (event) => event.preventDefault());
    button.addEventListener('click', () => {
      const { from, to } = view.state.selection.main;
      view.dispatch({ effects: hide.of(null) });
      if (from < to) options.onComment({ from, to });
    });
    dom.append(button);
    return { dom };
  };
  const hide = StateEffect.define<null>();
  const offer = StateField.define<Tooltip | null>({
    create: () => null,
    update(shown, transaction) {
      if (transaction.effects.some((effect) => effect.is(hide)) || transaction.docChanged) return null;
      if (!transaction.selection) return shown;
      const { main } = transaction.newSelection;
      // Only for what a person selects: jumps to a match or an error select too.
      if (main.empty || !transaction.isUserEvent('select') || !options.canComment()) return null;
      return { pos: main.head, above: main.head <= main.anchor, create };
    },
    provide: (from) => showTooltip.from(from),
  });
  return [
    field,
    offer,
    EditorView.domEventHandlers({
      blur: (_event, view) => {
        if (view.state.field(offer)) queueMicrotask(() => view.dispatch({ effects: hide.of(null) }));
      },
      click: (event, view) => {
        if (!(event.target instanceof Element) || !view.state.selection.main.empty) return false;
        const id = event.target.closest('[data-thread]')?.getAttribute('data-thread');
        if (id) options.onThread(id);
        return false;
      },
    }),
  ];
}
