/** A kernel that ends without anyone's asking: people see that it did and why, start another, and know what is gone. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from './browser.ts';
import { writeNotebook } from './notebook-file.ts';
import { openNotebook, outputs, runCell, settled, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

let notebooksDir: string;
let server: RunningServer;
let browser: Browser;
let page: Page;
let errors: string[];

beforeAll(async () => {
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-ends-'));
  await writeNotebook(join(notebooksDir, 'rests.ipynb'), [
    { id: 'sets', source: 'let kept = 42;\nkept' },
    { id: 'reads', source: 'typeof kept' },
  ]);
  server = await startServer({ notebooksDir, env: { TRIALROOM_IDLE_MINUTES: '0.005' } });
  browser = await launchBrowser();
  ({ page, errors } = await signIn(browser, server));
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(notebooksDir, { recursive: true, force: true });
});

const chip = (): Locator => page.locator('[data-kernel]');
/** Runs a cell, looks away until the kernel has been ended, and comes back. */
async function untilEnded(): Promise<void> {
  await openNotebook(page, server, 'rests.ipynb');
  await runCell(page, 'sets');
  await settled(page, 'sets', 'evaluated');
  // Which shows one's state without watching.
  await expect
    .poll(
      async () => {
        await page.goto(`${server.url}/notebooks`);
        await page.getByText('rests').first().waitFor();
        await openNotebook(page, server, 'rests.ipynb');
        await page.locator('[data-cell="sets"][data-validity]').waitFor();
        return chip().innerText();
      },
      { timeout: 30_000, interval: 400 },
    )
    .toMatch(/Kernel ended/);
}

describe('a kernel that was ended because nobody needed it', () => {
  it('says so where people look, keeps outputs, and shows that they are of the past', async () => {
    await untilEnded();
    await page
      .locator('.nb-note')
      .getByText(/nobody watched for .* so the kernel was ended/)
      .waitFor();
    await settled(page, 'sets', 'stale');
    expect(await outputs(page, 'sets').innerText()).toContain('42');
  });

  it('is followed by another when a cell is run, and it is said that variables are gone', async () => {
    await runCell(page, 'reads');
    await settled(page, 'reads', 'evaluated');
    expect(await outputs(page, 'reads').innerText()).toContain('undefined');
    await page.getByText('The variables of the one before are gone; outputs are kept.').waitFor();
    await runCell(page, 'sets');
    await settled(page, 'sets', 'evaluated');
    await page.getByText('The variables of the one before are gone').waitFor({ state: 'detached' });
  });

  it('is followed by another on one’s word, without running anything', async () => {
    await untilEnded();
    await page.getByRole('button', { name: 'Start a kernel' }).click();
    await page.locator('[data-kernel="idle"]').waitFor();
    await page.getByText('The variables of the one before are gone; outputs are kept.').waitFor();
    await settled(page, 'sets', 'stale');
  });

  it('meets no error in the page', () => {
    expect(errors).toEqual([]);
  });
});
