/** How wide an element is, for drawings that are made anew for every width: letters in them are never stretched. */
import { type Accessor, createSignal, onCleanup, onMount } from 'solid-js';

/** Its width in CSS pixels, 0 until it is in the page. `element` is asked once, when the calling component is mounted. */
export function createWidth(element: () => Element | undefined): Accessor<number> {
  const [width, setWidth] = createSignal(0);
  onMount(() => {
    const measured = element();
    if (!measured) return;
    const sizes = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    sizes.observe(measured);
    onCleanup(() => sizes.disconnect());
  });
  return width;
}
