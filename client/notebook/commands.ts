/** Carries out what keys ask for (`keys.ts`). In a cell's text only the keys that act on cells are taken from the editor. */
import { onCleanup } from 'solid-js';
import { type Chord, type Command, decide, type Mode } from './keys.ts';
import type { Notebook } from './model.ts';

const APPLE = /Mac|iP(hone|ad)/.test(navigator.platform);

/** Keys pressed in these belong to them, whatever they would mean to a cell. */
const OWN_KEYS = 'input, select, textarea, button, a[href], summary, dialog, .cm-panel, iframe';

/** Listens to keys below the element given to `attach`, until the owner is disposed. */
export function createKeys(notebook: Notebook): { attach: (element: HTMLElement) => void } {
  let chord: Chord | null = null;

  const onKey = (event: KeyboardEvent, early: boolean): void => {
    if (event.defaultPrevented || event.isComposing || !(event.target instanceof Element)) return;
    const inText = event.target.closest('.cm-content') !== null;
    const mode: Mode = inText ? 'edit' : 'command';
    const running = event.key === 'Enter' && (event.shiftKey || event.ctrlKey || event.metaKey || event.altKey);
    if (!inText && !running && event.target.closest(OWN_KEYS)) return;
    // Run and move keys come before the editor's own meaning of them; Escape after it, as it may close a panel first.
    if (early !== (inText && event.key !== 'Escape')) return;
    const decision = decide(mode, chord, {
      key: event.key,
      shift: event.shiftKey,
      alt: event.altKey,
      mod: APPLE ? event.metaKey : event.ctrlKey,
      at: event.timeStamp,
    });
    chord = decision.chord;
    if (!decision.command && !decision.chord) return;
    event.preventDefault();
    event.stopPropagation();
    if (decision.command) carryOut(notebook, decision.command, mode);
  };
  const early = (event: KeyboardEvent): void => onKey(event, true);
  const late = (event: KeyboardEvent): void => onKey(event, false);
  return {
    attach(element) {
      element.addEventListener('keydown', early, { capture: true });
      element.addEventListener('keydown', late);
      onCleanup(() => {
        element.removeEventListener('keydown', early, { capture: true });
        element.removeEventListener('keydown', late);
      });
    },
  };
}

function carryOut(notebook: Notebook, command: Command, mode: Mode): void {
  const { cells, selected, select } = notebook;
  const here = selected();
  if (here === null) return;
  const isText = cells.get(here)?.type() === 'markdown';
  const ids = cells.ids();
  const go = (to: string | undefined): void => {
    if (to !== undefined) select(to, 'cell');
  };
  switch (command) {
    case 'run':
      if (isText) select(here, 'cell');
      else void notebook.run([here]);
      return;
    case 'run-next': {
      void notebook.run([here]);
      const next = notebook.neighbour(1);
      if (next !== undefined) select(next, 'cell');
      else {
        const made = notebook.insert('code', here);
        if (made !== undefined) select(made, 'text');
        else select(here, 'cell');
      }
      return;
    }
    case 'run-insert': {
      void notebook.run([here]);
      const made = notebook.insert('code', here);
      if (made !== undefined) select(made, 'text');
      return;
    }
    case 'edit':
      // Prose gets a new editor each time; a code cell's remembers where the cursor was.
      select(here, isText ? 'end' : 'text');
      return;
    case 'leave':
      select(here, 'cell');
      return;
    case 'insert-above':
      notebook.insert('code', ids[ids.indexOf(here) - 1] ?? null);
      return;
    case 'insert-below':
      notebook.insert('code', here);
      return;
    case 'delete':
      notebook.remove(here);
      return;
    case 'to-code':
      notebook.setType(here, 'code');
      return;
    case 'to-markdown':
      notebook.setType(here, 'markdown');
      return;
    case 'to-raw':
      notebook.setType(here, 'raw');
      return;
    case 'next':
      go(notebook.neighbour(1));
      return;
    case 'previous':
      go(notebook.neighbour(-1));
      return;
    case 'first':
      go(ids[0]);
      return;
    case 'last':
      go(ids.at(-1));
      return;
    case 'move-up':
      notebook.move(here, -1);
      return;
    case 'move-down':
      notebook.move(here, 1);
      return;
    case 'interrupt':
      if (notebook.canRun()) void notebook.interrupt();
      return;
    case 'restart':
      if (notebook.canRun()) notebook.setConfirming(true);
      return;
    case 'undo':
      if (mode === 'command') cells.undo.undo();
      return;
    case 'redo':
      if (mode === 'command') cells.undo.redo();
      return;
  }
}
