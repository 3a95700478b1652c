/**
 * What of a run goes into the file, so that a difference between two versions of it shows what somebody did. A count is
 * written with the outputs that it belongs to, and changes only when they do: running a cell again with the same result
 * leaves the file as it is, byte by byte. A notebook may also keep its outputs out of its file altogether
 * (`metadata.trialroom.outputs: false`): they are in the database then, and nowhere else.
 */
import { fromFileOutput, toFileOutput } from './file-outputs.ts';
import type { FileOutput, NotebookFile } from './format.ts';
import { sameJson } from './json.ts';

interface Said {
  count: number | null;
  /** As they stand in the file, with all that another program wrote into them. */
  outputs: FileOutput[];
}

/** Of each cell whose run is over: what it said, and the count that was written with it. */
export type Settled = ReadonlyMap<string, Said>;

const isBag = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether outputs and counts of this notebook go into its file. */
export function writesOutputs(metadata: Readonly<Record<string, unknown>>): boolean {
  const { trialroom } = metadata;
  return !(isBag(trialroom) && trialroom.outputs === false);
}

/** What a reader is shown of an output: no count, and nothing that the page has no place for. */
function shown(output: FileOutput): FileOutput {
  const plain = toFileOutput(fromFileOutput(output, null));
  return plain.output_type === 'execute_result' ? { ...plain, execution_count: null } : plain;
}

const saySame = (before: readonly FileOutput[], now: readonly FileOutput[]): boolean =>
  before.length === now.length &&
  before.every((output, index) => {
    const other = now[index];
    return other !== undefined && sameJson(shown(output), shown(other));
  });

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
      running.has(cell.id) && known ? known : { count: cell.execution_count, outputs: cell.outputs },
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
      const { count, outputs } = settled.get(cell.id) ?? { count: null, outputs: [] };
      return saySame(outputs, cell.outputs) ? { ...cell, execution_count: count, outputs } : cell;
    }),
  };
}
