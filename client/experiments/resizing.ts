/** A column made wider or narrower by hand, from the press on its grip until the hand lets go. */

/** Widths that a column may have, in px. */
export const bounded = (px: number): number => Math.max(48, Math.min(1000, px));

export interface Dragging {
  /** The width when it began. */
  before: number;
  /** Units of width for each px that the pointer moves. */
  scale: number;
  moved: (width: number) => void;
  /** Called once, with the last width; null when the pointer never moved. */
  ended: (width: number | null) => void;
}

export function dragWidth(event: PointerEvent, { before, scale, moved, ended }: Dragging): void {
  event.preventDefault();
  const grip = event.currentTarget as HTMLElement;
  const start = event.clientX;
  let width: number | null = null;
  grip.setPointerCapture(event.pointerId);
  const move = (at: PointerEvent): void => {
    width = bounded(before + (at.clientX - start) * scale);
    moved(width);
  };
  grip.addEventListener('pointermove', move);
  grip.addEventListener(
    'lostpointercapture',
    () => {
      grip.removeEventListener('pointermove', move);
      ended(width);
    },
    { once: true },
  );
}
