/** Cells dragged by their handles with a real mouse, while someone else looks on. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call, notebookId } from './api.ts';
import { launchBrowser } from './browser.ts';
import { readNotebook, type TestCell, writeNotebook } from './notebook-file.ts';
import { cell, editor, openForTwo } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

const COUNT = 120;
const CELLS: TestCell[] = Array.from({ length: COUNT }, (_, at) => ({
  id: `c${at}`,
  source: `const value${at} = ${at};`,
}));

let notebooksDir: string;
let server: RunningServer;
let browser: Browser;
let ada: Page;
let ben: Page;
let errors: string[][];

const order = (page: Page): Promise<string[]> =>
  page.locator('[data-cell]').evaluateAll((cells) => cells.map((each) => each.getAttribute('data-cell') ?? ''));
const first = async (page: Page, count: number): Promise<string[]> => (await order(page)).slice(0, count);
/** Lays the mouse on the handle of a cell and presses. */
async function take(id: string): Promise<void> {
  await cell(ada, id).locator('.gut').hover();
  const box = await cell(ada, id).locator('.drag').boundingBox();
  if (!box) throw new Error(`${id} has no handle`);
  await ada.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await ada.mouse.down();
}
/** Moves what is held to just below the middle of a cell. */
async function carryBelow(id: string): Promise<void> {
  const box = await cell(ada, id).boundingBox();
  if (!box) throw new Error(`${id} is not drawn`);
  await ada.mouse.move(box.x + 40, box.y + box.height * 0.75, { steps: 5 });
  await ada.locator('.drop-line').waitFor();
}

beforeAll(async () => {
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-dragging-'));
  await writeNotebook(join(notebooksDir, 'drag.ipynb'), CELLS);
  server = await startServer({ notebooksDir });
  browser = await launchBrowser();
  const people = await openForTwo(browser, server, 'drag.ipynb');
  ({ ada, ben, errors } = people);
  await editor(ada, 'c0').waitFor();
  await editor(ben, 'c0').waitFor();
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(notebooksDir, { recursive: true, force: true });
});

describe('dragging cells', () => {
  it('moves one to where the line is, for everyone, in one step of undo', async () => {
    const id = await notebookId(server, 'drag.ipynb');
    await call(server, 'POST', `/api/notebooks/${id}/annotations`, z.unknown(), {
      target: { kind: 'cell', cell: 'c1' },
      text: 'Stays with it.',
      request: 'dragging-1',
    });
    await take('c1');
    await carryBelow('c4');
    expect(await ada.locator('.drop-line').innerText()).toBe('1 cell');
    // Nobody sees anything of it before it is let go.
    expect(await first(ben, 3)).toEqual(['c0', 'c1', 'c2']);
    await ada.mouse.up();
    await ada.locator('.drop-line').waitFor({ state: 'detached' });
    const moved = ['c0', 'c2', 'c3', 'c4', 'c1', 'c5'];
    expect(await first(ada, 6)).toEqual(moved);
    await expect.poll(() => first(ben, 6)).toEqual(moved);
    await cell(ben, 'c1').getByRole('button', { name: '1 thread on cell 5', exact: false }).waitFor();
    await ada.locator('[data-cell="c1"]:focus').waitFor();
    await ada.keyboard.press('z');
    await expect.poll(() => first(ben, 3)).toEqual(['c0', 'c1', 'c2']);
  });

  it('moves all that are chosen, upwards, while another writes in one of them', async () => {
    await editor(ada, 'c3').click();
    await ada.keyboard.press('Escape');
    await ada.keyboard.press('Shift+J');
    await ada.keyboard.press('Shift+J');
    expect(await ada.locator('.cell.chosen').count()).toBe(3);
    await editor(ben, 'c4').click();
    await ben.keyboard.press('ControlOrMeta+End');
    await ben.keyboard.type(' // be');
    await take('c4');
    await carryBelow('c0');
    expect(await ada.locator('.drop-line').innerText()).toBe('3 cells');
    await ben.keyboard.type('fore');
    await ada.mouse.up();
    await expect.poll(() => first(ben, 6)).toEqual(['c0', 'c3', 'c4', 'c5', 'c1', 'c2']);
    // Where one writes one stays.
    await ben.keyboard.type(' and after');
    await editor(ada, 'c4').getByText('// before and after').waitFor();
    await ada.keyboard.press('z');
    await expect.poll(() => first(ben, 6)).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'c5']);
    expect(await editor(ada, 'c4').innerText()).toContain('// before and after');
  });

  it('leaves everything as it is on Escape, and where it would not move', async () => {
    await take('c2');
    await carryBelow('c5');
    await ada.keyboard.press('Escape');
    await ada.locator('.drop-line').waitFor({ state: 'detached' });
    await ada.mouse.up();
    expect(await first(ada, 4)).toEqual(['c0', 'c1', 'c2', 'c3']);
    await take('c2');
    await carryBelow('c1');
    await ada.mouse.up();
    expect(await first(ada, 4)).toEqual(['c0', 'c1', 'c2', 'c3']);
  });

  it('scrolls near the edge, to cells that were not drawn', async () => {
    await take('c2');
    await ada.mouse.move(400, 880, { steps: 5 });
    // Beneath the last cell there is room for more.
    await expect
      .poll(() => ada.evaluate(() => scrollY + innerHeight >= document.documentElement.scrollHeight - 2), {
        timeout: 20_000,
      })
      .toBe(true);
    await carryBelow(`c${COUNT - 1}`);
    await ada.mouse.up();
    const last = async (): Promise<string | undefined> =>
      (await readNotebook(join(notebooksDir, 'drag.ipynb'))).cells.at(-1)?.id;
    await expect.poll(last).toBe('c2');
    await ada.locator('[data-cell="c2"]:focus').waitFor();
    await ada.keyboard.press('z');
    await expect.poll(() => first(ben, 4)).toEqual(['c0', 'c1', 'c2', 'c3']);
  });

  it('meets no error in either page', () => {
    expect(errors).toEqual([[], []]);
  });
});
