/** Reads a shared document as a version holds it. */
import type { VersionCell } from '@trialroom/shared/history/history';
import {
  cellExtraOf,
  cellMetadataOf,
  cellOrder,
  cellsOf,
  extraOf,
  metadataOf,
  sourceOf,
  typeOf,
} from '@trialroom/shared/notebook/document';
import type { OutputsByCell } from '@trialroom/shared/notebook/transfer';
import type * as Y from 'yjs';
import { bounded, type Snapshot } from './contents.ts';

/** What people wrote, as it is now; without outputs. */
export function readSources(doc: Y.Doc): Snapshot {
  return {
    metadata: metadataOf(doc).toJSON(),
    extra: extraOf(doc).toJSON(),
    cells: cellOrder(doc).flatMap((id): VersionCell[] => {
      const cell = cellsOf(doc).get(id);
      if (!cell) return [];
      const text = { source: sourceOf(cell).toString(), metadata: cellMetadataOf(cell).toJSON() };
      return [{ id, type: typeOf(cell), ...text, extra: cellExtraOf(cell), outputs: [], count: null }];
    }),
  };
}

/** The snapshot with these outputs under its code cells, as far as they are small enough to be kept. */
export const withOutputs = (snapshot: Snapshot, outputs: OutputsByCell): Snapshot => ({
  ...snapshot,
  cells: bounded(
    snapshot.cells.map((cell) => {
      const shown = cell.type === 'code' ? outputs[cell.id] : undefined;
      return shown ? { ...cell, outputs: shown.outputs, count: shown.count } : cell;
    }),
  ),
});
