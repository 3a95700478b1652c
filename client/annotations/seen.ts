/** What is looked at counts as read: a thread that is in sight, in a window that is in front. */
import { createEffect, createSignal, onCleanup, onMount } from 'solid-js';

/** Calls `onSeen` while the element is in sight, and again when what it reads changes. */
export function whileSeen(element: () => HTMLElement | undefined, onSeen: () => void): void {
  onMount(() => {
    const box = element();
    const [visible, setVisible] = createSignal(false);
    const [shown, setShown] = createSignal(!document.hidden);
    const seen = new IntersectionObserver((entries) => setVisible(entries.at(-1)?.isIntersecting ?? false));
    if (box) seen.observe(box);
    const changed = (): void => void setShown(!document.hidden);
    document.addEventListener('visibilitychange', changed);
    createEffect(() => {
      if (visible() && shown()) onSeen();
    });
    onCleanup(() => {
      seen.disconnect();
      document.removeEventListener('visibilitychange', changed);
    });
  });
}
