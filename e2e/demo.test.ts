/** What a newcomer does: `npm start -- --demo`, watch it train on the real MNIST, open the addresses it prints. */
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from './browser.ts';
import { readNotebook } from './notebook-file.ts';
import { openNotebook, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

let server: RunningServer;
let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startServer({ args: ['--demo'] });
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

describe('the tour', () => {
  it('says where data is kept, which backend runs and why the better ones do not', async () => {
    await server.printed(/tfjs-node-gpu/);
    expect(server.output()).toContain(server.dataDir);
    expect(server.output()).toMatch(/CPU|GPU/);
  });

  it('shows the trial at home, and its curves in the room, moving', async () => {
    const [, address = ''] = await server.printed(/(https?:\/\/\S+\/trials\/\w+)/);
    const { page, errors } = await signIn(browser, server);
    await page
      .getByRole('link', { name: /small CNN|digits/i })
      .first()
      .waitFor();
    await page.goto(address);
    await page.locator('.uplot canvas').first().waitFor();
    const figure = page.locator('[data-step]').first();
    const step = async (): Promise<number> => Number(await figure.getAttribute('data-step'));
    const before = await step();
    await expect.poll(step, { timeout: 60_000 }).toBeGreaterThan(before);
    await page.getByText('Running').first().waitFor();
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('reads at least 97 % of the 10,000 test images, says so, and the server stays up', async () => {
    const [, percent = ''] = await server.printed(/test accuracy\D+([\d.]+) ?%/i);
    expect(Number(percent)).toBeGreaterThanOrEqual(97);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    const { page, errors } = await signIn(browser, server);
    await openNotebook(page, server, 'demo/digits.ipynb');
    await expect
      .poll(() => page.locator('[data-status="queued"], [data-status="evaluating"]').count(), { timeout: 60_000 })
      .toBe(0);
    expect(await page.locator('[data-validity="failed"]').count()).toBe(0);
    expect(errors).toEqual([]);
    await page.context().close();
    await expect
      .poll(async () => {
        const { cells } = await readNotebook(join(server.notebooksDir, 'demo/digits.ipynb'));
        return cells.filter(({ outputs }) => outputs !== undefined && outputs.length > 0).length;
      })
      .toBeGreaterThanOrEqual(4);
  });
});
