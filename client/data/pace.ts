/**
 * Slows a quick succession of changes down to what eyes can follow, and to nothing while the page is hidden: figures
 * that change twenty times a second cannot be read, and cost for nobody.
 */

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
