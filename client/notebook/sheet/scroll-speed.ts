/** Whether the sheet rushes by: what is on the screen only for a moment need not be more than readable. */

/** From so many px a ms on, nobody reads along. */
const RUSHING = 2;
/** After so long without a move, in ms, it rests. */
const REST = 80;

/** Tells whether the sheet rushes by so fast that nobody reads. */
export interface ScrollSpeed {
  /** The sheet has been scrolled to `y`, in px, at `now`, in ms. */
  moved(y: number, now: number): void;
  rushes(now: number): boolean;
}

/** Follows the places that the sheet is scrolled to. Pure but for its memory: times are handed in. */
export function createScrollSpeed(): ScrollSpeed {
  let place = 0;
  let at = Number.NEGATIVE_INFINITY;
  let speed = 0;
  return {
    moved(y, now) {
      // A jump after a rest is no rush: whoever jumps wants to be there.
      speed = now - at < REST ? Math.abs(y - place) / Math.max(1, now - at) : 0;
      place = y;
      at = now;
    },
    rushes: (now) => speed > RUSHING && now - at < REST,
  };
}
