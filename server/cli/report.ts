/** A notebook as a report: its results without the code that made them. */
import type { NotebookFile } from '@trialroom/shared/notebook/format';

/** The notebook with the sources of its code cells folded away, by the mark that JupyterLab and nbconvert know. */
export function withoutSources(notebook: NotebookFile): NotebookFile {
  const cells = notebook.cells.map((cell) => {
    if (cell.cell_type !== 'code') return cell;
    const { jupyter } = cell.metadata;
    const kept = typeof jupyter === 'object' && jupyter !== null ? jupyter : {};
    return { ...cell, metadata: { ...cell.metadata, jupyter: { ...kept, source_hidden: true } } };
  });
  return { ...notebook, cells };
}
