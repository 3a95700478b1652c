/**
 * Edits of whole cells: what is made, moved, joined, parted, cut and pasted. Each is one step of undo, and each leaves the
 * selection where a hand would look for it. What a person may not change stays as it is.
 */
import * as edits from '@trialroom/shared/notebook/cell-edits';
import type { CellType } from '@trialroom/shared/notebook/document';
import type { Accessor } from 'solid-js';
import { keep, kept, type LooseCell } from '../keys/clipboard.ts';
import type { Selecting } from '../selecting.ts';
import { type Cells, newCellId, STRUCTURE } from './cells.ts';

/** The edits of {@link createEditing}, as the notebook offers them to keys, menus and hands. */
export type Editing = ReturnType<typeof createEditing>;

/** Makes the edits of whole cells. Where `canEdit` is false, they do nothing. */
export function createEditing(options: { cells: Cells; selecting: Selecting; canEdit: Accessor<boolean> }) {
  const { cells, selecting, canEdit } = options;
  const { select, shown, mode } = selecting;

  /** The cell to look at once these are gone. */
  const beside = (gone: readonly string[]): string | undefined => {
    const left = shown().filter((id) => !gone.includes(id));
    const place = shown().indexOf(gone[0] ?? '');
    return left[Math.min(Math.max(0, place), left.length - 1)];
  };

  function remove(ids: readonly string[]): void {
    if (!canEdit() || ids.length === 0) return;
    const next = beside(ids);
    cells.change((doc) => edits.deleteCells(doc, withFolded(ids), STRUCTURE));
    if (next !== undefined) select(next, 'cell');
  }

  /** A folded heading takes along what it hides. */
  function withFolded(ids: readonly string[]): string[] {
    const all = cells.ids();
    const inSight = new Set(shown());
    return ids.flatMap((id) => {
      const at = all.indexOf(id);
      const end = all.findIndex((other, index) => index > at && inSight.has(other));
      return at < 0 ? [] : all.slice(at, end < 0 ? undefined : end);
    });
  }

  function insertCells(seeds: readonly LooseCell[], after: string | null): string[] {
    return canEdit() && seeds.length > 0 ? cells.insert(seeds, after) : [];
  }

  function copy(ids: readonly string[]): LooseCell[] {
    const copied = cells.change((doc) => edits.readCells(doc, withFolded(ids)));
    keep(copied);
    return copied;
  }

  return {
    /** Puts a new cell after `after` (null: at the top), and the focus into it. */
    insert(type: CellType, after: string | null): string | undefined {
      const [made] = insertCells([{ type, source: '' }], after === null ? null : (withFolded([after]).at(-1) ?? after));
      if (made !== undefined) select(made, type === 'code' ? 'cell' : 'text');
      return made;
    },
    remove,
    setType(ids: readonly string[], type: CellType): void {
      if (canEdit()) cells.change((doc) => edits.setCellTypes(doc, ids, type, STRUCTURE));
    },
    /** Makes text cells headings of this level. */
    setHeading(ids: readonly string[], level: number): void {
      if (!canEdit()) return;
      cells.change((doc) =>
        doc.transact(() => {
          edits.setCellTypes(doc, ids, 'markdown', STRUCTURE);
          for (const id of ids) {
            const text = cells.get(id)?.text;
            if (!text) continue;
            const marks = /^#{0,6} */.exec(text.toString())?.[0].length ?? 0;
            text.delete(0, marks);
            text.insert(0, `${'#'.repeat(level)} `);
          }
        }, STRUCTURE),
      );
    },
    /** Moves a stretch of cells by one place. */
    move(ids: readonly string[], by: -1 | 1): void {
      if (!canEdit()) return;
      const first = shown().indexOf(ids[0] ?? '');
      const last = shown().indexOf(ids.at(-1) ?? '');
      const over = shown()[by < 0 ? first - 1 : last + 1];
      if (first < 0 || over === undefined) return;
      const all = cells.ids();
      const after = by < 0 ? (all[all.indexOf(over) - 1] ?? null) : (withFolded([over]).at(-1) ?? over);
      cells.change((doc) => edits.moveCells(doc, withFolded(ids), after, STRUCTURE));
      const head = selecting.selected();
      if (head !== null) selecting.setWish({ cell: head, place: mode() === 'edit' ? 'text' : 'cell' });
    },
    /** Moves cells to just after `after` and what is folded below it (null: to the top). */
    moveTo(ids: readonly string[], after: string | null): void {
      if (!canEdit()) return;
      const target = after === null ? null : (withFolded([after]).at(-1) ?? after);
      cells.change((doc) => edits.moveCells(doc, withFolded(ids), target, STRUCTURE));
      const head = selecting.selected();
      if (head !== null && ids.includes(head)) selecting.setWish({ cell: head, place: 'cell' });
    },
    /** Parts a cell at these places of its text, and puts the focus into the part below the first cut. */
    split(id: string, places: readonly number[]): void {
      if (!canEdit()) return;
      const parts = cells.change((doc) => edits.splitCell(doc, id, places, newCellId, STRUCTURE));
      if (parts[1] !== undefined) select(parts[1], 'start');
    },
    /** Joins the stretch, or a single cell and the one below it. */
    merge(ids: readonly string[]): void {
      const [only] = ids;
      const below = only === undefined ? undefined : shown()[shown().indexOf(only) + 1];
      const wanted = ids.length > 1 || below === undefined ? ids : [...ids, below];
      if (!canEdit() || wanted.length < 2) return;
      const made = cells.change((doc) => edits.mergeCells(doc, wanted, STRUCTURE));
      if (made !== undefined) select(made, 'cell');
    },
    copy,
    cut(ids: readonly string[]): LooseCell[] {
      const copied = copy(ids);
      remove(ids);
      return copied;
    },
    /** Puts cells below the last of `ids`, or above the first; those cut or copied last when none are given. */
    paste(ids: readonly string[], where: 'below' | 'above', given: readonly LooseCell[] = kept()): void {
      const all = cells.ids();
      const below = withFolded(ids).at(-1) ?? null;
      const made = insertCells(given, where === 'below' ? below : (all[all.indexOf(ids[0] ?? '') - 1] ?? null));
      const last = made.at(-1);
      if (last !== undefined) select(last, 'cell');
    },
    /** Puts a part of the cells out of sight, or back when all of them have it so. */
    toggleHidden(ids: readonly string[], part: edits.CellPart): void {
      if (!canEdit()) return;
      const hidden = ids.every((id) => {
        const look = cells.get(id)?.look();
        return part === 'source' ? look?.sourceHidden : look?.outputsHidden;
      });
      cells.change((doc) => edits.setHidden(doc, ids, part, !hidden, STRUCTURE));
    },
    /** Folds away what stands below the heading of a cell, or unfolds it. */
    toggleFold(id: string, folded = !cells.get(id)?.look().folded): void {
      if (canEdit()) cells.change((doc) => edits.setFolded(doc, id, folded, STRUCTURE));
    },
    /**
     * Makes an image part of a text cell.
     * @returns the Markdown that shows it
     */
    attach(id: string, name: string, image: edits.Attachment): string | undefined {
      if (!canEdit()) return undefined;
      const made = cells.change((doc) => edits.attach(doc, id, name, image, STRUCTURE));
      return made === undefined ? undefined : `![${made.replace(/\.[^.]*$/, '')}](attachment:${made})`;
    },
  };
}
