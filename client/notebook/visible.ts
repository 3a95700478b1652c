/**
 * Decides which cells hold an editor: those on or near the screen, and in a small notebook all of them, one by one while
 * the browser has nothing else to do. A notebook of a thousand cells opens as fast as one of ten.
 */
import { type Accessor, createSignal, onCleanup } from 'solid-js';

/** Up to this many cells, every cell gets its editor sooner or later and keeps it. */
export const SMALL = 80;
/** How far beyond the screen editors are made ready, and kept. */
const NEAR = '800px 0px';

export interface Mounting {
  /** Follows an element; true while its editor should exist. */
  follow(element: Element): Accessor<boolean>;
}

export function createMounting(count: () => number): Mounting {
  const seen = new Map<Element, (near: boolean) => void>();
  const waiting = new Set<() => void>();
  let idle = 0;

  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) seen.get(entry.target)?.(entry.isIntersecting);
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
    follow(element) {
      const [mounted, setMounted] = createSignal(false);
      const mount = (): void => void setMounted(true);
      seen.set(element, (near) => {
        if (near) mount();
        else if (count() > SMALL) setMounted(false);
      });
      observer.observe(element);
      if (count() <= SMALL) {
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
