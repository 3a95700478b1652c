/**
 * The browser's own cut, copy and paste, where cells are chosen and no text is being written: cells go to the clipboard
 * of the system, and come from it, with whatever else can become a cell.
 */
import { onCleanup } from 'solid-js';
import { attachImages } from '../cell/attach-images.ts';
import type { Notebook } from '../model.ts';
import { CELLS_MIME, fromClipboard, toClipboard } from './clipboard.ts';

/** Listens until the owner is disposed. */
export function createClipboard(notebook: Notebook): void {
  /** True when a cell itself has the focus, and nobody has marked some text to copy. */
  const ours = (): boolean => {
    const { activeElement } = document;
    const onCell = activeElement instanceof HTMLElement && activeElement.dataset.cell !== undefined;
    return onCell && (document.getSelection()?.isCollapsed ?? true);
  };
  const put = (event: ClipboardEvent): void => {
    if (!ours() || !event.clipboardData) return;
    const range = notebook.range();
    const cells = event.type === 'cut' ? notebook.cut(range) : notebook.copy(range);
    for (const [mime, text] of Object.entries(toClipboard(cells))) event.clipboardData.setData(mime, text);
    event.preventDefault();
  };
  const take = (event: ClipboardEvent): void => {
    const data = event.clipboardData;
    if (!ours() || !data || !notebook.canEdit()) return;
    const range = notebook.range();
    const cells = fromClipboard(data.getData(CELLS_MIME));
    const files = [...data.files].filter(({ type }) => type.startsWith('image/'));
    const text = data.getData('text/plain');
    if (cells) notebook.paste(range, 'below', cells);
    else if (files.length > 0) void pasteImages(notebook, range.at(-1) ?? null, files);
    else if (text !== '') notebook.paste(range, 'below', [{ type: 'code', source: text }]);
    else return;
    event.preventDefault();
  };
  document.addEventListener('copy', put);
  document.addEventListener('cut', put);
  document.addEventListener('paste', take);
  onCleanup(() => {
    document.removeEventListener('copy', put);
    document.removeEventListener('cut', put);
    document.removeEventListener('paste', take);
  });
}

async function pasteImages(notebook: Notebook, after: string | null, files: readonly File[]): Promise<void> {
  const made = notebook.insert('markdown', after);
  if (made === undefined) return;
  const text = await attachImages(notebook, made, files);
  notebook.cells.get(made)?.text.insert(0, text);
  notebook.select(made, 'cell');
}
