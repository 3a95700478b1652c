/** Help with TypeScript while writing: from types across cells, and from the kernel that runs. It never stands in the way. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call } from './api.ts';
import { launchBrowser } from './browser.ts';
import { writeNotebook } from './notebook-file.ts';
import { cell, editor, openNotebook, outputs, retype, runCell, settled, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

let notebooksDir: string;
let server: RunningServer;
let browser: Browser;
let page: Page;
let errors: string[];

beforeAll(async () => {
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-language-'));
  await writeNotebook(join(notebooksDir, 'types.ipynb'), [
    { id: 'imports', source: "import * as tf from '@tensorflow/tfjs';" },
    { id: 'use', source: '' },
    { id: 'wrong', source: "let size: number = 'large';\nsize" },
    { id: 'live', source: 'const answer = 6 * 7;\nanswer' },
    { id: 'reads', source: 'answer + 1' },
    { id: 'passes', source: 'const next = answer * 2;\nnext' },
    { id: 'further', source: 'next + 1' },
    { id: 'calls', source: 'function area(width: number, height: number): number {\n  return width * height;\n}' },
    { id: 'spin', source: 'while (true) {}' },
  ]);
  server = await startServer({ notebooksDir });
  browser = await launchBrowser();
  ({ page, errors } = await signIn(browser, server));
  await openNotebook(page, server, 'types.ipynb');
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(notebooksDir, { recursive: true, force: true });
});

const squiggles = (id: string): Locator => cell(page, id).locator('.cm-lintRange');
const completions = (): Locator => page.getByRole('listbox', { name: 'Completions' });

/** Rests the pointer on a name until something is said of it: what is on the page may move away under a pointer that rests. */
async function pointAt(on: Page, name: Locator, told: Locator): Promise<void> {
  let tries = 0;
  await expect
    .poll(
      async () => {
        if (await told.isVisible()) return true;
        const box = await name.boundingBox();
        if (box) await on.mouse.move(box.x + 8 + (tries++ % 5), box.y + box.height / 2);
        return false;
      },
      { timeout: 30_000, interval: 800 },
    )
    .toBe(true);
}

/** Puts the cursor behind the first place where this text stands in a cell. */
async function putCursor(id: string, text: string): Promise<void> {
  await editor(page, id).click();
  const source = (await editor(page, id).locator('.cm-line').allInnerTexts()).join('\n');
  await page.keyboard.press('ControlOrMeta+Home');
  for (let at = source.indexOf(text) + text.length; at > 0; at--) await page.keyboard.press('ArrowRight');
}

describe('help with TypeScript', () => {
  it('completes members of what another cell imports', async () => {
    await editor(page, 'use').click();
    await page.keyboard.type('tf.tens');
    await completions().getByText('tensor2d', { exact: true }).waitFor();
    // What comes without its type is asked for when one rests on it.
    for (let down = 0; down < 4; down++) await page.keyboard.press('ArrowDown');
    const name = await completions().locator('[aria-selected="true"] .cm-completionLabel').innerText();
    await page.locator('.cm-completionInfo', { hasText: name }).waitFor();
    await page.keyboard.press('Escape');
    await completions().waitFor({ state: 'detached' });
  });

  it('shows the parameters of a call as it is written', async () => {
    await retype(page, 'use', '');
    await page.keyboard.type('area(');
    const box = page.locator('.help-signature');
    await box.getByText('area(width: number, height: number): number').waitFor();
    expect(await box.locator('b').innerText()).toBe('width: number');
    await page.keyboard.type('1, ');
    await box.locator('b', { hasText: 'height: number' }).waitFor();
    await page.keyboard.press('Escape');
    await box.waitFor({ state: 'detached' });
    await retype(page, 'use', 'area(6, 7)');
  });

  it('remarks on a wrong type, runs the cell all the same, and takes the remark back', async () => {
    await squiggles('wrong').first().waitFor();
    await cell(page, 'wrong').getByRole('button', { name: '1 remark of TypeScript' }).waitFor();
    await pointAt(
      page,
      squiggles('wrong').first(),
      page.locator('.help-remark', { hasText: /TypeScript:.*not assignable to type 'number'/ }),
    );
    await runCell(page, 'wrong');
    await settled(page, 'wrong', 'evaluated');
    expect(await outputs(page, 'wrong').innerText()).toContain('large');
    await retype(page, 'wrong', "let size: string = 'large';");
    await squiggles('wrong').first().waitFor({ state: 'detached' });
  });

  it('says what a name is and what it holds in the kernel', async () => {
    await runCell(page, 'live');
    await settled(page, 'live', 'evaluated');
    const told = page.locator('.help-hover');
    await pointAt(page, editor(page, 'reads').getByText('answer'), told.getByText('const answer: number'));
    expect(await told.locator('.help-value').innerText()).toContain('42');
  });

  it('says why a cell is stale, and leads to the cell that made it so', async () => {
    for (const id of ['reads', 'passes', 'further']) {
      await runCell(page, id);
      await settled(page, id, 'evaluated');
    }
    await retype(page, 'live', 'const answer = 7 * 7;');
    await runCell(page, 'live');
    await settled(page, 'reads', 'stale');
    const why = cell(page, 'reads').locator('.why');
    expect(await why.innerText()).toMatch(/answer changed in cell \[\d+\]/);
    await why.getByRole('link').click();
    await page.locator('[data-cell="live"][aria-current="true"]').waitFor();
    // And of the cell that reads from the stale one; one press runs both.
    const through = cell(page, 'further').locator('.why');
    expect(await through.innerText()).toMatch(/next comes from cell \[\d+\], which is stale/);
    await page.getByRole('button', { name: /^Run stale/ }).click();
    await outputs(page, 'further').getByText('99', { exact: true }).waitFor();
    await through.waitFor({ state: 'detached' });
  });

  it('goes to a definition in another cell, and renames in all cells in one step of undo', async () => {
    await putCursor('reads', 'answ');
    await page.keyboard.press('F12');
    await page.locator('[data-cell="live"][aria-current="true"]').waitFor();
    await putCursor('reads', 'answ');
    await page.keyboard.press('F2');
    await page.getByRole('textbox', { name: 'New name for answer' }).fill('reply');
    await page.keyboard.press('Enter');
    const preview = page.getByRole('dialog', { name: 'Rename' });
    await preview.getByText('3 places in 3 cells').waitFor();
    expect(await preview.locator('[data-renamed="live"] .vl-text').allInnerTexts()).toEqual([
      'const answer = 7 * 7;',
      'const reply = 7 * 7;',
    ]);
    // Left, it is as if it had not been asked.
    await page.keyboard.press('Escape');
    await preview.waitFor({ state: 'detached' });
    expect(await editor(page, 'live').innerText()).toBe('const answer = 7 * 7;');
    await page.keyboard.press('F2');
    await page.getByRole('textbox', { name: 'New name for answer' }).fill('reply');
    await page.keyboard.press('Enter');
    await preview.getByText('3 places in 3 cells').waitFor();
    await page.keyboard.press('Enter');
    await editor(page, 'live').getByText('const reply = 7 * 7;').waitFor();
    await editor(page, 'reads').getByText('reply + 1').waitFor();
    await page.keyboard.press('ControlOrMeta+z');
    await editor(page, 'live').getByText('const answer = 7 * 7;').waitFor();
    await editor(page, 'reads').getByText('answer + 1').waitFor();
  });

  it('runs dependents again when the notebook asks for it', async () => {
    await page.getByRole('button', { name: 'More for this notebook' }).click();
    await page.getByRole('menuitemcheckbox', { name: /Re-run dependents/ }).click();
    await page.keyboard.press('Escape');
    await retype(page, 'live', 'const answer = 10;');
    await runCell(page, 'live');
    await outputs(page, 'reads').getByText('11', { exact: true }).waitFor();
    await settled(page, 'reads', 'evaluated');
  });

  it('lists variables while a cell blocks', async () => {
    await runCell(page, 'spin');
    await page.locator('[data-cell="spin"][data-status="evaluating"]').waitFor();
    await page.getByRole('tab', { name: 'Variables' }).click();
    const row = page.locator('[data-variable="answer"]');
    await row.getByText('10', { exact: true }).waitFor();
    expect(await cell(page, 'spin').getAttribute('data-status')).toBe('evaluating');
    await page.getByRole('button', { name: 'Interrupt', exact: true }).click();
    await settled(page, 'spin', 'aborted');
    expect(await row.count()).toBe(1);
  });

  it('goes to the file of a definition outside of the notebook, to read it', async () => {
    await retype(page, 'use', '[1, 2].map(String)');
    await page.keyboard.press('Escape');
    await putCursor('use', '.ma');
    await page.keyboard.press('F12');
    const peek = page.getByRole('dialog', { name: /^Definition in lib\./ });
    await peek.getByText('map<U>(').first().waitFor();
    await page.keyboard.press('Escape');
    await peek.waitFor({ state: 'detached' });
  });

  it('tells who may only look what things are, and offers nothing that changes them', async () => {
    const { url } = await call(server, 'POST', '/api/invites', z.object({ url: z.string() }), { role: 'viewer' });
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const visitor = await context.newPage();
    visitor.on('pageerror', (error) => errors.push(error.stack ?? String(error)));
    await visitor.goto(new URL(url, server.url).href);
    await openNotebook(visitor, server, 'types.ipynb');
    const told = visitor.locator('.help-hover').getByText('const answer: 10');
    await pointAt(visitor, editor(visitor, 'reads').getByText('answer'), told);
    await visitor.getByRole('tab', { name: 'Variables' }).click();
    await visitor.locator('[data-variable="answer"]').waitFor();
    await visitor.getByRole('button', { name: 'More for this notebook' }).click();
    await visitor.getByRole('menuitem', { name: /^Find/ }).waitFor();
    expect(await visitor.getByRole('menuitemcheckbox', { name: /Re-run dependents/ }).count()).toBe(0);
    await context.close();
  });

  it('breaks nothing on the page', () => {
    expect(errors).toEqual([]);
  });
});
