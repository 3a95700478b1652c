/** Editing whole cells: chosen, moved, parted, joined, put away, carried to another notebook, searched. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from './browser.ts';
import { writeNotebook } from './notebook-file.ts';
import { cell, editor, openNotebook, outputs, runCell, settled, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

let notebooksDir: string;
let server: RunningServer;
let browser: Browser;
let page: Page;
let errors: string[];

beforeAll(async () => {
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-editing-'));
  await writeNotebook(join(notebooksDir, 'cells.ipynb'), [
    { id: 'title', type: 'markdown', source: '# Cells' },
    { id: 'one', source: 'const rate = 1;' },
    { id: 'two', source: 'const twice = rate * 2;\ntwice' },
    { id: 'part', type: 'markdown', source: '## Part\n\nThe rate again.' },
    { id: 'three', source: 'rate + twice' },
    { id: 'end', type: 'markdown', source: '## End' },
  ]);
  await writeNotebook(join(notebooksDir, 'other.ipynb'), [{ id: 'only', source: '// other' }]);
  server = await startServer({ notebooksDir });
  browser = await launchBrowser();
  const person = await signIn(browser, server);
  ({ page, errors } = person);
  await openNotebook(page, server, 'cells.ipynb');
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(notebooksDir, { recursive: true, force: true });
});

/** Ids of the cells in sight, from top to bottom. */
const ids = (): Promise<string[]> =>
  page.locator('[data-cell]').evaluateAll((cells) => cells.map((each) => each.getAttribute('data-cell') ?? ''));
/** Chooses a cell as a whole. */
const choose = async (id: string): Promise<void> => {
  const prose = cell(page, id).locator('.prose');
  if ((await prose.count()) > 0) await prose.click();
  else {
    await editor(page, id).click();
    await page.keyboard.press('Escape');
  }
  await page.locator(`[data-cell="${id}"]:focus`).waitFor();
};
const press = async (...keys: string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};
const file = (): Promise<string> => readFile(join(notebooksDir, 'cells.ipynb'), 'utf8');

describe('editing cells', () => {
  it('chooses a stretch and moves it, in one step of undo', async () => {
    await choose('one');
    await press('Shift+J');
    expect(await page.locator('.cell.chosen').count()).toBe(2);
    await press('ControlOrMeta+Shift+ArrowDown');
    expect(await ids()).toEqual(['title', 'part', 'one', 'two', 'three', 'end']);
    await press('z');
    expect(await ids()).toEqual(['title', 'one', 'two', 'part', 'three', 'end']);
  });

  it('splits at the cursor and merges again', async () => {
    await editor(page, 'two').click();
    await press('ControlOrMeta+Home', 'ArrowDown', 'ControlOrMeta+Shift+Minus');
    const parts = await ids();
    expect(parts).toHaveLength(7);
    await editor(page, parts[3] ?? '')
      .getByText('twice', { exact: true })
      .waitFor();
    expect((await editor(page, 'two').innerText()).trim()).toBe('const twice = rate * 2;');
    await choose('two');
    await press('Shift+M');
    expect(await ids()).toHaveLength(6);
    expect((await editor(page, 'two').innerText()).replaceAll('\n\n', '\n').trim()).toContain('twice');
  });

  it('says of an undo where it has changed something', async () => {
    await choose('three');
    await press('z', 'z');
    await page.locator('[data-cell="two"][aria-current="true"]').waitFor();
    expect(await ids()).toEqual(['title', 'one', 'two', 'part', 'three', 'end']);
    expect((await editor(page, 'two').innerText()).trim()).toBe('const twice = rate * 2;\ntwice');
  });

  it('folds what is below a heading, for everyone', async () => {
    await choose('one');
    await press('j', 'j', 'ArrowLeft');
    await cell(page, 'part').getByText('1 cell below · unfold').waitFor();
    expect(await ids()).toEqual(['title', 'one', 'two', 'part', 'end']);
    await expect.poll(file).toContain('"heading_collapsed": true');
    await cell(page, 'part').getByText('1 cell below · unfold').click();
    await cell(page, 'three').waitFor();
  });

  it('puts output away and brings it back', async () => {
    await runCell(page, 'one');
    await runCell(page, 'two');
    await settled(page, 'two', 'evaluated');
    await outputs(page, 'two').getByText('2', { exact: true }).waitFor();
    await choose('two');
    await press('o');
    await cell(page, 'two').getByText('Output hidden').waitFor();
    expect(await outputs(page, 'two').count()).toBe(0);
    await press('o');
    await outputs(page, 'two').waitFor();
  });

  it('finds in all cells, also where text is set, and replaces in one step of undo', async () => {
    await choose('title');
    await press('f');
    const find = page.getByRole('search', { name: 'Find in this notebook' });
    await find.getByRole('textbox', { name: 'Find' }).fill('rate');
    await find.getByText('1 of 4').waitFor();
    await press('Enter', 'Enter');
    await find.getByText('3 of 4').waitFor();
    await editor(page, 'part').locator('.cm-found-here').waitFor();
    await find.getByRole('button', { name: 'Regular expression' }).click();
    await find.getByRole('textbox', { name: 'Find' }).fill('\\brate\\b');
    await find.getByRole('textbox', { name: 'Replace by' }).fill('speed');
    await find.getByRole('button', { name: 'All', exact: true }).click();
    await find.getByText('4 replaced').waitFor();
    await editor(page, 'three').getByText('speed + twice').waitFor();
    await press('Escape');
    await find.waitFor({ state: 'detached' });
    await choose('one');
    await press('z');
    await editor(page, 'three').getByText('rate + twice').waitFor();
  });

  it('keeps an image that is pasted into a text with the notebook, and shows it', async () => {
    await choose('end');
    await press('Enter');
    await editor(page, 'end').click();
    await press('ControlOrMeta+End');
    await editor(page, 'end').evaluate((element) => {
      const dot = Uint8Array.from(
        atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='),
        (letter) => letter.charCodeAt(0),
      );
      const data = new DataTransfer();
      data.items.add(new File([dot], 'dot.png', { type: 'image/png' }));
      element.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    });
    await editor(page, 'end').getByText('![dot](attachment:dot.png)').waitFor();
    await press('Escape');
    const image = cell(page, 'end').locator('img[alt="dot"]');
    await image.waitFor({ state: 'attached' });
    expect(await image.evaluate((element) => element instanceof HTMLImageElement && element.naturalWidth)).toBe(1);
    await expect.poll(file).toContain('"attachments"');
  });

  it('lists all keys, finds one, and does what it says', async () => {
    await choose('one');
    await press('h');
    const keys = page.getByRole('dialog', { name: 'Keys' });
    await keys.getByRole('searchbox', { name: 'Find a key' }).fill('add a cell above');
    await keys.getByRole('button', { name: /Add a cell above/ }).click();
    await keys.waitFor({ state: 'detached' });
    expect(await ids()).toHaveLength(7);
    expect((await ids())[2]).toBe('one');
    await choose('one');
    await press('z');
    expect(await ids()).toHaveLength(6);
  });

  it('has Vim keys for those who want them, with the undo of the notebook', async () => {
    const vim = async (): Promise<void> => {
      await page.getByRole('button', { name: 'More for this notebook' }).click();
      await page.getByRole('menuitemcheckbox', { name: /Vim keys/ }).click();
      await page.keyboard.press('Escape');
    };
    await vim();
    await editor(page, 'one').click();
    await cell(page, 'one').locator('.cm-vim-panel, .cm-fat-cursor').first().waitFor({ state: 'attached' });
    await press('g', 'g', 'd', 'd');
    expect((await editor(page, 'one').innerText()).trim()).toBe('');
    await press('u');
    await editor(page, 'one').getByText('const rate = 1;').waitFor();
    await press('A');
    await page.keyboard.type(' // more');
    await press('Escape');
    await editor(page, 'one').getByText('const rate = 1; // more').waitFor();
    expect(await page.locator('[data-cell="one"]:focus').count()).toBe(0);
    await press('u', 'Escape');
    await page.locator('[data-cell="one"]:focus').waitFor();
    await vim();
    await editor(page, 'one').click();
    await cell(page, 'one').locator('.cm-fat-cursor').waitFor({ state: 'detached' });
    await choose('one');
  });

  it('offers more for a cell: run to here, and what hides it', async () => {
    await choose('two');
    await page.getByRole('button', { name: 'More for cell 3' }).click();
    await page.getByRole('menuitem', { name: /Run to here/ }).click();
    await settled(page, 'two', 'evaluated');
    await page.getByRole('button', { name: 'More for cell 3' }).click();
    await page.getByRole('menuitemcheckbox', { name: /Hide source/ }).click();
    await page.keyboard.press('Escape');
    await cell(page, 'two').getByText('2 lines hidden · show').click();
    await editor(page, 'two').waitFor();
  });

  it('carries cells to another notebook', async () => {
    await choose('one');
    await press('Shift+ArrowDown', 'c');
    await openNotebook(page, server, 'other.ipynb');
    await choose('only');
    await press('v');
    await expect.poll(async () => (await ids()).length).toBe(3);
    const [, first = '', second = ''] = await ids();
    expect([first, second]).not.toContain('one');
    await editor(page, first).getByText('const rate = 1;').waitFor();
    await editor(page, second).getByText('const twice').waitFor();
  });

  it('meets no error in the page', () => {
    expect(errors).toEqual([]);
  });
});
