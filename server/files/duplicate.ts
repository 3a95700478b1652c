/** A copy of a notebook, outputs included, under an id of its own; of another language's notebook also one in ours. */

import type { NotebookListing } from '@trialroom/shared/live/events';
import { type NotebookFile, newNotebook } from '@trialroom/shared/notebook/format';
import type { OpenDocuments } from '../documents/open-documents.ts';
import { inTrash } from '../notebooks/in-trash.ts';
import { type Notebooks, trashed } from '../notebooks/notebooks.ts';
import { freeName } from './free-name.ts';

/**
 * @param to where the copy goes; absent: beside the original
 * @param asTypeScript the copy is ours to change and run: cells stay as they are, what a kernel of another language said goes
 * @throws Refusal
 */
export async function duplicate(
  { notebooks, documents }: { notebooks: Notebooks; documents: OpenDocuments },
  id: string,
  to: string | undefined,
  asTypeScript: boolean,
): Promise<NotebookListing> {
  const { path } = await notebooks.get(id);
  if (inTrash(path)) throw trashed(id);
  const content = await documents.notebook(id);
  const copy = asTypeScript ? inTypeScript(content) : content;
  if (to !== undefined) return notebooks.create(to, copy);
  const beside = asTypeScript ? path.replace(/\.ipynb$/, ' (TypeScript).ipynb') : path;
  return notebooks.create(await freeName(notebooks.folder, beside), copy);
}

function inTypeScript(notebook: NotebookFile): NotebookFile {
  return {
    ...notebook,
    metadata: { ...notebook.metadata, ...newNotebook().metadata },
    cells: notebook.cells.map((cell) =>
      cell.cell_type === 'code' ? { ...cell, outputs: [], execution_count: null } : cell,
    ),
  };
}
