import { createEffect, onCleanup } from 'solid-js';

/** What one does oneself, as far as it says where one wants to look. */
const ACTS = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;

/**
 * While `following` holds, calls `stop` as soon as one acts oneself.
 * @param within selects the part of the page in which acting does not count
 */
export function untilOwnAct(following: () => boolean, within: string, stop: () => void): void {
  const act = (event: Event): void => {
    if (event.target instanceof Element && event.target.closest(within)) return;
    stop();
  };
  createEffect(() => {
    if (!following()) return;
    for (const kind of ACTS) window.addEventListener(kind, act, { capture: true, passive: true });
    onCleanup(() => {
      for (const kind of ACTS) window.removeEventListener(kind, act, { capture: true });
    });
  });
}
