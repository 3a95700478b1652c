/** What a person waits for in a long notebook, in a real browser: opening, typing, scrolling; and what the tab holds. */
import type { Page } from 'playwright-core';
import { notebookId } from '../../e2e/api.ts';
import { editor } from '../../e2e/pages.ts';
import type { RunningServer } from '../../e2e/server.ts';
import { idAt } from './sample.ts';

declare global {
  interface Window {
    /** ms from the start of the navigation to the first editor drawn, on a page that answers. */
    interactive: Promise<number>;
  }
}

/**
 * Tells pages to note when they are interactive: an editor on the screen takes keys, the frame that holds it is drawn,
 * and a task posted then has run, so that nothing stands before what a person does next.
 */
export async function noteInteractive(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.interactive = new Promise((resolve) => {
      const look = (): void => {
        const text = document.querySelector('[data-cell] .cm-content[contenteditable="true"]');
        const box = text?.getBoundingClientRect();
        if (!box || box.height === 0 || box.top > innerHeight) return void requestAnimationFrame(look);
        const channel = new MessageChannel();
        channel.port1.onmessage = () => setTimeout(() => resolve(performance.now()));
        channel.port2.postMessage(null);
      };
      requestAnimationFrame(look);
    });
  });
}

/** Opens a notebook `times` times by its address, once more before that so that the browser has the program. In ms. */
export async function measureOpen(page: Page, server: RunningServer, path: string, times: number): Promise<number[]> {
  const address = `${server.url}/notebooks/${await notebookId(server, path)}`;
  const took: number[] = [];
  for (let time = 0; time <= times; time++) {
    await page.goto('about:blank');
    await page.goto(address, { waitUntil: 'commit' });
    const ms = await page.evaluate(() => window.interactive);
    if (time > 0) took.push(ms);
  }
  return took;
}

/** Types into the cell at this place of the open notebook; ms from each key press to its letter drawn. */
export async function measureTyping(page: Page, index: number, strokes: number, warmUp = 20): Promise<number[]> {
  const id = idAt(index);
  await page.evaluate((cell) => {
    location.hash = `#cell-${cell}`;
  }, id);
  await editor(page, id).click();
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type('\n// ');
  const took: number[] = [];
  let line = '';
  for (let stroke = 1; stroke <= strokes + warmUp; stroke++) {
    const letter = String.fromCharCode(97 + (stroke % 26));
    line += letter;
    const drawn = page.evaluate(
      ([selector, text]) => window.drawnWith(selector ?? '', text ?? ''),
      [`[data-cell="${id}"] .cm-content`, line],
    );
    await page.keyboard.press(letter);
    const at = await drawn;
    if (stroke > warmUp) took.push(at - (await page.evaluate(() => window.pressedAt)));
  }
  return took;
}

/** Turns the wheel `turns` times from the top; ms between one frame and the next while it turns. */
export async function measureScrolling(page: Page, turns: number): Promise<number[]> {
  await page.evaluate(() => scrollTo(0, 0));
  await page.mouse.move(640, 500);
  const frames = page.evaluate(
    (count) =>
      new Promise<number[]>((resolve) => {
        const between: number[] = [];
        let wheels = 0;
        let last = performance.now();
        addEventListener('wheel', () => wheels++, { passive: true });
        const frame = (now: number): void => {
          between.push(now - last);
          last = now;
          if (wheels < count) requestAnimationFrame(frame);
          else resolve(between);
        };
        requestAnimationFrame(frame);
      }),
    turns,
  );
  for (let turn = 0; turn < turns; turn++) await page.mouse.wheel(0, 400);
  return frames;
}

/** MB that the page's JavaScript holds once all garbage is gone. */
export async function heapOf(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('HeapProfiler.enable');
  for (let time = 0; time < 3; time++) await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  await devtools.detach();
  return usedSize / 2 ** 20;
}
