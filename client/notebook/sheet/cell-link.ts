/** Addresses that end in `#cell-…` lead to a cell: when the notebook opens, and whenever such a link is followed. */
import { createEffect, on, onCleanup } from 'solid-js';
import type { Notebook } from '../model.ts';

const LINK = /^#cell-([\w-]+)$/;

/** Leads to the cell that the address names, until the owner is disposed. */
export function followCellLinks(notebook: Notebook): void {
  const follow = (): void => {
    const cell = LINK.exec(window.location.hash)?.[1];
    if (cell === undefined || !notebook.cells.get(cell)) return;
    notebook.select(cell, 'cell');
    notebook.mounting.reveal(cell, 'center');
  };
  createEffect(on(notebook.shared.loaded, (loaded) => loaded && follow()));
  window.addEventListener('hashchange', follow);
  onCleanup(() => window.removeEventListener('hashchange', follow));
}
