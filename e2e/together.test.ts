/** Two people in one notebook: every keystroke, cursor, run state and output of one is seen by the other, live. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from './browser.ts';
import { writeNotebook } from './notebook-file.ts';
import { cell, editor, openForTwo, outputs, retype, runCell, settled } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

let notebooksDir: string;
let server: RunningServer;
let browser: Browser;
let ada: Page;
let ben: Page;
const errors: string[][] = [];

beforeAll(async () => {
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-together-'));
  await writeNotebook(join(notebooksDir, 'pair.ipynb'), [
    { id: 'title', type: 'markdown', source: '# Together\n\nTwo people, one notebook.' },
    { id: 'first', source: 'let total = 40;\ntotal + 2' },
    { id: 'second', source: 'console.log("hello from the kernel")' },
    { id: 'spin', source: 'while (true) {}' },
    { id: 'broken', source: 'const a = 1;\n\nthrow new Error("on line three")' },
    { id: 'rich', source: 'display({ rows: 3 });\n[{ city: "Oslo", rain: 1.5 }, { city: "Rome", rain: 0.5 }]' },
    {
      id: 'chart',
      source:
        'import { chart } from "trialroom";\nconst line = chart({ title: "Falling" });\nfor (let i = 0; i < 50; i++) line.push(i, { loss: 1 / (i + 1) });',
    },
    {
      id: 'evil',
      source:
        'import { html } from "trialroom";\nhtml("<p id=said>quiet</p><script>try { parent.document.title = `stolen` } catch {} document.getElementById(`said`).textContent = `ran`</script>")',
    },
    { id: 'named', source: 'const score = 1;\nscore + score;' },
    { id: 'uses', source: '// what came of it\nscore + 1' },
  ]);
  server = await startServer({ notebooksDir });
  browser = await launchBrowser();
  const people = await openForTwo(browser, server, 'pair.ipynb');
  ({ ada, ben } = people);
  errors.push(...people.errors);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(notebooksDir, { recursive: true, force: true });
});

describe('two people in one notebook', () => {
  it('see each keystroke of the other, and both keep writing', async () => {
    await retype(ada, 'first', 'let total = 20;');
    await editor(ben, 'first').getByText('let total = 20;').waitFor();
    await editor(ben, 'first').click();
    await ben.keyboard.press('ControlOrMeta+End');
    await ben.keyboard.type('\ntotal * 2 + 2');
    await editor(ada, 'first').getByText('total * 2 + 2').waitFor();
    expect(await editor(ada, 'first').innerText()).toBe(await editor(ben, 'first').innerText());
  });

  it('see where the other is, with a name', async () => {
    await editor(ben, 'second').click();
    const caret = editor(ada, 'second').locator('.cm-ySelectionCaret');
    await caret.waitFor({ state: 'attached' });
    const name = await ben.evaluate(async () => {
      const me: { name: string } = await (await fetch('/api/me')).json();
      return me.name;
    });
    expect(await cell(ada, 'second').innerText()).toContain(name);
  });

  it('see the run and the result of the other', async () => {
    await runCell(ben, 'first');
    await settled(ada, 'first', 'evaluated');
    await outputs(ada, 'first').getByText('42').waitFor();
    await outputs(ben, 'first').getByText('42').waitFor();
    await runCell(ada, 'second');
    await outputs(ben, 'second').getByText('hello from the kernel').waitFor();
  });

  it('interrupt a loop that never ends, and the state is kept', async () => {
    await runCell(ada, 'spin');
    await ben.locator('[data-cell="spin"][data-status="evaluating"]').waitFor();
    await ben.getByRole('button', { name: 'Interrupt' }).click();
    await settled(ada, 'spin', 'aborted');
    await retype(ada, 'second', 'console.log("total is", total)');
    await runCell(ada, 'second');
    await outputs(ada, 'second').getByText('total is 20').waitFor();
  });

  it('see whose run waits where, change the order, and take one back', async () => {
    await runCell(ada, 'spin');
    await ada.locator('[data-cell="spin"][data-status="evaluating"]').waitFor();
    await runCell(ada, 'first');
    await runCell(ben, 'second');
    await ada.locator('[data-cell="second"][data-status="queued"]').waitFor();
    await ada.getByRole('button', { name: '2 waiting' }).click();
    const queue = ada.getByRole('dialog', { name: 'Run queue' });
    const order = () => queue.locator('li code').allInnerTexts();
    await queue.getByText('while (true) {}').waitFor();
    expect((await order()).map((line) => line.slice(0, 4))).toEqual(['let ', 'cons']);
    await queue.getByRole('button', { name: /^Run console.* earlier$/ }).click();
    await expect.poll(async () => (await order())[0]).toMatch(/^console/);
    await queue.getByRole('button', { name: /^Do not run let/ }).click();
    await ben.locator('[data-cell="first"][data-status="ready"]').waitFor();
    await ben.getByRole('button', { name: '1 waiting' }).waitFor();
    await ada.keyboard.press('Escape');
    await ada.getByRole('button', { name: 'Interrupt', exact: true }).click();
    await settled(ben, 'spin', 'aborted');
    await ben.locator('[data-cell="second"][data-status="ready"]').waitFor();
  });

  it('are shown the line of an error', async () => {
    await runCell(ada, 'broken');
    await settled(ben, 'broken', 'failed');
    await outputs(ben, 'broken').getByText('on line three').first().waitFor();
    expect(await outputs(ben, 'broken').innerText()).toMatch(/line 3/);
  });

  it('see tables and charts', async () => {
    await runCell(ada, 'rich');
    await outputs(ben, 'rich').getByRole('cell', { name: 'Oslo' }).waitFor();
    await runCell(ada, 'chart');
    await settled(ada, 'chart', 'evaluated');
    await outputs(ben, 'chart').locator('canvas').first().waitFor();
  });

  it('are safe from scripts in outputs', async () => {
    await runCell(ada, 'evil');
    const frame = outputs(ben, 'evil').frameLocator('iframe');
    await frame.getByText('ran').waitFor();
    expect(await ben.title()).not.toBe('stolen');
    expect(await outputs(ben, 'evil').locator('iframe').getAttribute('sandbox')).toBe('allow-scripts');
  });

  it('rename a name in cells that the other is writing in, and neither loses a letter', async () => {
    await editor(ada, 'named').click();
    await ada.keyboard.press('ControlOrMeta+Home');
    for (let at = 0; at < 8; at++) await ada.keyboard.press('ArrowRight');
    await ada.keyboard.press('F2');
    await ada.getByRole('textbox', { name: 'New name for score' }).fill('accuracy');
    await ada.keyboard.press('Enter');
    const preview = ada.getByRole('dialog', { name: 'Rename' });
    await preview.getByText('4 places in 2 cells').waitFor({ timeout: 60_000 });
    // On the line that is about to change, and on another.
    await editor(ben, 'uses').click();
    await ben.keyboard.press('ControlOrMeta+End');
    await ben.keyboard.type(' + score');
    await ben.keyboard.press('ControlOrMeta+Home');
    await ben.keyboard.type('// Ben: ');
    await preview.getByText('5 places in 2 cells').waitFor();
    await preview.getByText('the text changed meanwhile').waitFor();
    expect(await editor(ada, 'named').innerText()).toContain('const score = 1;');
    await ada.keyboard.press('Enter');
    await preview.waitFor({ state: 'detached' });
    for (const page of [ada, ben]) {
      await editor(page, 'uses').getByText('accuracy + 1 + accuracy').waitFor();
      await editor(page, 'uses').getByText('// Ben: // what came of it').waitFor();
      await editor(page, 'named').getByText('accuracy + accuracy;').waitFor();
    }
    // One step back for her; what he wrote stays.
    await ada.keyboard.press('ControlOrMeta+z');
    await editor(ben, 'named').getByText('score + score;').waitFor();
    await editor(ben, 'uses').getByText('score + 1 + ').waitFor();
    await editor(ben, 'uses').getByText('// Ben: // what came of it').waitFor();
  });

  it('restart the kernel: the document stays, the state goes', async () => {
    await ada.getByRole('button', { name: 'Restart' }).click();
    const sure = ada.getByRole('dialog').getByRole('button', { name: 'Restart', exact: true });
    if (await sure.isVisible()) await sure.click();
    await settled(ben, 'first', 'stale');
    await retype(ben, 'second', 'console.log(typeof total)');
    await runCell(ben, 'second');
    await outputs(ada, 'second').getByText('undefined').waitFor();
    expect(await editor(ada, 'first').innerText()).toContain('let total = 20;');
  });

  it('meet no error in the page', () => {
    expect(errors.flat()).toEqual([]);
  });
});
