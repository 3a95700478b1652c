/** Keeps an editor's margin of authors up to date while it is asked for: read again when people pause. */
import { history } from '@trialroom/shared/api/endpoints';
import { createEffect, onCleanup } from 'solid-js';
import type * as Y from 'yjs';
import { call } from '../../data/api.ts';
import { connection } from '../../data/live.ts';
import type { CellEditor } from '../editor/editor.ts';
import type { Notebook } from '../model.ts';

/** How long nobody must have written in the cell before it is asked again who wrote what, in ms. */
const PAUSE = 1200;

/** Shows who wrote which line of a cell, for as long as the notebook shows it and the owner lives. */
export function followAuthors(notebook: Notebook, cell: string, text: Y.Text, editor: CellEditor): void {
  createEffect(() => {
    if (!notebook.showingAuthors()) {
      editor.setAuthors(null);
      return;
    }
    const { id } = notebook;
    const ending = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      try {
        const { lines } = await call(history.authors, { params: { id, cell }, signal: ending.signal });
        if (!ending.signal.aborted) editor.setAuthors(lines);
      } catch {
        // The margin stays as it was: it is asked again after the next edit, or when the connection is back.
      }
    };
    const changed = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => void ask(), PAUSE);
    };
    // Reading it here asks again when the connection comes back.
    if (connection() === 'online') void ask();
    text.observe(changed);
    onCleanup(() => {
      ending.abort();
      clearTimeout(timer);
      text.unobserve(changed);
    });
  });
}
