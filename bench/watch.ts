/**
 * Clocks inside pages. All pages and kernels of a bench run on one machine, so epoch milliseconds compare; in a page
 * `performance.timeOrigin + performance.now()` gives them with fractions. "Drawn" is the moment after the frame that holds
 * the change was handed to the compositor: a message posted from an animation frame arrives after its paint.
 */
import type { Page } from 'playwright-core';

declare global {
  interface Window {
    /** Epoch ms of the newest key press. */
    pressedAt: number;
    /** Resolves with the epoch ms at which `selector`'s text, drawn, contained `text`. */
    drawnWith: (selector: string, text: string) => Promise<number>;
  }
}

/** Installs the clocks; call before the page is loaded. */
export async function installClocks(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const now = (): number => performance.timeOrigin + performance.now();
    window.pressedAt = 0;
    addEventListener('keydown', () => (window.pressedAt = now()), { capture: true });
    window.drawnWith = (selector, text) =>
      new Promise((resolve) => {
        const present = (): boolean => document.querySelector(selector)?.textContent?.includes(text) ?? false;
        const afterPaint = (): void => {
          requestAnimationFrame(() => {
            const channel = new MessageChannel();
            channel.port1.onmessage = () => resolve(now());
            channel.port2.postMessage(null);
          });
        };
        if (present()) return afterPaint();
        const observer = new MutationObserver(() => {
          if (!present()) return;
          observer.disconnect();
          afterPaint();
        });
        observer.observe(document.body, { subtree: true, childList: true, characterData: true });
      });
  });
}
