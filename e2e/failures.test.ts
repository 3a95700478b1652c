/**
 * What goes wrong between people: a server that restarts under three of them, files that change and move beneath what
 * they write, a document made anew while one was away, a role that was taken away. Nothing is lost without a word.
 */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cellsOf, sourceOf } from '@trialroom/shared/notebook/document';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { connect } from '../server/database/connect.ts';
import { connectEditor } from '../server/documents/testing.ts';
import { call, notebookId } from './api.ts';
import { stillOn, violationsOn } from './axe.ts';
import { launchBrowser } from './browser.ts';
import { readNotebook, writeNotebook } from './notebook-file.ts';
import { cell, editor, openNotebook, outputs, runCell, settled, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

let dataDir: string;
let notebooksDir: string;
let server: RunningServer;
let browser: Browser;
/** Two owners, and an editor who was invited. */
let ada: Page;
let ben: Page;
let cy: Page;
const errors: string[][] = [];

const everyone = (): Page[] => [ada, ben, cy];
const path = (name: string): string => join(notebooksDir, name);
const saved = (page: Page): Promise<void> => page.locator('[aria-label="Save state"][data-save="saved"]').waitFor();
const idsOf = (page: Page): Promise<(string | null)[]> =>
  page.locator('[data-cell]').evaluateAll((cells) => cells.map((one) => one.getAttribute('data-cell')));
const banner = (page: Page, text: string | RegExp): Locator => page.locator('.nb-note').filter({ hasText: text });
const toEnd = async (page: Page, id: string): Promise<void> => {
  await editor(page, id).click();
  await page.keyboard.press('ControlOrMeta+End');
};
const append = async (page: Page, id: string, text: string): Promise<void> => {
  await toEnd(page, id);
  await page.keyboard.type(text);
};
const openForAll = async (name: string): Promise<void> => {
  for (const page of everyone()) await openNotebook(page, server, name);
  await Promise.all(everyone().map(saved));
};
/** The banners as they are, without a fault in light and in dark, and nothing that is wider than a phone. */
async function faultless(page: Page): Promise<void> {
  const before = page.viewportSize() ?? { width: 1280, height: 900 };
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await stillOn(page);
    expect.soft(await violationsOn(page)).toEqual([]);
  }
  await page.setViewportSize({ width: 360, height: 740 });
  expect.soft(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'trialroom-failures-data-'));
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-failures-'));
  const cells = [
    { id: 'first', source: '// first' },
    { id: 'second', source: '// second' },
    { id: 'third', source: 'console.log("third")' },
  ];
  for (const name of ['restart', 'outside', 'moved', 'grown', 'taken'])
    await writeNotebook(path(`${name}.ipynb`), cells);
  server = await startServer({ dataDir, notebooksDir });
  browser = await launchBrowser();
  const Invite = z.object({ url: z.string() });
  const { url } = await call(server, 'POST', '/api/invites', Invite, { role: 'editor' });
  for (const [index, link] of [server.signIn, server.signIn, url].entries()) {
    const { page, errors: met } = await signIn(browser, { ...server, signIn: link });
    errors.push(met);
    if (index === 0) ada = page;
    else if (index === 1) ben = page;
    else cy = page;
  }
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(dataDir, { recursive: true, force: true });
  await rm(notebooksDir, { recursive: true, force: true });
});

describe('a server that restarts under three people', () => {
  it.each(['stop', 'kill9'] as const)('by %s: all have what each wrote, and what ran', async (end) => {
    await openForAll('restart.ipynb');
    await runCell(ben, 'third');
    await settled(ben, 'third', 'evaluated');
    const port = Number(new URL(server.url).port);
    await server[end]();
    for (const page of everyone()) await banner(page, 'This notebook is not connected.').waitFor();
    await append(ada, 'first', `\n// Ada ${end}`);
    await append(ben, 'second', `\n// Ben ${end}`);
    await append(cy, 'first', `\n// Cy ${end}`);
    await banner(cy, /edits kept on this computer/).waitFor();
    await faultless(cy);
    server = await startServer({ dataDir, notebooksDir, port });
    await Promise.all(everyone().map(saved));
    for (const page of everyone()) {
      await banner(page, 'This notebook is not connected.').waitFor({ state: 'detached' });
      for (const text of [`// Ada ${end}`, `// Cy ${end}`]) await editor(page, 'first').getByText(text).waitFor();
      await editor(page, 'second').getByText(`// Ben ${end}`).waitFor();
      await outputs(page, 'third').getByText('third').waitFor();
    }
    const ids = await idsOf(ada);
    expect(new Set(ids).size).toBe(ids.length);
    for (const page of everyone()) {
      expect(await idsOf(page)).toEqual(ids);
      expect(await editor(page, 'first').innerText()).toBe(await editor(ada, 'first').innerText());
    }
  });
});

describe('a file that changes while three people write', () => {
  it('is merged in: nobody loses a word, no cell is there twice', async () => {
    await openForAll('outside.ipynb');
    await expect.poll(() => readFile(path('outside.ipynb'), 'utf8')).toContain('// first');
    // Where the end is before anyone writes: later it would be in the middle of somebody's word.
    await Promise.all(everyone().map((page, index) => toEnd(page, index === 1 ? 'second' : 'first')));
    const writing = everyone().map((page, index) =>
      page.keyboard.type(`\n// line of person ${index}, who goes on writing`),
    );
    const file = await readNotebook(path('outside.ipynb'));
    const json = JSON.parse(await readFile(path('outside.ipynb'), 'utf8'));
    json.cells[2].source = ['// from another program\n', ...[file.cells[2]?.source ?? '']];
    json.cells.push({ cell_type: 'markdown', id: 'outside', metadata: {}, source: ['added outside'] });
    await writeFile(path('outside.ipynb'), JSON.stringify(json));
    await Promise.all(writing);
    await Promise.all(everyone().map(saved));
    for (const page of everyone()) {
      await cell(page, 'outside').waitFor();
      await editor(page, 'third').getByText('// from another program').waitFor();
      for (const index of [0, 2]) {
        await editor(page, 'first').getByText(`// line of person ${index}, who goes on writing`).waitFor();
      }
      await editor(page, 'second').getByText('// line of person 1, who goes on writing').waitFor();
      expect(await idsOf(page)).toEqual(['first', 'second', 'third', 'outside']);
    }
    await expect
      .poll(() => readFile(path('outside.ipynb'), 'utf8'))
      .toMatch(/from another program[\s\S]*added outside|added outside/);
    await expect.poll(() => readFile(path('outside.ipynb'), 'utf8')).toContain('line of person 2');
    const now = await readNotebook(path('outside.ipynb'));
    expect(now.cells.map(({ id }) => id)).toEqual(['first', 'second', 'third', 'outside']);
  });
});

describe('a notebook that another renames, throws away or erases', () => {
  it('goes on under its new name, and its file with it', async () => {
    await openForAll('moved.ipynb');
    await append(ada, 'first', '\n// before the move');
    await ben.getByRole('button', { name: 'File', exact: true }).click();
    await ben.getByRole('menuitem', { name: 'Rename or move' }).click();
    await ben.getByLabel('Name of the notebook; folders may stand before it').fill('shelf/renamed');
    await ben.getByRole('button', { name: 'Rename', exact: true }).click();
    await ada.getByText('renamed').first().waitFor();
    await append(ada, 'first', '\n// after the move');
    await editor(cy, 'first').getByText('// after the move').waitFor();
    await expect.poll(() => readFile(path('shelf/renamed.ipynb'), 'utf8').catch(() => '')).toContain('after the move');
    await expect(stat(path('moved.ipynb'))).rejects.toThrow();
  });

  it('says that it is in the trash, keeps what is written, and brings it back', async () => {
    await ben.getByRole('button', { name: 'File', exact: true }).click();
    await ben.getByRole('menuitem', { name: 'Move to trash' }).click();
    for (const page of everyone()) await banner(page, 'This notebook was moved to the trash.').waitFor();
    await append(ada, 'second', '\n// written in the trash');
    await saved(ada);
    await editor(cy, 'second').getByText('// written in the trash').waitFor();
    await faultless(ada);
    await cy.getByRole('button', { name: 'Bring it back' }).click();
    for (const page of everyone()) {
      await banner(page, 'This notebook was moved to the trash.').waitFor({ state: 'detached' });
    }
    await expect
      .poll(() => readFile(path('shelf/renamed.ipynb'), 'utf8').catch(() => ''))
      .toContain('written in the trash');
  });

  it('erased for good, says so to who has it open, and what they typed stays before them', async () => {
    const id = await notebookId(server, 'shelf/renamed.ipynb');
    await call(server, 'DELETE', `/api/notebooks/${id}`, z.unknown(), {});
    await banner(ada, 'This notebook was moved to the trash.').waitFor();
    const Trash = z.object({ trashed: z.array(z.object({ id: z.string() })) });
    const { trashed } = await call(server, 'GET', '/api/trash', Trash);
    for (const entry of trashed) await call(server, 'DELETE', `/api/trash/${entry.id}`, z.unknown(), {});
    for (const page of everyone()) {
      await banner(page, 'This notebook was erased.').waitFor();
      expect(await page.locator('.nb-note').count()).toBe(1);
      expect(await editor(page, 'second').innerText()).toContain('// written in the trash');
    }
    await faultless(ada);
  });
});

describe('a document that was made anew while one was away', () => {
  it('is loaded anew, with what that one wrote', async () => {
    await openForAll('grown.ipynb');
    const id = await notebookId(server, 'grown.ipynb');
    await Promise.all([ada, ben].map((page) => page.goto('about:blank')));
    // Months of letters that were taken away again: what is stored outgrows what it says.
    const program = connectEditor(`${server.url.replace('http', 'ws')}/yjs/notebook`, id, server.token);
    await program.synced();
    const second = cellsOf(program.doc).get('second');
    if (!second) throw new Error('no second cell');
    program.doc.transact(() => {
      for (let letter = 0; letter < 8_000; letter++) sourceOf(second).insert(0, 'x');
      sourceOf(second).delete(0, 8_000);
    });
    await program.acknowledged();
    program.close();
    const port = Number(new URL(server.url).port);
    await server.stop();
    await banner(cy, 'This notebook is not connected.').waitFor();
    await append(cy, 'first', '\n// Cy, hours away');
    await banner(cy, /edits kept on this computer/).waitFor();
    const again = cy.waitForEvent('load');
    server = await startServer({ dataDir, notebooksDir, port });
    await again;
    await openNotebook(ben, server, 'grown.ipynb');
    await append(ben, 'third', '\n// Ben, meanwhile');
    await saved(ben);
    await editor(cy, 'third').getByText('// Ben, meanwhile').waitFor();
    await editor(cy, 'first').getByText('// Cy, hours away').waitFor();
    await editor(ben, 'first').getByText('// Cy, hours away').waitFor();
    await saved(cy);
    expect(await idsOf(cy)).toEqual(['first', 'second', 'third']);
    expect(await editor(cy, 'first').innerText()).toBe(await editor(ben, 'first').innerText());
    expect(await cy.evaluate(() => sessionStorage.getItem('trialroom.reloaded'))).not.toBeNull();
  });
});

describe('a role that was taken away', () => {
  const refused = (): Locator => banner(cy, 'The server did not take');

  it('is said, with what was not taken: it stays in the page and on this computer', async () => {
    await openNotebook(cy, server, 'taken.ipynb');
    await openNotebook(ben, server, 'taken.ipynb');
    await saved(cy);
    const { id } = await cy.evaluate(async (): Promise<{ id: string }> => (await fetch('/api/me')).json());
    const port = Number(new URL(server.url).port);
    await server.stop();
    await banner(cy, 'This notebook is not connected.').waitFor();
    await append(cy, 'first', '\n// nobody takes this');
    await banner(cy, /edits kept on this computer/).waitFor();
    const database = await connect({ dataDir });
    await database.em().execute('update people set role = ? where id = ?', ['viewer', id]);
    await database.close();
    server = await startServer({ dataDir, notebooksDir, port });
    await refused().waitFor();
    expect(await refused().innerText()).toMatch(/did not take \d+ edits?: as viewer you may read/);
    expect(await refused().innerText()).toContain('kept on this computer');
    await cy.getByText(/^\d+ edits? not saved$/).waitFor();
    // Nothing more is offered than they may do.
    await cy.getByText('You can look at this notebook.').waitFor();
    await faultless(cy);
    await append(ben, 'second', '\n// Ben goes on');
    await editor(cy, 'second').getByText('// Ben goes on').waitFor();
    expect(await editor(ben, 'first').innerText()).not.toContain('nobody takes this');
    expect(await editor(cy, 'first').innerText()).toContain('nobody takes this');
  });

  it('and still so when the page is loaded again; the words can be copied out', async () => {
    await cy.reload();
    await cy.locator('[data-cell]').first().waitFor();
    await refused().waitFor();
    await editor(cy, 'first').getByText('// nobody takes this').waitFor();
    await cy.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await editor(cy, 'first').getByText('// nobody takes this').click({ clickCount: 3 });
    await cy.keyboard.press('ControlOrMeta+c');
    expect(await cy.evaluate(() => navigator.clipboard.readText())).toContain('// nobody takes this');
  });

  it('until they are discarded on one’s word; then all see the same', async () => {
    await cy.getByRole('button', { name: 'Discard them' }).click();
    await refused().waitFor({ state: 'detached' });
    await cy.getByText('You can look at this notebook.').waitFor();
    await editor(cy, 'second').getByText('// Ben goes on').waitFor();
    expect(await editor(cy, 'first').innerText()).toBe(await editor(ben, 'first').innerText());
    await cy.reload();
    await cy.locator('[data-cell]').first().waitFor();
    await saved(cy);
    expect(await refused().count()).toBe(0);
    expect(await editor(cy, 'first').innerText()).not.toContain('nobody takes this');
  });

  it('meets no error in the page', () => {
    expect(errors.flat()).toEqual([]);
  });
});
