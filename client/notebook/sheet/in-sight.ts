/** Takes the focus, and the screen, to the cell that someone wishes to be at. */
import { EditorView } from '@codemirror/view';
import { createEffect, on } from 'solid-js';
import type { Notebook } from '../model.ts';

/** Follows the wishes of a notebook until the owner is disposed. */
export function followWishes(notebook: Notebook): void {
  const { mounting } = notebook;
  createEffect(
    on(notebook.wish, (wish) => {
      if (!wish) return;
      if (wish.place === 'cell') {
        // After this effect, when a cell that was far from the screen is there.
        queueMicrotask(() => {
          if (notebook.wish() !== wish) return;
          mounting.elementOf(wish.cell)?.focus({ preventScroll: true });
          mounting.reveal(wish.cell, 'nearest');
        });
        return;
      }
      // The editor goes to the place by itself; this keeps it in sight while the cells around it are drawn.
      mounting.keepInSight(wish.cell, () => {
        const view = notebook.editors.get(wish.cell)?.view;
        if (!view?.hasFocus) return;
        view.dispatch({ effects: EditorView.scrollIntoView(view.state.selection.main.head) });
      });
    }),
  );
  createEffect(
    on(notebook.showing, (wanted) => {
      if (wanted) mounting.reveal(wanted.cell, 'nearest');
    }),
  );
}
