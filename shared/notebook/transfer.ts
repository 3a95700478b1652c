/**
 * Between a notebook file and its shared document: fills a new document from a file, and reads a document back as a
 * file. Outputs pass by the document: they are handed in from outside when the file is made.
 */
import type * as Y from 'yjs';
import {
  type CellSeed,
  cellExtraOf,
  cellMetadataOf,
  cellOrder,
  cellsOf,
  extraOf,
  insertCells,
  metadataOf,
  sourceOf,
  typeOf,
} from './document.ts';
import { fromFileOutput, toFileOutput } from './file-outputs.ts';
import { FileAttachments, type FileCell, type NotebookFile } from './format.ts';
import type { Output } from './outputs.ts';

/** Outputs and execution count by cell id; `running` while more of them may come. */
export type OutputsByCell = Record<string, { outputs: Output[]; count: number | null; running?: boolean }>;

const CELL_KEYS = new Set(['id', 'cell_type', 'source', 'metadata', 'outputs', 'execution_count']);
const FILE_KEYS = new Set(['nbformat', 'metadata', 'cells']);

/** What a file's cell carries beyond what the document has a place for: attachments and unknown keys. */
export const cellExtra = (cell: FileCell): Record<string, unknown> =>
  Object.fromEntries(Object.entries(cell).filter(([key, value]) => !CELL_KEYS.has(key) && value !== undefined));

/** The top-level keys of a file beyond metadata and cells, among them `nbformat_minor`. */
export const fileExtra = (file: NotebookFile): Record<string, unknown> =>
  Object.fromEntries(Object.entries(file).filter(([key, value]) => !FILE_KEYS.has(key) && value !== undefined));

/** A file's cell as what makes a live one. */
export const seedOf = (cell: FileCell): CellSeed => ({
  id: cell.id,
  type: cell.cell_type,
  source: cell.source,
  metadata: cell.metadata,
  extra: cellExtra(cell),
});

/** Puts the whole notebook into an empty document, in one transaction. */
export function fillDocument(doc: Y.Doc, notebook: NotebookFile, origin?: unknown): void {
  doc.transact(() => {
    for (const [key, value] of Object.entries(notebook.metadata)) metadataOf(doc).set(key, value);
    for (const [key, value] of Object.entries(fileExtra(notebook))) extraOf(doc).set(key, value);
    insertCells(doc, notebook.cells.map(seedOf), null);
  }, origin);
}

/** The document as a file, with these outputs under its code cells. */
export function readDocument(doc: Y.Doc, outputs: OutputsByCell = {}): NotebookFile {
  const { nbformat_minor: minor, ...extra } = extraOf(doc).toJSON();
  return {
    ...extra,
    nbformat: 4,
    nbformat_minor: typeof minor === 'number' && Number.isInteger(minor) ? Math.max(5, minor) : 5,
    metadata: metadataOf(doc).toJSON(),
    cells: cellOrder(doc).flatMap((id) => readCell(doc, id, outputs[id]) ?? []),
  };
}

/** What a file holds under its code cells. */
export const outputsOf = (notebook: NotebookFile): OutputsByCell =>
  Object.fromEntries(
    notebook.cells.flatMap((cell) => {
      if (cell.cell_type !== 'code') return [];
      const { outputs, execution_count: count } = cell;
      return [[cell.id, { outputs: outputs.map((output) => fromFileOutput(output, count)), count }]];
    }),
  );

function readCell(doc: Y.Doc, id: string, shown: OutputsByCell[string] | undefined): FileCell | null {
  const cell = cellsOf(doc).get(id);
  if (!cell) return null;
  const { attachments, ...extra } = cellExtraOf(cell);
  const type = typeOf(cell);
  const attached = FileAttachments.safeParse(attachments);
  const parts = {
    ...extra,
    id,
    source: sourceOf(cell).toString(),
    metadata: cellMetadataOf(cell).toJSON(),
    ...(attached.success && type !== 'code' ? { attachments: attached.data } : {}),
  };
  if (type !== 'code') return { ...parts, cell_type: type };
  return {
    ...parts,
    cell_type: 'code',
    outputs: shown?.outputs.map(toFileOutput) ?? [],
    execution_count: shown?.count ?? null,
  };
}
