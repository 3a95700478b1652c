/**
 * Clocks inside pages. All pages and kernels of a bench run on one machine, so epoch milliseconds compare; in a page
 * `performance.timeOrigin + performance.now()` gives them with fractions. "Drawn" is the moment after the frame that holds
 * the change was handed to the compositor: a message posted from an animation frame arrives after its paint, so a loop of
 * frames posts one each, and a change is drawn when the first message after it arrives.
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
    const painted: (() => void)[] = [];
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      for (const tell of painted.splice(0)) tell();
    };
    const frame = (): void => {
      channel.port2.postMessage(null);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    window.drawnWith = (selector, text) =>
      new Promise((resolve) => {
        const present = (): boolean => document.querySelector(selector)?.textContent?.includes(text) ?? false;
        const afterPaint = (): void => {
          painted.push(() => resolve(now()));
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
