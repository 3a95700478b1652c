/** Marks what a search has found in the text of a cell, and the one match that one is at. */
import { type Extension, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view';
import type { Stretch } from '../comments/anchors.ts';

const set = StateEffect.define<{ all: readonly Stretch[]; here: Stretch | undefined }>();
const MARK = Decoration.mark({ class: 'cm-found' });
const HERE = Decoration.mark({ class: 'cm-found cm-found-here' });

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(set)) continue;
      const { all, here } = effect.value;
      const { length } = transaction.newDoc;
      return Decoration.set(
        all
          .filter(({ to }) => to <= length)
          .map(({ from, to }) => (here?.from === from && here.to === to ? HERE : MARK).range(from, to)),
      );
    }
    return shown.map(transaction.changes);
  },
  provide: (from) => EditorView.decorations.from(from),
});

/** Lets an editor show matches. */
export const matchMarks: Extension = field;

/** Shows these matches and no others, and brings the one that one is at into sight. */
export function showMatches(view: EditorView, all: readonly Stretch[], here: Stretch | undefined): void {
  if (all.length === 0 && view.state.field(field).size === 0) return;
  const effects: StateEffect<unknown>[] = [set.of({ all, here })];
  if (here && here.to <= view.state.doc.length)
    effects.push(EditorView.scrollIntoView(here.from, { y: 'nearest', x: 'nearest', xMargin: 40 }));
  view.dispatch({ effects });
}
