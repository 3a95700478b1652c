/** The `.ipynb` on disk follows the document, and the document follows other programs that change the file. */
import { mkdtemp, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from './browser.ts';
import { readNotebook, writeNotebook } from './notebook-file.ts';
import { editor, openNotebook, outputs, retype, runCell, settled, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

let notebooksDir: string;
let server: RunningServer;
let browser: Browser;
let page: Page;
const path = (name: string): string => join(notebooksDir, name);

beforeAll(async () => {
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-files-'));
  await writeNotebook(
    path('shared.ipynb'),
    [
      { id: 'one', source: 'const greeting = "hello";\nconst name = "world";' },
      { id: 'two', source: 'console.log("two")' },
    ],
    { 'someone-elses': { deep: [1, 2, { kept: true }] } },
  );
  await writeFile(path('broken.ipynb'), '{ "cells": [ {"cell_type": "code", ]');
  await writeFile(
    path('unknown.ipynb'),
    JSON.stringify({
      cells: [{ cell_type: 'widget', id: 'a', metadata: {}, source: '' }],
      metadata: {},
      nbformat: 4,
      nbformat_minor: 5,
    }),
  );
  server = await startServer({ notebooksDir });
  browser = await launchBrowser();
  page = (await signIn(browser, server)).page;
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(notebooksDir, { recursive: true, force: true });
});

describe('the file of a notebook', () => {
  it('is updated as people edit and run, and keeps metadata it does not know', async () => {
    await openNotebook(page, server, 'shared.ipynb');
    await retype(page, 'two', 'console.log("edited")');
    await runCell(page, 'two');
    await settled(page, 'two', 'evaluated');
    await expect.poll(() => readFile(path('shared.ipynb'), 'utf8')).toContain('"edited\\n"');
    const stored = await readNotebook(path('shared.ipynb'));
    expect(stored.nbformat_minor).toBeGreaterThanOrEqual(5);
    expect(stored.metadata['someone-elses']).toEqual({ deep: [1, 2, { kept: true }] });
    const two = stored.cells.find(({ id }) => id === 'two');
    expect(two?.source).toBe('console.log("edited")');
    expect(two?.outputs?.[0]?.output_type).toBe('stream');
  });

  it('merges a change by another program with what is being typed', async () => {
    await editor(page, 'one').click();
    await page.keyboard.press('ControlOrMeta+Home');
    await page.keyboard.type('// mine\n');
    const text = await readFile(path('shared.ipynb'), 'utf8');
    const outside = text.replace('\\"world\\"', '\\"everyone\\"');
    expect(outside).not.toBe(text);
    await writeFile(`${path('shared.ipynb')}.tmp`, outside);
    await rename(`${path('shared.ipynb')}.tmp`, path('shared.ipynb'));
    await editor(page, 'one').getByText('const name = "everyone";').waitFor();
    expect((await editor(page, 'one').innerText()).trim()).toBe(
      '// mine\nconst greeting = "hello";\nconst name = "everyone";',
    );
    await expect
      .poll(async () => (await readNotebook(path('shared.ipynb'))).cells[0]?.source)
      .toBe('// mine\nconst greeting = "hello";\nconst name = "everyone";');
  });

  it('says so when it is deleted while open, never makes it again by itself, and can restore it', async () => {
    await unlink(path('shared.ipynb'));
    const restore = page.getByRole('button', { name: /restore/i });
    await restore.waitFor();
    await retype(page, 'two', 'console.log("typed after the file went")');
    await page
      .getByText(/^Saved/i)
      .first()
      .waitFor();
    await expect(stat(path('shared.ipynb'))).rejects.toThrow();
    // What is said of the call that was typed stands over the button until the call is known to be closed.
    await page.locator('.cm-tooltip').waitFor({ state: 'detached' });
    await restore.click();
    await expect
      .poll(() => readFile(path('shared.ipynb'), 'utf8').catch(() => ''))
      .toContain('typed after the file went');
    await runCell(page, 'two');
    await outputs(page, 'two').getByText('typed after the file went').waitFor();
  });

  it.each([
    ['broken.ipynb', /line 1/],
    ['unknown.ipynb', /cells\[0\]\.cell_type is "widget"/],
  ])('%s is refused with what is wrong, and the rest of the workspace goes on', async (name, message) => {
    const before = await readFile(path(name), 'utf8');
    await page.goto(server.url);
    await page.getByText(name.replace('.ipynb', '')).first().click();
    await page.getByText(message).first().waitFor();
    expect(await readFile(path(name), 'utf8')).toBe(before);
    await openNotebook(page, server, 'shared.ipynb');
  });
});
