/** Lost lines and lost servers: what people wrote is kept, merged once, and said truthfully; and going along with someone. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from './browser.ts';
import { writeNotebook } from './notebook-file.ts';
import { cell, editor, openForTwo, openNotebook, retype, runCell } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

let dataDir: string;
let notebooksDir: string;
let server: RunningServer;
let browser: Browser;
let ada: Page;
let ben: Page;
const errors: string[][] = [];

const saved = (page: Page) => page.locator('[aria-label="Save state"][data-save="saved"]').waitFor();
const idsOf = (page: Page): Promise<(string | null)[]> =>
  page.locator('[data-cell]').evaluateAll((cells) => cells.map((one) => one.getAttribute('data-cell')));
/** Drafts that this page's browser keeps. */
const drafts = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const open = indexedDB.open('trialroom-drafts', 1);
        open.onsuccess = () => {
          const count = open.result.transaction('drafts').objectStore('drafts').count();
          count.onsuccess = () => {
            open.result.close();
            resolve(count.result);
          };
        };
      }),
  );

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'trialroom-offline-data-'));
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-offline-'));
  await writeNotebook(join(notebooksDir, 'lost.ipynb'), [
    { id: 'first', source: '// first' },
    { id: 'second', source: '// second' },
    ...Array.from({ length: 30 }, (_, index) => ({ id: `row${index}`, source: `// row ${index}\n\n\n` })),
    { id: 'last', source: '// last' },
  ]);
  server = await startServer({ dataDir, notebooksDir });
  browser = await launchBrowser();
  const people = await openForTwo(browser, server, 'lost.ipynb');
  ({ ada, ben } = people);
  errors.push(...people.errors);
  await Promise.all([saved(ada), saved(ben)]);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(dataDir, { recursive: true, force: true });
  await rm(notebooksDir, { recursive: true, force: true });
});

describe('a lost connection', () => {
  it('is said, with how many edits are kept; both sides merge when it is back', async () => {
    await ada.context().setOffline(true);
    await ada.getByText('This notebook is not connected.').waitFor();
    await ada.getByText('Everything you wrote is saved.').waitFor();
    await retype(ada, 'first', '// Ada, away');
    await ada.getByText(/\d+ edits kept on this computer, even if you close this page/).waitFor();
    expect(await drafts(ada)).toBe(1);
    await retype(ben, 'second', '// Ben, meanwhile');
    await ada.context().setOffline(false);
    await saved(ada);
    await editor(ben, 'first').getByText('// Ada, away').waitFor();
    await editor(ada, 'second').getByText('// Ben, meanwhile').waitFor();
    await expect.poll(() => drafts(ada)).toBe(0);
    expect(new Set(await idsOf(ada)).size).toBe((await idsOf(ada)).length);
  });

  it('refuses a run in words and keeps the text', async () => {
    await ada.context().setOffline(true);
    await ada.getByText('This notebook is not connected.').waitFor();
    await retype(ada, 'first', 'console.log("not yet")');
    await runCell(ada, 'first');
    await ada.getByText('The server cannot be reached, so it does not have your last edits.').waitFor();
    expect(await editor(ada, 'first').innerText()).toContain('not yet');
    await ada.context().setOffline(false);
    await saved(ada);
    await editor(ben, 'first').getByText('not yet').waitFor();
  });

  it('and a page closed meanwhile: what was written comes back with the next one', async () => {
    await ada.context().setOffline(true);
    await ada.getByText('This notebook is not connected.').waitFor();
    await retype(ada, 'first', '// written before the lid was closed');
    await ada.getByText(/kept on this computer/).waitFor();
    const context = ada.context();
    await ada.close();
    await retype(ben, 'second', '// Ben went on');
    await context.setOffline(false);
    ada = await context.newPage();
    await openNotebook(ada, server, 'lost.ipynb');
    await editor(ada, 'first').getByText('// written before the lid was closed').waitFor();
    await editor(ben, 'first').getByText('// written before the lid was closed').waitFor();
    await editor(ada, 'second').getByText('// Ben went on').waitFor();
    await expect.poll(() => drafts(ada)).toBe(0);
  });

  it('in one of two tabs of one person: each has what both wrote', async () => {
    const other = await ada.context().newPage();
    await openNotebook(other, server, 'lost.ipynb');
    await retype(other, 'second', '// from the other tab');
    await editor(ada, 'second').getByText('// from the other tab').waitFor();
    await retype(ada, 'first', '// from this tab');
    await editor(other, 'first').getByText('// from this tab').waitFor();
    expect(await ada.getByRole('region', { name: 'People here' }).locator('abbr').count()).toBeLessThanOrEqual(2);
    await other.close();
  });
});

describe('a lost server', () => {
  it('comes back under those who are connected, with what they wrote meanwhile', async () => {
    const port = Number(new URL(server.url).port);
    await saved(ada);
    await server.kill9();
    await ada.getByText('This notebook is not connected.').waitFor();
    await retype(ada, 'first', '// Ada, without a server');
    await retype(ben, 'second', '// Ben, without a server');
    const path = join(notebooksDir, 'lost.ipynb');
    const file = JSON.parse(await readFile(path, 'utf8'));
    file.cells.push({ cell_type: 'markdown', id: 'outside', metadata: {}, source: ['added outside'] });
    await writeFile(path, JSON.stringify(file));
    server = await startServer({ dataDir, notebooksDir, port });
    await Promise.all([saved(ada), saved(ben)]);
    await editor(ben, 'first').getByText('// Ada, without a server').waitFor();
    await editor(ada, 'second').getByText('// Ben, without a server').waitFor();
    await cell(ada, 'outside').waitFor({ state: 'attached' });
    const ids = await idsOf(ada);
    expect(new Set(ids).size).toBe(ids.length);
    expect(await idsOf(ben)).toEqual(ids);
    await expect.poll(() => readFile(path, 'utf8'), { timeout: 20_000 }).toContain('Ada, without a server');
  });
});

describe('following someone', () => {
  const following = () => ada.getByRole('status').filter({ hasText: 'Following' });

  it('scrolls along with them until one acts oneself', async () => {
    await ada.getByRole('button', { name: /^Follow / }).click();
    await following().waitFor();
    await editor(ben, 'last').click();
    const inSight = (id: string) =>
      cell(ada, id).evaluate((element) => {
        const { top, bottom } = element.getBoundingClientRect();
        return bottom > 0 && top < window.innerHeight;
      });
    await expect.poll(() => inSight('last')).toBe(true);
    await ada.mouse.move(600, 500);
    await ada.mouse.wheel(0, -20_000);
    await following().waitFor({ state: 'detached' });
    await editor(ben, 'row3').click();
    await editor(ben, 'last').click();
    await expect.poll(() => inSight('first')).toBe(true);
  });

  it('meets no error in the page', () => {
    expect(errors.flat()).toEqual([]);
  });
});
