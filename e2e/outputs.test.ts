/** What cells say, as people get to see it: errors in the background, terminal codes, long texts. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from './browser.ts';
import { writeNotebook } from './notebook-file.ts';
import { cell, openNotebook, outputs, runCell, settled, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

let notebooksDir: string;
let server: RunningServer;
let browser: Browser;
let page: Page;
let errors: string[];

beforeAll(async () => {
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-outputs-'));
  await writeNotebook(join(notebooksDir, 'says.ipynb'), [
    {
      id: 'late',
      source:
        'let left = 3;\nconst timer = setInterval(() => {\n  if (--left === 0) clearInterval(timer);\n  throw new RangeError("too late");\n}, 1);\n"started"',
    },
    {
      id: 'bars',
      source:
        "const E = '\\x1b[';\nprocess.stdout.write('one 0\\ntwo 0\\n');\nfor (let i = 1; i <= 9; i++) {\n  process.stdout.write(E + '2A' + E + '2K' + E + '32mone' + E + '0m ' + i + '\\n' + E + '2Ktwo ' + i * 2 + '\\n');\n  await new Promise((r) => setTimeout(r, 40));\n}\nconsole.log(E + '7minverse' + E + '0m');",
    },
    { id: 'long', source: "for (let i = 0; i < 100_000; i++) console.log('step ' + i + ' of many');" },
  ]);
  server = await startServer({ notebooksDir });
  browser = await launchBrowser();
  ({ page, errors } = await signIn(browser, server));
  await openNotebook(page, server, 'says.ipynb');
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(notebooksDir, { recursive: true, force: true });
});

describe('an error in the background', () => {
  it('is an error like any other, counted, with a link to its line; also when the page is loaded again', async () => {
    await runCell(page, 'late');
    const error = outputs(page, 'late').locator('.err');
    const look = async (): Promise<void> => {
      await error.getByText('in the background of the cell, 3 times').waitFor();
      expect(await error.count()).toBe(1);
      expect(await error.locator('b').first().innerText()).toBe('RangeError');
      expect(await error.locator('.excerpt').innerText()).toContain('> 4 |   throw new RangeError');
      await error.getByRole('button', { name: /^cell 1, line 4, column 9$/ }).click();
      // The cursor stands where it was thrown.
      await page.keyboard.type('/**/');
      await cell(page, 'late').getByText('throw /**/new RangeError').waitFor();
      for (let key = 0; key < 4; key++) await page.keyboard.press('Backspace');
    };
    await settled(page, 'late', 'evaluated');
    await look();
    await page.reload();
    await cell(page, 'late').waitFor();
    await look();
  });
});

describe('what programs print for terminals', () => {
  it('is drawn as there: bars that go back up and write again, and inverse colours', async () => {
    await runCell(page, 'bars');
    await settled(page, 'bars', 'evaluated');
    await outputs(page, 'bars').locator('.ansi-inverse').waitFor();
    expect((await outputs(page, 'bars').locator('pre').innerText()).trim()).toBe('one 9\ntwo 18\ninverse');
    expect(await outputs(page, 'bars').locator('.ansi-green-fg').innerText()).toBe('one');
  });
});

describe('a hundred thousand lines', () => {
  it('are all there to be looked through and searched, without a key going to the notebook', async () => {
    await runCell(page, 'long');
    await settled(page, 'long', 'evaluated');
    await outputs(page, 'long').getByText('step 99999 of many').waitFor();
    await outputs(page, 'long')
      .getByRole('link', { name: /^All 100,000 lines/ })
      .click();
    const whole = page.getByRole('dialog', { name: 'All of stdout' });
    await whole.locator('[data-line="100000"]').waitFor();
    // Only what is in sight is drawn.
    expect(await whole.locator('.wt-line').count()).toBeLessThan(200);
    await whole.getByRole('textbox', { name: 'Find in this output' }).fill('STEP 4321');
    await whole.getByText('1 of 11', { exact: true }).waitFor();
    await whole.locator('[data-line="4322"] mark.here').waitFor();
    await page.keyboard.press('Enter');
    await whole.locator('[data-line="43211"] mark.here').waitFor();
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.press('Shift+Enter');
    await whole.getByText('11 of 11', { exact: true }).waitFor();
    await whole.locator('[data-line="43220"] mark.here').waitFor();
    await page.keyboard.press('Escape');
    await whole.waitFor({ state: 'detached' });
    await settled(page, 'long', 'evaluated');
    expect(await page.locator('[data-cell]').count()).toBe(3);
  });
});

it('meets no error in the page', () => {
  expect(errors).toEqual([]);
});
