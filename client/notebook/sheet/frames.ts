/**
 * Draws at most once a frame. The first change after a quiet frame is drawn at once, so that a single result costs no
 * waiting; what follows within the same frame is drawn together at its end. A hidden tab draws nothing.
 */

/** Wraps `draw`; call the result whenever something changed. Also returns what ends it. */
export function oncePerFrame(draw: () => void): { changed: () => void; stop: () => void } {
  let frame: number | null = null;
  let again = false;
  const onFrame = (): void => {
    frame = null;
    if (!again) return;
    again = false;
    frame = requestAnimationFrame(onFrame);
    draw();
  };
  return {
    changed() {
      if (frame !== null) {
        again = true;
        return;
      }
      frame = requestAnimationFrame(onFrame);
      draw();
    },
    stop() {
      if (frame !== null) cancelAnimationFrame(frame);
      frame = null;
      again = false;
    },
  };
}

/** Runs something while the browser has nothing else to do. Safari has no idle callback; there a timer is near enough. */
export const whenIdle = (run: () => void): number =>
  typeof requestIdleCallback === 'function' ? requestIdleCallback(run, { timeout: 2000 }) : window.setTimeout(run, 50);
