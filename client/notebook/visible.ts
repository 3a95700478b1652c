/**
 * Decides which cells are drawn: in a long notebook those on or near the screen, in a small one all of them, whose editors
 * come one by one while the browser has nothing else to do. A notebook of two thousand cells opens as fast as one of ten.
 */
import { type Accessor, createSignal, onCleanup, untrack } from 'solid-js';

/** Up to this many cells, every cell gets its editor sooner or later and keeps it. */
export const SMALL = 80;
/** How far beyond the screen editors are made ready, and kept. */
const NEAR = '800px 0px';

export interface Mounting {
  /** Follows the element of a cell until the owner is disposed; true while its editor should exist. */
  follow(element: Element): Accessor<boolean>;
  /** What {@link follow} returned for this element; undefined when nobody follows it. */
  followed(element: Element): Accessor<boolean> | undefined;
  /** Whether the notebook is so short that every cell is drawn wherever it is. Tracked. */
  small(): boolean;
}

export function createMounting(count: () => number): Mounting {
  const seen = new Map<Element, (near: boolean, height: number) => void>();
  const following = new WeakMap<Element, Accessor<boolean>>();
  const waiting = new Set<() => void>();
  let idle = 0;

  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) seen.get(entry.target)?.(entry.isIntersecting, entry.boundingClientRect.height);
    },
    { rootMargin: NEAR },
  );

  // Safari has no idle callback; a timer is near enough, as nobody waits for these.
  const whenIdle = (run: () => void): number =>
    typeof requestIdleCallback === 'function'
      ? requestIdleCallback(run, { timeout: 2000 })
      : window.setTimeout(run, 50);
  const mountNext = (): void => {
    idle = 0;
    const [next] = waiting;
    if (!next) return;
    waiting.delete(next);
    next();
    if (waiting.size > 0) idle = whenIdle(mountNext);
  };
  onCleanup(() => {
    observer.disconnect();
    waiting.clear();
  });

  return {
    small: () => count() <= SMALL,
    followed: (element) => following.get(element),
    follow(element) {
      const [mounted, setMounted] = createSignal(false);
      const mount = (): void => void setMounted(true);
      seen.set(element, (near, height) => {
        if (near) mount();
        else if (count() > SMALL && untrack(mounted) && !keepsState(element)) {
          // What has gone keeps its place, so that nothing jumps.
          if (element instanceof HTMLElement) element.style.setProperty('--kept', `${height}px`);
          setMounted(false);
        }
      });
      following.set(element, mounted);
      observer.observe(element);
      if (untrack(count) <= SMALL) {
        waiting.add(mount);
        if (idle === 0) idle = whenIdle(mountNext);
      }
      onCleanup(() => {
        observer.unobserve(element);
        seen.delete(element);
        waiting.delete(mount);
      });
      return mounted;
    },
  };
}

/** A frame would begin anew, and a focus or a pointer would be lost, if what is in the cell went. */
const keepsState = (element: Element): boolean => element.querySelector('iframe, :focus') !== null;
