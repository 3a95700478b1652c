/**
 * Which cells are chosen: one, or a stretch of them between an anchor and the one that has the focus. Pure: it knows
 * ids and their order, and the page does the rest.
 */

/** `head` has the focus and moves; `anchor` is where the stretch began. Both null when there are no cells. */
export interface Selection {
  anchor: string | null;
  head: string | null;
}

/** No cell is chosen. */
export const NOTHING: Selection = { anchor: null, head: null };

/** One cell. */
export const only = (id: string | null): Selection => ({ anchor: id, head: id });

/** The chosen ids from top to bottom. */
export function chosen({ anchor, head }: Selection, ids: readonly string[]): readonly string[] {
  if (head === null) return [];
  const at = ids.indexOf(head);
  if (at < 0) return [];
  const from = anchor === null ? -1 : ids.indexOf(anchor);
  if (from < 0) return [head];
  return ids.slice(Math.min(from, at), Math.max(from, at) + 1);
}

/** The stretch grown or shrunk by moving its head; the same selection at an end. */
export function extend(selection: Selection, ids: readonly string[], by: -1 | 1): Selection {
  const next = selection.head === null ? undefined : ids[ids.indexOf(selection.head) + by];
  return next === undefined ? selection : { anchor: selection.anchor ?? selection.head, head: next };
}

/** The stretch from its anchor to `id`. */
export const extendTo = (selection: Selection, id: string): Selection => ({ anchor: selection.anchor ?? id, head: id });

/** All cells; the head stays where it is when it can, so that nothing scrolls. */
export function all(ids: readonly string[]): Selection {
  return { anchor: ids[0] ?? null, head: ids.at(-1) ?? null };
}

/**
 * The selection after the order has changed. A cell that is gone hands it to the one that took its place.
 * @param before the order until now
 */
export function follow(selection: Selection, before: readonly string[], now: readonly string[]): Selection {
  const { anchor, head } = selection;
  if (head !== null && now.includes(head)) {
    return anchor === null || now.includes(anchor) ? selection : only(head);
  }
  if (now.length === 0) return NOTHING;
  const place = head === null ? 0 : Math.max(0, before.indexOf(head));
  // The nearest that is left below, else above: whole stretches may go at once.
  const left = new Set(now);
  const next = before.slice(place).find((id) => left.has(id)) ?? before.slice(0, place).findLast((id) => left.has(id));
  return only(next ?? now[Math.min(place, now.length - 1)] ?? null);
}
