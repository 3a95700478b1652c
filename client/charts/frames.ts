/**
 * When a chart may draw: at most once an animation frame, and only while its page is visible and it is on screen.
 * What was asked for meanwhile is drawn once, when it can be seen again.
 */

export interface Frames {
  /** Something changed: draw soon. */
  request(): void;
  end(): void;
}

/** Draws `host` by calling `draw` in frames. */
export function createFrames(host: Element, draw: () => void): Frames {
  let wanted = false;
  let onScreen = false;
  let frame = 0;
  const plan = (): void => {
    if (frame !== 0 || !wanted || !onScreen || document.visibilityState === 'hidden') return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      wanted = false;
      draw();
    });
  };
  const observer = new IntersectionObserver(
    (entries) => {
      onScreen = entries.at(-1)?.isIntersecting ?? false;
      plan();
    },
    { rootMargin: '100px' },
  );
  observer.observe(host);
  document.addEventListener('visibilitychange', plan);
  return {
    request() {
      wanted = true;
      plan();
    },
    end() {
      wanted = false;
      cancelAnimationFrame(frame);
      observer.disconnect();
      document.removeEventListener('visibilitychange', plan);
    },
  };
}
