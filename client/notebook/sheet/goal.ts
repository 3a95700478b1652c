/**
 * What was jumped to stays where it was put while cells are drawn around it, until someone looks elsewhere: by a wheel, a
 * finger, a key, or a scroll bar, which tells of nothing but the place it leads to.
 */
import { onCleanup } from 'solid-js';

/** The cell that was jumped to, for whoever draws around it. */
export interface Goal {
  /** From now on `place` brings this cell into sight; it is called at once, or after the effect that draws the cell. */
  set(id: string, place: () => void): void;
  /** Something was drawn: the cell is brought into sight again. */
  put(): void;
  /** The sheet was scrolled, by whomever. */
  scrolled(): void;
  drop(): void;
}

/** What a hand does to look elsewhere. */
const ACTS = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;

/**
 * For how long after a jump, in ms, a scroll that leads elsewhere is an editor's: it draws what an earlier jump chose in
 * it, as when Enter is pressed twice in one frame. No hand is so quick.
 */
const SETTLING_MS = 200;

/** Lives until the owner is disposed. */
export function createGoal(elementOf: (id: string) => HTMLElement | undefined): Goal {
  /** Where the cell was on the screen, and the sheet in the window, when it was put there last, in px. */
  let goal: { id: string; place: () => void; top: number; scrolled: number; since: number } | null = null;
  const topOf = (id: string): number => elementOf(id)?.getBoundingClientRect().top ?? 0;
  const put = (): void => {
    if (!goal) return;
    goal.place();
    goal.top = topOf(goal.id);
    goal.scrolled = scrollY;
  };
  const drop = (): void => {
    goal = null;
  };
  for (const act of ACTS) window.addEventListener(act, drop, { capture: true, passive: true });
  onCleanup(() => {
    for (const act of ACTS) window.removeEventListener(act, drop, { capture: true });
  });
  return {
    set(id, place) {
      const mine = { id, place, top: 0, scrolled: 0, since: performance.now() };
      goal = mine;
      // Within an effect what was asked for is drawn only after it.
      if (elementOf(id)) put();
      else {
        queueMicrotask(() => {
          if (goal === mine) put();
        });
      }
    },
    put,
    scrolled() {
      // What is drawn, and the browser for its sake, moves the cell by less than a screen; further leads only a hand.
      const far = (now: number, before: number): boolean => Math.abs(now - before) > innerHeight;
      if (!goal || !far(scrollY, goal.scrolled) || !far(topOf(goal.id), goal.top)) return;
      if (performance.now() - goal.since < SETTLING_MS) put();
      else drop();
    },
    drop,
  };
}
