/** What is wanted seldom: runs of many cells, and how the notebook runs as a whole. The palette offers it too, and its file's. */
import type { JSX } from 'solid-js';
import { type MenuItem, PopMenu } from '../../components/pop-menu.tsx';
import { may } from '../../data/me.ts';
import { offerInPalette } from '../../palette/page-offers.ts';
import { type Notebook, useNotebook } from '../model.ts';
import { fileItems, useGo } from './file-menu.tsx';

function itemsOf(notebook: Notebook): MenuItem[] {
  const stale = notebook.stale().length;
  const none = notebook.cells.ids().length === 0;
  const run: MenuItem[] = [
    {
      id: 'run-stale',
      text: 'Run stale cells',
      detail: stale === 0 ? 'No cell is stale.' : `${stale} of them and what reads from them, from top to bottom.`,
      icon: 'runbelow',
      disabled: stale === 0,
      act: () => void notebook.runStale(),
    },
    {
      id: 'run-all',
      text: 'Run all cells',
      detail: 'From top to bottom.',
      icon: 'play',
      disabled: none,
      act: () => void notebook.runAll(),
    },
    {
      id: 'restart-run-all',
      text: 'Restart and run all',
      detail: 'Asks first: variables are lost for everyone here. 0 0.',
      icon: 'restart',
      disabled: none,
      act: () => notebook.setConfirming(true),
    },
  ];
  const set: MenuItem[] = [
    {
      id: 'format',
      text: 'Format all code',
      detail: 'Every cell of code; one step of undo. Shift Alt F for the cell you are in.',
      icon: 'pencil',
      disabled: none,
      act: () => void notebook.format(notebook.cells.ids()),
    },
    {
      id: 'reactive',
      text: 'Re-run dependents',
      detail: 'After a cell ran, run those that read what it defines. Kept in the notebook, for everyone.',
      icon: 'diff',
      checked: notebook.reactive(),
      act: () => notebook.setReactive(!notebook.reactive()),
    },
  ];
  const look: MenuItem[] = [
    {
      id: 'find',
      text: notebook.canEdit() ? 'Find and replace' : 'Find',
      detail: 'In all cells; F, or Ctrl or ⌘ F.',
      icon: 'search',
      act: () => notebook.finding.setOpen(true),
    },
    {
      id: 'comments',
      text: 'Comments',
      detail: 'What people say about this notebook; Ctrl or ⌘ Alt M begins one.',
      icon: 'comment',
      act: () => void notebook.setPanel('comments'),
    },
    {
      id: 'history',
      text: 'Versions',
      detail: 'What was kept of this notebook, and the way back; Shift H.',
      icon: 'clock',
      act: () => notebook.setPanel('history'),
    },
    {
      id: 'authors',
      text: 'Who wrote which line',
      detail: 'In the margin of cells; Shift W.',
      icon: 'diff',
      checked: notebook.showingAuthors(),
      act: () => notebook.setShowingAuthors(!notebook.showingAuthors()),
    },
    {
      id: 'wide',
      text: 'Full width',
      detail: 'Cells as wide as the window, on this device.',
      icon: 'expand',
      checked: notebook.wide(),
      act: () => notebook.setWide(!notebook.wide()),
    },
    {
      id: 'vim',
      text: 'Vim keys',
      detail: 'In the text of cells, on this device.',
      icon: 'pencil',
      checked: notebook.vim(),
      act: () => notebook.setVim(!notebook.vim()),
    },
    {
      id: 'keys',
      text: 'Keys',
      detail: 'All of them; H.',
      icon: 'table',
      act: () => notebook.setShowingKeys(true),
    },
  ];
  return [...(notebook.canRun() ? run : []), ...(notebook.canEdit() ? set : []), ...look];
}

/** The menu of what is done to the whole notebook. */
export function NotebookMenu(): JSX.Element {
  const notebook = useNotebook();
  const go = useGo();
  offerInPalette(() =>
    [...itemsOf(notebook), ...fileItems(notebook, go, may('edit'))]
      .filter(({ disabled }) => disabled !== true)
      .map(({ id, text, icon, checked, act }) => ({
        id: `menu-${id}`,
        text,
        detail: checked === undefined ? 'this notebook' : checked ? 'this notebook · on' : 'this notebook · off',
        icon,
        act,
      })),
  );
  return (
    <PopMenu id="notebook-menu" label="This notebook" title="More for this notebook" items={() => itemsOf(notebook)} />
  );
}
