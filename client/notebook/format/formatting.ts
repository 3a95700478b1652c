/**
 * Formats cells of code when asked to, and never by itself. All of them together are one step of undo, and cursors stay
 * at their words: of each text only what differs is replaced. A cell that cannot be read is left as it is and named.
 */
import { changeText } from '@trialroom/shared/notebook/document';
import type { Accessor } from 'solid-js';
import { type Cells, STRUCTURE } from '../document/cells.ts';
import { formatCode } from './format-code.ts';

/** Makes what formats the cells of a notebook. */
export function createFormatting(options: {
  cells: Cells;
  canEdit: Accessor<boolean>;
  /** Does something that may fail, and shows the failure. */
  attempt(work: () => Promise<unknown>): Promise<boolean>;
}) {
  const { cells, canEdit, attempt } = options;
  return {
    /** Formats those of the cells that are code. */
    async format(ids: readonly string[]): Promise<void> {
      if (!canEdit()) return;
      await attempt(async () => {
        const code = ids.flatMap((id) => {
          const cell = cells.get(id);
          return cell?.type() === 'code' ? [{ id, text: cell.text, source: cell.text.toString() }] : [];
        });
        const set = await Promise.all(code.map(async (one) => ({ ...one, formatted: await formatCode(one.source) })));
        // Who writes in a cell meanwhile is not written over.
        const changed = set.flatMap(({ text, source, formatted }) =>
          formatted.kind === 'formatted' && formatted.text !== source && text.toString() === source
            ? [{ text, target: formatted.text }]
            : [],
        );
        if (changed.length > 0) {
          cells.change((doc) =>
            doc.transact(() => {
              for (const { text, target } of changed) changeText(text, target);
            }, STRUCTURE),
          );
        }
        const left = set.flatMap(({ id, formatted }) =>
          formatted.kind === 'unreadable' ? [{ id, ...formatted }] : [],
        );
        const [first] = left;
        if (!first) return;
        const where = `cell ${cells.ids().indexOf(first.id) + 1}, line ${first.line}, column ${first.column}`;
        const others = left.length > 1 ? ` ${left.length - 1} more cells could not be read either.` : '';
        throw new Error(`Not formatted: ${first.problem} (${where}). Its text is as it was.${others}`);
      });
    },
  };
}
