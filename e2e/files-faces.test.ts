/** The pages of files and of history in every face: what axe says of them, without a connection, and for who may only look. */
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call, notebookId } from './api.ts';
import { violationsOn } from './axe.ts';
import { launchBrowser } from './browser.ts';
import { writeNotebook } from './notebook-file.ts';
import { openForTwo, openNotebook, retype, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

let notebooksDir: string;
let server: RunningServer;
let browser: Browser;
const path = (name: string): string => join(notebooksDir, name);
const there = (name: string): Promise<boolean> =>
  stat(path(name)).then(
    () => true,
    () => false,
  );
const Known = z.looseObject({ id: z.string() });

beforeAll(async () => {
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-faces-'));
  await mkdir(path('shelf/empty'), { recursive: true });
  await mkdir(path('old experiments'));
  for (const name of ['alpha', 'beta', 'gone', 'shelf/deep', 'old experiments/first']) {
    await writeNotebook(path(`${name}.ipynb`), [
      { id: 'title', type: 'markdown', source: `# About ${name}\n\nWhat we tried.` },
      { id: 'rate', source: 'const rate = 0.1; // slow\nconsole.log("rate", rate)' },
      { id: 'steps', source: 'const steps = 100;' },
      ...Array.from({ length: 6 }, (_, index) => ({ id: `more-${index}`, source: `const more${index} = ${index};` })),
    ]);
  }
  server = await startServer({ notebooksDir });
  browser = await launchBrowser();
  for (const name of ['gone.ipynb', 'old experiments/first.ipynb']) {
    await call(server, 'DELETE', `/api/notebooks/${await notebookId(server, name)}`, Known, {});
  }
  await call(server, 'POST', '/api/folders/trash', Known, { path: 'old experiments' });
  const { ada, ben, errors } = await openForTwo(browser, server, 'alpha.ipynb');
  await retype(ada, 'rate', 'const rate = 0.3; // slow\nconsole.log("rate", rate)');
  await retype(ben, 'steps', 'const steps = 100;\nconst half = 50;');
  await ben.getByRole('tab', { name: 'History' }).click();
  await ada.locator('[data-cell="steps"]').getByText('const half = 50;').waitFor();
  await ben.getByRole('button', { name: 'Name this version' }).click();
  await ben.getByRole('textbox', { name: 'Name of the version' }).fill('Halved');
  await ben.getByRole('button', { name: 'Keep it' }).click();
  await ben.getByText('Halved', { exact: true }).waitFor();
  expect(errors).toEqual([[], []]);
  for (const page of [ada, ben]) await page.context().close();
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(notebooksDir, { recursive: true, force: true });
});

describe.each(['light', 'dark'] as const)('axe finds nothing in %s', (colorScheme) => {
  let page: Page;
  const clean = async (): Promise<void> => expect(await violationsOn(page)).toEqual([]);
  beforeAll(async () => {
    ({ page } = await signIn(browser, server));
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  });
  afterAll(() => page?.context().close());

  it('on the tree: folders open, a menu, a new name refused, a move, files refused, something to undo', async () => {
    await page.goto(`${server.url}/notebooks`);
    await page.getByRole('treeitem', { name: 'shelf', exact: true }).click();
    await page.getByRole('treeitem', { name: /^deep/ }).waitFor();
    await clean();
    await page.getByRole('button', { name: 'More for beta', exact: true }).click();
    await clean();
    await page.getByRole('menuitem', { name: 'Move to…' }).click();
    await page.getByRole('dialog').waitFor();
    await clean();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'More for beta', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await page.getByLabel('New name of beta').fill('alpha');
    await page.keyboard.press('Enter');
    await page.getByText('alpha.ipynb is there already').waitFor();
    await clean();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'New folder' }).click();
    await page
      .getByLabel('Files to upload')
      .setInputFiles([{ name: 'broken.ipynb', mimeType: 'application/json', buffer: Buffer.from('{ "cells": [') }]);
    await page.getByText(/broken\.ipynb cannot be read as a notebook/).waitFor();
    await page
      .getByRole('treeitem', { name: /^beta/ })
      .dragTo(page.getByRole('treeitem', { name: 'shelf', exact: true }));
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await clean();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => there('beta.ipynb')).toBe(true);
  });

  it('on what a search found, what it did not, and a wrong expression', async () => {
    await page.goto(`${server.url}/notebooks?q=rate`);
    await page.getByRole('region', { name: 'Found' }).getByRole('link').first().waitFor();
    await clean();
    await page.getByRole('searchbox').fill('nowhere at all');
    await page.getByText('Found nowhere.').waitFor();
    await clean();
    await page.getByRole('button', { name: '.*' }).click();
    await page.getByRole('searchbox').fill('(');
    await page.getByText('Mend the expression.').waitFor();
    await clean();
  });

  it('on the trash, and the question before something is erased', async () => {
    await page.goto(`${server.url}/notebooks?trash=1`);
    await page.getByRole('button', { name: 'Erase gone' }).waitFor();
    await clean();
    await page.getByRole('button', { name: 'Erase gone' }).click();
    await page.getByRole('dialog').waitFor();
    await clean();
    await page.keyboard.press('Escape');
  });

  it('on the history of a notebook, a version beside the one before, and beside what is there now', async () => {
    await openNotebook(page, server, 'alpha.ipynb');
    await page.getByRole('tab', { name: 'History' }).click();
    const version = page.getByRole('button', { name: /Halved/ });
    await version.waitFor();
    await clean();
    await version.click();
    const view = page.getByRole('main', { name: 'A version of this notebook' });
    await view.locator('[data-difference="rate"] mark').first().waitFor();
    await clean();
    await view.getByRole('button', { name: 'Since then' }).click();
    await view.getByText('Nothing has changed since.').waitFor();
    await clean();
    await view.getByRole('button', { name: 'Bring back', exact: true }).click();
    await page.getByRole('dialog').waitFor();
    await clean();
  });
});

describe('the tree', () => {
  it('stays without a connection, says of each change that it cannot be made, and follows when it is back', async () => {
    const { page, errors } = await signIn(browser, server);
    await page.goto(`${server.url}/notebooks`);
    const names = (): Promise<(string | null)[]> =>
      page.getByRole('treeitem').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-path')));
    await page.getByRole('treeitem', { name: 'shelf', exact: true }).click();
    await page.getByRole('treeitem', { name: 'empty', exact: true }).waitFor();
    const before = await names();
    await page.context().setOffline(true);
    await page
      .getByText(/connection|offline/i)
      .first()
      .waitFor();
    await page.getByRole('treeitem', { name: /^beta/ }).focus();
    await page.keyboard.press('Delete');
    await page.getByText('The server cannot be reached.').waitFor();
    expect(await names()).toEqual(before);
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole('searchbox').fill('rate');
    await page.getByRole('region', { name: 'Found' }).getByText('The server cannot be reached.').waitFor();
    await page.getByRole('searchbox').fill('');
    // Meanwhile somebody else makes one.
    await call(server, 'POST', '/api/notebooks', Known, { path: 'meanwhile.ipynb' });
    await page.context().setOffline(false);
    await page.getByRole('treeitem', { name: 'meanwhile', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    expect(await there('beta.ipynb')).toBe(true);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('takes files that are dropped from outside, into the folder below them', async () => {
    const { page, errors } = await signIn(browser, server);
    await page.goto(`${server.url}/notebooks`);
    const drop = async (onto: string, name: string, text: string): Promise<void> => {
      const held = await page.evaluateHandle(
        ([file, content]) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([content ?? ''], file ?? ''));
          return transfer;
        },
        [name, text],
      );
      const row = page.getByRole('treeitem', { name: onto, exact: true });
      await row.dispatchEvent('dragover', { dataTransfer: held });
      await page.locator('.leaf.over').waitFor();
      await row.dispatchEvent('drop', { dataTransfer: held });
    };
    await drop('shelf', 'dropped.md', '# Dropped\n\n```ts\nconst a = 1;\n```\n');
    await expect.poll(() => there('shelf/dropped.ipynb')).toBe(true);
    await page.getByRole('treeitem', { name: /^dropped/ }).waitFor();
    await page.getByText('1 of 1 uploaded').waitFor();
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('shows everything to who may only look, and changes nothing for them', async () => {
    const { url } = await call(server, 'POST', '/api/invites', z.object({ url: z.string() }), { role: 'viewer' });
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(new URL(url, server.url).href);
    await page.goto(`${server.url}/notebooks`);
    const row = page.getByRole('treeitem', { name: /^alpha/ });
    await row.waitFor();
    for (const name of ['Upload', 'New folder', 'New notebook', 'More for shelf']) {
      expect([name, await page.getByRole('button', { name, exact: true }).count()]).toEqual([name, 0]);
    }
    expect(await row.getAttribute('draggable')).toBe('false');
    await row.focus();
    await page.keyboard.press('F2');
    await page.keyboard.press('Delete');
    await page.getByRole('button', { name: 'More for alpha', exact: true }).click();
    const items = await page.getByRole('menuitem').evaluateAll((all) => all.map((item) => item.textContent ?? ''));
    expect(items.every((item) => item.startsWith('Download'))).toBe(true);
    expect(items).toHaveLength(4);
    await page.keyboard.press('Escape');
    const held = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['# x'], 'x.md'));
      return transfer;
    });
    await row.dispatchEvent('drop', { dataTransfer: held });
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole('button', { name: 'Trash', exact: true }).click();
    await page.getByText('gone', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: /^(Restore|Erase)/ }).count()).toBe(0);
    expect([await there('alpha.ipynb'), await there('x.ipynb')]).toEqual([true, false]);
    await context.close();
  });
});
