/** The tree of notebooks, and what happens to a notebook's file while others have it open. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser } from './browser.ts';
import { notebookJson, readNotebook, writeNotebook } from './notebook-file.ts';
import { editor, openForTwo, openNotebook, retype, runCell, settled, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

let notebooksDir: string;
let server: RunningServer;
let browser: Browser;
let page: Page;
let errors: string[];
const path = (name: string): string => join(notebooksDir, name);
const there = (name: string): Promise<boolean> =>
  stat(path(name)).then(
    () => true,
    () => false,
  );
const row = (name: string) => page.getByRole('treeitem', { name, exact: true });
const menu = async (name: string, item: string): Promise<void> => {
  await page.getByRole('button', { name: `More for ${name}`, exact: true }).click();
  await page.getByRole('menuitem', { name: item }).click();
};

beforeAll(async () => {
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-tree-'));
  for (const name of ['alpha', 'beta', 'shared', 'quiet']) {
    await writeNotebook(path(`${name}.ipynb`), [{ id: 'one', source: `console.log("${name}")` }]);
  }
  await writeFile(
    path('snake.ipynb'),
    notebookJson([{ id: 'p', source: 'import numpy as np\nnp.zeros(3)' }], {
      kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' },
      language_info: { name: 'python' },
    }),
  );
  server = await startServer({ notebooksDir });
  browser = await launchBrowser();
  ({ page, errors } = await signIn(browser, server));
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(notebooksDir, { recursive: true, force: true });
});

describe('the tree of notebooks', () => {
  beforeEach(async () => {
    await page.goto(`${server.url}/notebooks`);
    await page.getByRole('tree').waitFor();
  });

  it('makes a folder, takes a notebook into it by dragging, and moves it back by undo', async () => {
    await page.getByRole('button', { name: 'New folder' }).click();
    await page.getByLabel(/Name of the new folder/).fill('shelf');
    await page.keyboard.press('Enter');
    await row('shelf').waitFor();
    await row('alpha').dragTo(row('shelf'));
    await expect.poll(() => there('shelf/alpha.ipynb')).toBe(true);
    await expect.poll(() => row('alpha').getAttribute('aria-level')).toBe('2');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => there('alpha.ipynb')).toBe(true);
    await expect.poll(() => row('alpha').getAttribute('aria-level')).toBe('1');
    await menu('alpha', 'Move to…');
    await page.getByLabel('Into which folder?').selectOption('shelf');
    await page.getByRole('button', { name: 'Move', exact: true }).click();
    await expect.poll(() => there('shelf/alpha.ipynb')).toBe(true);
    expect(errors).toEqual([]);
  });

  it('is gone through, renamed in and thrown away from by keys alone', async () => {
    await row('shelf').focus();
    await page.keyboard.press('End');
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('snake');
    await page.keyboard.press('b');
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('beta');
    await page.keyboard.press('F2');
    await page.keyboard.type('quiet');
    await page.keyboard.press('Enter');
    await page.getByText('quiet.ipynb is there already', { exact: false }).waitFor();
    expect(await page.getByLabel('New name of beta').inputValue()).toBe('quiet');
    await page.getByLabel('New name of beta').fill('gamma');
    await page.keyboard.press('Enter');
    await expect.poll(() => there('gamma.ipynb')).toBe(true);
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('gamma');
    await page.keyboard.press('Delete');
    await expect.poll(() => there('gamma.ipynb')).toBe(false);
    await page.getByRole('button', { name: 'Trash', exact: true }).click();
    await page.getByRole('button', { name: 'Restore gamma' }).click();
    await expect.poll(() => there('gamma.ipynb')).toBe(true);
    expect(errors).toEqual([]);
  });

  it('takes files in, says which it cannot read, and gives the same back', async () => {
    const script = '// %%\nconst a = 41;\n\n// %% [markdown]\n// # Brought in\n';
    await page.getByLabel('Files to upload').setInputFiles([
      { name: 'brought.ts', mimeType: 'text/typescript', buffer: Buffer.from(script) },
      { name: 'broken.ipynb', mimeType: 'application/json', buffer: Buffer.from('{ "cells": [') },
    ]);
    await page.getByText('1 of 2 uploaded').waitFor();
    await page.getByText(/broken\.ipynb cannot be read as a notebook: line 1/).waitFor();
    await page.getByRole('treeitem', { name: 'brought, Brought in' }).waitFor();
    expect((await readNotebook(path('brought.ipynb'))).cells.map(({ source }) => source)).toEqual([
      'const a = 41;',
      '# Brought in',
    ]);
    await page.getByRole('button', { name: 'More for brought', exact: true }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'Download as .ts' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('brought.ts');
    const text = await readFile(await download.path(), 'utf8');
    expect(text).toContain('const a = 41;');
    expect(text).toContain('// # Brought in');
  });

  it('finds what stands in all notebooks, and leads to the cell', async () => {
    await page.getByRole('searchbox', { name: 'Search in all notebooks' }).fill('np.zeros');
    const hit = page.getByRole('region', { name: 'Found' }).getByRole('link', { name: /np\.zeros\(3\)/ });
    await hit.click();
    await page.waitForURL(/#cell-p$/);
    await page.locator('[data-cell="p"]').waitFor();
    await page.getByText('This is a Python notebook.').waitFor();
    expect(await page.getByRole('button', { name: 'Run all' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Duplicate as TypeScript' }).click();
    await expect.poll(() => there('snake (TypeScript).ipynb')).toBe(true);
    await page.getByRole('button', { name: 'Run all' }).waitFor();
  });
});

describe('an open notebook', () => {
  it('has another name for everyone at once, and what is typed goes to the new file', async () => {
    const { ada, ben, errors: both } = await openForTwo(browser, server, 'shared.ipynb');
    await ada.getByRole('button', { name: 'File', exact: true }).click();
    await ada.getByRole('menuitem', { name: 'Rename or move' }).click();
    await ada.getByLabel(/Name of the notebook/).fill('kept/renamed');
    await ada.getByRole('button', { name: 'Rename', exact: true }).click();
    await ben.getByRole('heading', { level: 1, name: 'renamed' }).waitFor();
    await retype(ben, 'one', 'console.log("after")');
    await expect.poll(() => readFile(path('kept/renamed.ipynb'), 'utf8').catch(() => '')).toContain('after');
    expect(await there('shared.ipynb')).toBe(false);

    // Thrown away by one while the other writes: told, kept, brought back with all of it.
    await ada.getByRole('button', { name: 'File', exact: true }).click();
    await ada.getByRole('menuitem', { name: 'Move to trash' }).click();
    await ben.getByText('This notebook was moved to the trash.').waitFor();
    await retype(ben, 'one', 'console.log("written in the trash")');
    await editor(ada, 'one').getByText('written in the trash').waitFor();
    expect(await there('kept/renamed.ipynb')).toBe(false);
    await ben.getByRole('button', { name: 'Bring it back' }).click();
    await expect
      .poll(() => readFile(path('kept/renamed.ipynb'), 'utf8').catch(() => ''))
      .toContain('written in the trash');
    await ada.getByText('This notebook was moved to the trash.').waitFor({ state: 'detached' });
    await ada.locator('.cm-tooltip').waitFor({ state: 'detached' });
    await runCell(ada, 'one');
    await settled(ben, 'one', 'evaluated');
    expect(both).toEqual([[], []]);
    for (const one of [ada, ben]) await one.context().close();
  });

  it('run again with the same result, its file stays as it is; outputs stay out of it when asked', async () => {
    await openNotebook(page, server, 'quiet.ipynb');
    await runCell(page, 'one');
    await settled(page, 'one', 'evaluated');
    await expect.poll(() => readFile(path('quiet.ipynb'), 'utf8')).toContain('"quiet\\n"');
    await runCell(page, 'one');
    await page.locator('[data-cell="one"]').getByText('2', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'More for this notebook' }).click();
    // Something else is written after the second run: what the run left in the file is seen then.
    await page.getByRole('menuitemcheckbox', { name: /Re-run dependents/ }).click();
    await expect.poll(() => readFile(path('quiet.ipynb'), 'utf8')).toContain('"reactive": true');
    expect((await readNotebook(path('quiet.ipynb'))).cells[0]?.execution_count).toBe(1);
    await page.getByRole('button', { name: 'File', exact: true }).click();
    const outputs = page.getByRole('menuitemcheckbox', { name: /Save outputs/ });
    await outputs.click();
    await expect.poll(() => readFile(path('quiet.ipynb'), 'utf8')).not.toContain('"quiet\\n"');
    expect((await readNotebook(path('quiet.ipynb'))).cells[0]?.execution_count).toBe(null);
    expect(await page.locator('[data-cell="one"] [data-outputs]').innerText()).toContain('quiet');
    await outputs.click();
    await expect.poll(() => readFile(path('quiet.ipynb'), 'utf8')).toContain('"quiet\\n"');
  });
});
