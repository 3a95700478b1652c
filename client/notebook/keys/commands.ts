/** Carries out what keys ask for (`keys.ts`). In a cell's text only the keys that act on cells are taken from the editor. */
import { onCleanup } from 'solid-js';
import { openPalette } from '../../palette/open.ts';
import { pin } from '../comments/anchors.ts';
import type { Notebook } from '../model.ts';
import { type Chord, type Command, decide, type Mode } from './keys.ts';

/** Where ⌘ is what Ctrl is elsewhere. */
export const APPLE = /Mac|iP(hone|ad)/.test(navigator.platform);

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

/** Does what a command says, as if its key had been pressed on the chosen cells. */
export function perform(notebook: Notebook, command: Command): void {
  carryOut(notebook, command, command === 'split' ? 'edit' : 'command');
}

function carryOut(notebook: Notebook, command: Command, mode: Mode): void {
  const { cells, selected, select, shown } = notebook;
  const here = selected();
  if (here === null) {
    if (command === 'insert-above' || command === 'insert-below') notebook.insert('code', null);
    if (command === 'paste-above' || command === 'paste-below') notebook.paste([], 'below');
    return;
  }
  // In a cell's text only that cell is meant.
  const range = mode === 'edit' ? [here] : notebook.range();
  const last = range.at(-1) ?? here;
  const isText = cells.get(here)?.type() === 'markdown';
  const go = (to: string | undefined): void => {
    if (to !== undefined) select(to, 'cell');
  };
  switch (command) {
    case 'run':
      if (isText) select(here, 'cell');
      void notebook.run(range);
      return;
    case 'run-next': {
      void notebook.run(range);
      const next = shown()[shown().indexOf(last) + 1];
      if (next !== undefined) select(next, 'cell');
      else {
        const made = notebook.insert('code', last);
        select(made ?? last, made === undefined ? 'cell' : 'text');
      }
      return;
    }
    case 'run-insert': {
      void notebook.run(range);
      const made = notebook.insert('code', last);
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
      notebook.insert('code', cells.ids()[cells.ids().indexOf(range[0] ?? here) - 1] ?? null);
      return;
    case 'insert-below':
      notebook.insert('code', last);
      return;
    case 'delete':
      notebook.remove(range);
      return;
    case 'cut':
      notebook.cut(range);
      return;
    case 'copy':
      notebook.copy(range);
      return;
    case 'paste-below':
      notebook.paste(range, 'below');
      return;
    case 'paste-above':
      notebook.paste(range, 'above');
      return;
    case 'merge':
      notebook.merge(range);
      return;
    case 'split': {
      const cursors = notebook.editors.get(here)?.view.state.selection.ranges ?? [];
      notebook.split(
        here,
        cursors.flatMap(({ from, to }) => [from, to]),
      );
      return;
    }
    case 'format':
      void notebook.format(range);
      return;
    case 'to-code':
      notebook.setType(range, 'code');
      return;
    case 'to-markdown':
      notebook.setType(range, 'markdown');
      return;
    case 'to-raw':
      notebook.setType(range, 'raw');
      return;
    case 'heading-1':
    case 'heading-2':
    case 'heading-3':
    case 'heading-4':
    case 'heading-5':
    case 'heading-6':
      notebook.setHeading(range, Number(command.at(-1)));
      return;
    case 'toggle-outputs':
      notebook.toggleHidden(range, 'outputs');
      return;
    case 'toggle-source':
      notebook.toggleHidden(range, 'source');
      return;
    case 'fold':
    case 'unfold':
      if (isText) notebook.toggleFold(here, command === 'fold');
      return;
    case 'next':
      go(notebook.neighbour(1));
      return;
    case 'previous':
      go(notebook.neighbour(-1));
      return;
    case 'first':
      go(shown()[0]);
      return;
    case 'last':
      go(shown().at(-1));
      return;
    case 'extend-down':
      notebook.extend(1);
      return;
    case 'extend-up':
      notebook.extend(-1);
      return;
    case 'select-all':
      notebook.selectAll();
      return;
    case 'move-up':
      notebook.move(range, -1);
      return;
    case 'move-down':
      notebook.move(range, 1);
      return;
    case 'interrupt':
      if (notebook.canRun()) void notebook.interrupt();
      return;
    case 'restart':
      if (notebook.canRun()) notebook.setConfirming(true);
      return;
    case 'undo':
      cells.undo.undo();
      return;
    case 'redo':
      cells.undo.redo();
      return;
    case 'comment': {
      const state = notebook.editors.get(here)?.view.state;
      const { from, to } = state?.selection.main ?? { from: 0, to: 0 };
      const text = cells.get(here)?.text;
      if (mode === 'edit' && text && from < to) {
        notebook.comments.begin({ kind: 'text', cell: here, ...pin(text, { from, to }) });
      } else notebook.comments.begin({ kind: 'cell', cell: here });
      return;
    }
    case 'find':
      notebook.finding.setOpen(true, chosenText(notebook, here));
      return;
    case 'history':
      notebook.setPanel('history');
      return;
    case 'authors':
      notebook.setShowingAuthors(!notebook.showingAuthors());
      return;
    case 'palette':
      openPalette();
      return;
    case 'keys':
      notebook.setShowingKeys(true);
      return;
    case 'save':
      // Everything is saved as it is written; the browser's own dialog would save a page.
      return;
  }
}

/** What is chosen in the editor of a cell, when it is on one line. */
function chosenText(notebook: Notebook, cell: string): string | undefined {
  const state = notebook.editors.get(cell)?.view.state;
  const text = state?.sliceDoc(state.selection.main.from, state.selection.main.to);
  return text?.includes('\n') ? undefined : text;
}
