/**
 * Marks in a notebook whose run failed: a line at its top that says where and why, and one before the cell. They have the
 * tag that papermill gives to its own, so that either tool takes them out before the next run.
 */
import { type FileCell, type NotebookFile, newCellId } from '@trialroom/shared/notebook/format';
import type { CellError } from '@trialroom/shared/notebook/outputs';
import { isTagged } from '../sessions/headless/injected.ts';

const MARKER = 'papermill-error-cell-tag';
/** Where the line at the top leads. */
const PLACE = 'papermill-error-cell';
/** Most characters of a message at the top. */
const LONGEST = 200;

/** The notebook without what an earlier run marked. */
export function unmarked(notebook: NotebookFile): NotebookFile {
  return { ...notebook, cells: notebook.cells.filter((cell) => !isTagged(cell, MARKER)) };
}

/** The notebook with marks for the cell of this id, which failed. */
export function marked(notebook: NotebookFile, failed: string, { name, message }: CellError): NotebookFile {
  const at = notebook.cells.findIndex(({ id }) => id === failed);
  const cell = notebook.cells[at];
  if (!cell) return notebook;
  const count = cell.cell_type === 'code' && cell.execution_count !== null ? `In [${cell.execution_count}]` : 'a cell';
  const [line = ''] = `${name}: ${message}`.split('\n', 1);
  const why = line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
  const cells = notebook.cells.toSpliced(at, 0, marker(`<span id="${PLACE}">**The run stopped here:**</span>`));
  return {
    ...notebook,
    cells: [marker(`**The run failed at [${count}](#${PLACE}):** \`${why.replaceAll('`', "'")}\``), ...cells],
  };
}

const marker = (source: string): FileCell => ({
  ...{ id: newCellId(), cell_type: 'markdown', source },
  metadata: { tags: [MARKER] },
});
