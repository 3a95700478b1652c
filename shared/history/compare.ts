/**
 * Two versions of a notebook side by side: which cells came, went, moved or changed. Cells are known by their ids. It says
 * what differs; how a difference is drawn is the page's business.
 */
import { sameJson } from '../notebook/json.ts';
import type { VersionCell, VersionChanges } from './history.ts';
import { keptInPlace } from './order.ts';

/** One cell of two versions; the side where it is not is null. */
export interface CellDifference {
  id: string;
  before: VersionCell | null;
  after: VersionCell | null;
  /** It stands elsewhere among the cells that both versions hold. */
  moved: boolean;
  /** What differs, in a cell that both hold. */
  source: boolean;
  kind: boolean;
  metadata: boolean;
  outputs: boolean;
}

/** What a difference is called in one word; a cell that moved and changed is `changed`. */
export type DifferenceName = 'same' | 'added' | 'removed' | 'changed' | 'moved';

export function nameOf(difference: CellDifference): DifferenceName {
  const { before, after, moved, source, kind, metadata, outputs } = difference;
  if (!before) return 'added';
  if (!after) return 'removed';
  if (source || kind || metadata || outputs) return 'changed';
  return moved ? 'moved' : 'same';
}

/**
 * All cells of both versions in the order of `after`; a cell that went stands behind the one that it followed.
 * Taking the `after` of each gives `after` again.
 */
export function compareCells(before: readonly VersionCell[], after: readonly VersionCell[]): CellDifference[] {
  const old = new Map(before.map((cell) => [cell.id, cell]));
  const now = new Map(after.map((cell) => [cell.id, cell]));
  const kept = keptInPlace(
    before.map(({ id }) => id),
    after.map(({ id }) => id),
  );
  /** Cells that went, by the id of the cell before them that is still there; null: at the top. */
  const gone = new Map<string | null, VersionCell[]>();
  let last: string | null = null;
  for (const cell of before) {
    if (now.has(cell.id)) last = cell.id;
    else gone.set(last, [...(gone.get(last) ?? []), cell]);
  }
  const removed = (behind: string | null): CellDifference[] =>
    (gone.get(behind) ?? []).map((cell) => difference(cell.id, cell, null, false));
  return [
    ...removed(null),
    ...after.flatMap((cell) => {
      const was = old.get(cell.id) ?? null;
      return [difference(cell.id, was, cell, was !== null && !kept.has(cell.id)), ...removed(cell.id)];
    }),
  ];
}

function difference(id: string, before: VersionCell | null, after: VersionCell | null, moved: boolean): CellDifference {
  const both = before !== null && after !== null;
  return {
    ...{ id, before, after, moved },
    source: both && before.source !== after.source,
    kind: both && before.type !== after.type,
    metadata: both && !(sameJson(before.metadata, after.metadata) && sameJson(before.extra, after.extra)),
    outputs: both && !sameJson(before.outputs, after.outputs),
  };
}

/** What identifies a cell and all that people wrote in it. */
export interface CellMark {
  id: string;
  /** Equal where the cells say the same. */
  mark: string;
}

/** What changed between two lists of cells, in cells; outputs do not count, since nobody wrote them. */
export function countChanges(before: readonly CellMark[], after: readonly CellMark[]): VersionChanges {
  const old = new Map(before.map(({ id, mark }) => [id, mark]));
  const kept = keptInPlace(
    before.map(({ id }) => id),
    after.map(({ id }) => id),
  );
  const common = after.filter(({ id }) => old.has(id));
  return {
    added: after.length - common.length,
    removed: old.size - common.length,
    changed: common.filter(({ id, mark }) => old.get(id) !== mark).length,
    moved: common.filter(({ id }) => !kept.has(id)).length,
  };
}
