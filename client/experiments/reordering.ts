/** A column dragged to another place by its head, from the press until the hand lets go. */

/** The list with one of it elsewhere. @param before the place that it is put before; the list's length: at the end */
export function movedTo<T>(list: readonly T[], from: number, before: number): T[] {
  const next = [...list];
  const [one] = next.splice(from, 1);
  if (one !== undefined) next.splice(before > from ? before - 1 : before, 0, one);
  return next;
}

export interface Reordering {
  /** The heads that may change places, from left to right. */
  heads: () => readonly HTMLElement[];
  /** The place that it would be put before. */
  moved: (before: number) => void;
  /** Called once, with the last place; null when the pointer hardly moved. */
  ended: (before: number | null) => void;
}

/** px that a press may wander and still be a press. */
const SLACK = 5;

export function dragOrder(event: PointerEvent, { heads, moved, ended }: Reordering): void {
  // A finger scrolls.
  if (event.pointerType === 'touch' || event.button !== 0) return;
  const head = event.currentTarget as HTMLElement;
  const start = event.clientX;
  let before: number | null = null;
  const move = (at: PointerEvent): void => {
    if (before === null && Math.abs(at.clientX - start) <= SLACK) return;
    // From here on it is no press any more: what is under the pointer is not clicked.
    if (before === null) head.setPointerCapture(event.pointerId);
    const passed = heads().filter((one) => {
      const { left, width } = one.getBoundingClientRect();
      return at.clientX > left + width / 2;
    });
    before = passed.length;
    moved(before);
  };
  const end = (): void => {
    removeEventListener('pointermove', move);
    removeEventListener('pointerup', end);
    removeEventListener('pointercancel', end);
    ended(before);
  };
  addEventListener('pointermove', move);
  addEventListener('pointerup', end);
  addEventListener('pointercancel', end);
}
