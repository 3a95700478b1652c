/**
 * Slows a quick succession of changes down to what eyes can follow, and to nothing while the page is hidden: figures
 * that change twenty times a second cannot be read, and cost for nobody.
 */

/** Least time between two changes of figures that people read, in ms. */
export const READING_PACE = 400;

/** Calls `act` soon after each call of the returned function: at most once each `ms`, and only while the page is visible. */
export function paced(act: () => void, ms: number): () => void {
  let waiting = false;
  const go = (): void => {
    if (document.visibilityState === 'hidden') {
      document.addEventListener('visibilitychange', go, { once: true });
      return;
    }
    waiting = false;
    act();
  };
  return () => {
    if (waiting) return;
    waiting = true;
    setTimeout(go, ms);
  };
}

/**
 * The same for what changes the page beside something else that does: acts at once, on the first call of each stretch of
 * `ms`, so that both are drawn in one frame; stretches begin at the same moments for all. Later calls of a stretch are
 * acted on by the first of another, or a little later without one.
 */
export function calmed(act: () => void, ms: number): () => void {
  const stretch = (): number => Math.floor(performance.now() / ms);
  let last = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const go = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (document.visibilityState === 'hidden') {
      document.addEventListener('visibilitychange', go, { once: true });
      return;
    }
    last = stretch();
    act();
  };
  return () => {
    if (stretch() > last) go();
    else timer ??= setTimeout(go, ms * 1.5);
  };
}
