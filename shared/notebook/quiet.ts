/**
 * What of a run goes into the file, so that a difference between two versions of it shows what somebody did. A count is
 * written with the outputs that it belongs to, and changes only when they do: running a cell again with the same result
 * leaves the file as it is, byte by byte. A notebook may also keep its outputs out of its file altogether
 * (`metadata.trialroom.outputs: false`): they are in the database then, and nowhere else.
 */
import type { FileCell, FileOutput, NotebookFile } from './format.ts';

interface Said {
  said: string;
  count: number | null;
  /** The count of each output, where it has one: in files that others wrote they need not be the cell's. */
  counts: (number | null)[];
}

/** Of each cell whose run is over: what it said, and the counts that were written with it. */
export type Settled = ReadonlyMap<string, Said>;

const isBag = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether outputs and counts of this notebook go into its file. */
export function writesOutputs(metadata: Readonly<Record<string, unknown>>): boolean {
  const { trialroom } = metadata;
  return !(isBag(trialroom) && trialroom.outputs === false);
}

const uncounted = (output: FileOutput): FileOutput =>
  output.output_type === 'execute_result' ? { ...output, execution_count: null } : output;

const counted = (output: FileOutput, count: number | null): FileOutput =>
  output.output_type === 'execute_result' ? { ...output, execution_count: count } : output;

const countIn = (output: FileOutput): number | null =>
  output.output_type === 'execute_result' ? output.execution_count : null;

const saidBy = (cell: FileCell): string =>
  cell.cell_type === 'code' ? JSON.stringify(cell.outputs.map(uncounted)) : '[]';

/**
 * What the cells of a file say and under which counts.
 * @param before what was known; cells that run now keep what they had there
 */
export function settle(notebook: NotebookFile, before: Settled = new Map(), running = new Set<string>()): Settled {
  const settled = new Map<string, Said>();
  for (const cell of notebook.cells) {
    if (cell.cell_type !== 'code') continue;
    const known = before.get(cell.id);
    settled.set(
      cell.id,
      running.has(cell.id) && known
        ? known
        : { said: saidBy(cell), count: cell.execution_count, counts: cell.outputs.map(countIn) },
    );
  }
  return settled;
}

/**
 * The notebook as its file is to hold it.
 * @param settled what the file held when no cell of it ran
 */
export function quiet(notebook: NotebookFile, settled: Settled): NotebookFile {
  const keep = writesOutputs(notebook.metadata);
  return {
    ...notebook,
    cells: notebook.cells.map((cell) => {
      if (cell.cell_type !== 'code') return cell;
      if (!keep) return { ...cell, outputs: [], execution_count: null };
      const known = settled.get(cell.id);
      const same = known ? known.said === saidBy(cell) : cell.outputs.length === 0;
      if (!same) return cell;
      const count = known?.count ?? null;
      const outputs = cell.outputs.map((output, index) => counted(output, known?.counts[index] ?? count));
      return { ...cell, execution_count: count, outputs };
    }),
  };
}
