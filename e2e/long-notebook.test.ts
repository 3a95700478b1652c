/** A notebook of several hundred cells, of which only those near the screen are drawn: everything reaches the others too. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call, notebookId } from './api.ts';
import { launchBrowser } from './browser.ts';
import { readNotebook, type TestCell, writeNotebook } from './notebook-file.ts';
import { cell, editor, openNotebook, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

const COUNT = 400;

/** A heading every tenth cell, code between; some cells hold what the tests look for. */
const CELLS: TestCell[] = Array.from({ length: COUNT }, (_, at) => {
  const id = `c${at}`;
  if (at % 10 === 0) return { id, type: 'markdown', source: `## Part ${at / 10}\n\nWhat follows is part ${at / 10}.` };
  if (at === 3) return { id, source: 'const needle = 3;' };
  if (at === 205) return { id, source: '// a needle in the middle\nneedle' };
  if (at === 391) return { id, source: 'const thread = needle;' };
  return { id, source: `const value${at} = ${at};\n\nfunction read${at}(): number {\n  return value${at};\n}` };
});

const Made = z.looseObject({ id: z.string() });
const Hidden = z.object({ jupyter: z.object({ outputs_hidden: z.literal(true) }) });

let notebooksDir: string;
let server: RunningServer;
let browser: Browser;
let page: Page;
let errors: string[];

const path = (): string => join(notebooksDir, 'long.ipynb');
const press = async (...keys: string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};
/** Whether a cell is drawn and on the screen. */
const inSight = (id: string): Promise<boolean> =>
  page.evaluate((name) => {
    const box = document.getElementById(`cell-${name}`)?.getBoundingClientRect();
    return box !== undefined && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
  }, id);
const comesIntoSight = (id: string) => expect.poll(() => inSight(id), { timeout: 15_000 }).toBe(true);
const drawn = (): Promise<number> => page.locator('[data-cell]').count();
/** Leads to the top as a hand does, whose wheel tells that it is one. */
const scrollToTop = (): Promise<void> =>
  page.evaluate(() => {
    window.dispatchEvent(new WheelEvent('wheel'));
    scrollTo(0, 0);
  });
/** Chooses the first cell, with the top of the notebook on the screen. */
async function toTop(): Promise<void> {
  // An editor brings what was typed last into sight, in the frame after it.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  await scrollToTop();
  await cell(page, 'c0').locator('.prose').click();
  await page.locator('[data-cell="c0"]:focus').waitFor();
  await expect.poll(() => inSight('c205')).toBe(false);
}

/** How many cells of the file have their output put away. */
async function putAway(): Promise<number> {
  const { cells } = await readNotebook(path());
  return cells.filter(({ metadata }) => Hidden.safeParse(metadata).success).length;
}

beforeAll(async () => {
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-long-'));
  await writeNotebook(path(), CELLS);
  await writeNotebook(
    join(notebooksDir, 'growing.ipynb'),
    Array.from({ length: 80 }, (_, at) => ({ id: `g${at}`, source: `const part${at} = ${at};` })),
  );
  server = await startServer({ notebooksDir });
  browser = await launchBrowser();
  const person = await signIn(browser, server);
  ({ page, errors } = person);
  await openNotebook(page, server, 'long.ipynb');
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(notebooksDir, { recursive: true, force: true });
});

describe('a long notebook', () => {
  it('draws what is near the screen, and takes away what is far from it', async () => {
    await editor(page, 'c3').waitFor();
    expect(await drawn()).toBeLessThan(60);
    await toTop();
    await press('End');
    await comesIntoSight('c399');
    await editor(page, 'c399').waitFor();
    await cell(page, 'c3').waitFor({ state: 'detached' });
    expect(await drawn()).toBeLessThan(60);
    await press('Home');
    await comesIntoSight('c0');
  });

  it('finds everywhere, goes to what it finds, and replaces all of it', async () => {
    await toTop();
    await press('f');
    const find = page.getByRole('search', { name: 'Find in this notebook' });
    await find.getByRole('textbox', { name: 'Find' }).fill('needle');
    await find.getByText('1 of 4').waitFor();
    await press('Enter');
    await comesIntoSight('c205');
    await editor(page, 'c205').locator('.cm-found-here').waitFor();
    await press('Enter');
    await find.getByText('3 of 4').waitFor();
    await press('Enter');
    await comesIntoSight('c391');
    await editor(page, 'c391').locator('.cm-found-here').waitFor();
    await find.getByRole('textbox', { name: 'Replace by' }).fill('straw');
    await find.getByRole('button', { name: 'All', exact: true }).click();
    await find.getByText('4 replaced').waitFor();
    await press('Escape');
    const sources = async (): Promise<string[]> => {
      const { cells } = await readNotebook(path());
      return [3, 205, 391].map((at) => cells[at]?.source ?? '');
    };
    await expect
      .poll(sources)
      .toEqual(['const straw = 3;', '// a straw in the middle\nstraw', 'const thread = straw;']);
    await toTop();
    await press('z');
    await expect.poll(sources).toEqual([3, 205, 391].map((at) => CELLS[at]?.source));
  });

  it('shows where an undo has changed something', async () => {
    await toTop();
    await press('End');
    await comesIntoSight('c399');
    await editor(page, 'c399').click();
    await press('ControlOrMeta+End');
    await page.keyboard.type(' // late');
    await editor(page, 'c399').getByText('// late').waitFor();
    await toTop();
    await press('z');
    await comesIntoSight('c399');
    await page.locator('[data-cell="c399"][aria-current="true"]').waitFor();
    expect(await editor(page, 'c399').innerText()).not.toContain('late');
  });

  it('follows the outline, and the addresses of cells', async () => {
    await toTop();
    await page.getByRole('link', { name: 'Part 30', exact: true }).click();
    await comesIntoSight('c300');
    await page.locator('[data-cell="c300"]:focus').waitFor();
    await page.evaluate(() => {
      location.hash = '#cell-c155';
    });
    await comesIntoSight('c155');
    await page.locator('[data-cell="c155"]:focus').waitFor();
    await page.goto('about:blank');
    await page.goto(`${server.url}/notebooks/${await notebookId(server, 'long.ipynb')}#cell-c255`);
    await comesIntoSight('c255');
    // What is drawn around it does not push it away.
    await editor(page, 'c255').waitFor();
    await expect.poll(() => inSight('c255')).toBe(true);
  });

  it('opens a thread on a cell that is not drawn', async () => {
    const id = await notebookId(server, 'long.ipynb');
    const { id: thread } = await call(server, 'POST', `/api/notebooks/${id}/annotations`, Made, {
      target: { kind: 'cell', cell: 'c345' },
      text: 'Is this right?',
      request: 'long-notebook-1',
    });
    await toTop();
    await page.evaluate((name) => {
      location.hash = `#comment-${name}`;
    }, thread);
    await comesIntoSight('c345');
    await cell(page, 'c345')
      .getByRole('button', { name: /1 thread on cell 346/ })
      .waitFor();
  });

  it('chooses a stretch by its two ends', async () => {
    await toTop();
    await press('End');
    await comesIntoSight('c399');
    await scrollToTop();
    await comesIntoSight('c2');
    await cell(page, 'c2')
      .locator('.gut')
      .click({ modifiers: ['Shift'], position: { x: 4, y: 60 } });
    await page.locator('[data-cell="c2"].chosen').waitFor();
    await press('o');
    await expect.poll(putAway).toBe(COUNT - 2);
    await press('z');
    await expect.poll(putAway).toBe(0);
  });

  it('goes to a definition in a cell that is not drawn', async () => {
    await page.evaluate(() => {
      location.hash = '#cell-c391';
    });
    await comesIntoSight('c391');
    await editor(page, 'c391').click();
    await press('ControlOrMeta+End', 'ArrowLeft', 'ArrowLeft', 'F12');
    await comesIntoSight('c3');
    await expect.poll(() => page.evaluate(() => String(getSelection()))).toBe('needle');
  });

  it('leads from the run queue to a cell that is not drawn', async () => {
    await page.evaluate(() => {
      location.hash = '#cell-c3';
    });
    await editor(page, 'c3').click();
    await press('ControlOrMeta+End');
    await page.keyboard.type('\nwhile (true) {}');
    await press('ControlOrMeta+Enter');
    await page.locator('[data-cell="c3"][data-status="evaluating"]').waitFor();
    const id = await notebookId(server, 'long.ipynb');
    await call(server, 'POST', `/api/notebooks/${id}/run`, z.unknown(), { cells: ['c277'] });
    await page.getByRole('button', { name: '1 waiting' }).click();
    await page.getByRole('dialog', { name: 'Run queue' }).getByText('const value277').click();
    await comesIntoSight('c277');
    await page.locator('[data-cell="c277"]:focus').waitFor();
    await call(server, 'POST', `/api/notebooks/${id}/interrupt`, z.unknown(), {});
  });

  it('keeps the cell in which one writes, wherever one looks meanwhile', async () => {
    await page.evaluate(() => {
      location.hash = '#cell-c21';
    });
    await comesIntoSight('c21');
    await editor(page, 'c21').click();
    await press('ControlOrMeta+End');
    await page.keyboard.type(' // one');
    await page.mouse.move(640, 500);
    for (let turn = 0; turn < 20; turn++) await page.mouse.wheel(0, 900);
    await expect.poll(() => inSight('c21')).toBe(false);
    await cell(page, 'c12').waitFor({ state: 'detached' });
    await page.keyboard.type(' two');
    await comesIntoSight('c21');
    await editor(page, 'c21').getByText('// one two').waitFor();
  });

  it('keeps what is drawn when it grows long', async () => {
    await openNotebook(page, server, 'growing.ipynb');
    await editor(page, 'g79').evaluate((element) => element.setAttribute('data-same', ''));
    await editor(page, 'g79').click();
    await press('Escape', 'b');
    await expect.poll(async () => (await readNotebook(join(notebooksDir, 'growing.ipynb'))).cells.length).toBe(81);
    await page.locator('[data-cell]:focus').waitFor();
    // The very same editor, not another one in its place.
    expect(await cell(page, 'g79').locator('.cm-content[data-same]').count()).toBe(1);
    await press('a');
    await expect.poll(async () => (await readNotebook(join(notebooksDir, 'growing.ipynb'))).cells.length).toBe(82);
    await page.locator('[data-cell]:focus').waitFor();
  });

  it('meets no error in the page', () => {
    expect(errors).toEqual([]);
  });
});
