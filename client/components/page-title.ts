/** The window's title follows the page. */
import { createEffect, onCleanup } from 'solid-js';

/** Sets the title while the calling component lives. */
export function PageTitle(title: () => string | undefined): void {
  createEffect(() => {
    const text = title();
    document.title = text ? `${text} · Trialroom` : 'Trialroom';
  });
  onCleanup(() => {
    document.title = 'Trialroom';
  });
}
