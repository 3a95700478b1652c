/** What a person waits for when many notebooks, or a long one's past, are looked through: in a real browser. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { openNotebook, signIn } from '../../e2e/pages.ts';
import { startServer } from '../../e2e/server.ts';
import { writeSample } from './sample.ts';

const CELLS = 20;

/**
 * Searches in `count` notebooks of twenty cells; ms from a word's last letter to its first hit drawn, the pause included
 * in which the page waits for more letters. The first of them finds a server that has read no file yet.
 */
export async function measureSearch(browser: Browser, count: number, times: number): Promise<number[]> {
  const notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-bench-'));
  for (let at = 0; at < count; at++) await writeSample(join(notebooksDir, `note-${at}.ipynb`), CELLS);
  const server = await startServer({ notebooksDir });
  const { page } = await signIn(browser, server);
  await page.goto(`${server.url}/notebooks`);
  await page.getByRole('treeitem').first().waitFor();
  const took: number[] = [];
  for (let time = 0; time <= times; time++) {
    const word =
      ['decay1', 'Sampler6', 'summary7', 'picked', 'history4', 'rows3', 'validation', 'epochs'][time % 8] ?? '';
    await page.getByRole('searchbox').fill('');
    await page.getByRole('tree').waitFor();
    took.push(
      await page.evaluate(
        (text) =>
          new Promise<number>((resolve) => {
            const box = document.querySelector<HTMLInputElement>('input[type="search"]');
            if (!box) throw new Error('there is no search box');
            const began = performance.now();
            const look = (): void => {
              const hit = document.querySelector('.hit mark');
              if (hit?.textContent === text)
                requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
              else requestAnimationFrame(look);
            };
            box.value = text;
            box.dispatchEvent(new InputEvent('input', { bubbles: true }));
            look();
          }),
        word,
      ),
    );
  }
  await page.context().close();
  await server.stop();
  await rm(notebooksDir, { recursive: true, force: true });
  return took;
}

/** Opens a version in which each of `count` cells changed: ms until it is drawn, and the longest time the page stood still. */
export async function measureVersion(browser: Browser, count: number): Promise<{ drawn: number; frozen: number }> {
  const notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-bench-'));
  const path = join(notebooksDir, 'long.ipynb');
  await writeSample(path, count);
  const server = await startServer({ notebooksDir });
  const { page } = await signIn(browser, server);
  await openNotebook(page, server, 'long.ipynb');
  const file = JSON.parse(await readFile(path, 'utf8'));
  for (const cell of file.cells) cell.source = [...cell.source, '\n// and once more'];
  await page.getByRole('tab', { name: 'History' }).click();
  await page.locator('.version').first().waitFor();
  await writeFile(path, `${JSON.stringify(file, null, 1)}\n`);
  await page.locator('.version').nth(1).waitFor();
  const measured = await page.evaluate(
    () =>
      new Promise<{ drawn: number; frozen: number }>((resolve) => {
        const began = performance.now();
        let [last, frozen] = [began, 0];
        let drawn = 0;
        const frame = (): void => {
          const now = performance.now();
          frozen = Math.max(frozen, now - last);
          last = now;
          if (drawn === 0 && document.querySelector('[data-difference]')) drawn = now - began;
          // What follows the first drawing may freeze the page, too.
          if (drawn > 0 && now - began > drawn + 1000) resolve({ drawn, frozen });
          else requestAnimationFrame(frame);
        };
        document.querySelector<HTMLElement>('.version .version-open')?.click();
        requestAnimationFrame(frame);
      }),
  );
  await page.context().close();
  await server.stop();
  await rm(notebooksDir, { recursive: true, force: true });
  return measured;
}
