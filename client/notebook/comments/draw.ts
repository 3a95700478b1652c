/** Keeps the marks of threads in an editor where their letters are, whoever moves them. */
import type { EditorView } from '@codemirror/view';
import { createEffect, createSignal, onCleanup } from 'solid-js';
import type * as Y from 'yjs';
import { locate } from './anchors.ts';
import type { Comments } from './comments.ts';
import { showThreadRanges, type ThreadRange } from './ranges.ts';

/** Draws the open threads on the text of a cell, and the one that is looked at, until the owner is disposed. */
export function drawThreads(comments: Comments, cell: string, text: Y.Text, view: EditorView): void {
  const [edits, setEdits] = createSignal(0);
  let alive = true;
  let waiting = false;
  // After the editor has taken the same edit over: marks of a text it does not have yet would be somewhere else.
  const edited = (): void => {
    if (waiting || comments.of(cell).length === 0) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      if (alive) setEdits((count) => count + 1);
    });
  };
  text.observe(edited);
  onCleanup(() => {
    alive = false;
    text.unobserve(edited);
  });
  createEffect(() => {
    edits();
    const looked = comments.looked()?.id;
    const ranges = comments.of(cell).flatMap(({ id, target, resolved }): ThreadRange[] => {
      if (target.kind !== 'text' || (resolved !== null && id !== looked)) return [];
      const at = locate(text, target);
      return at ? [{ ...at, id, looked: id === looked }] : [];
    });
    showThreadRanges(view, ranges);
  });
}
