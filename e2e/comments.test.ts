/** Threads on a cell, a range of its text and an output, between two people: they stick, and they are told live. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call, notebookId } from './api.ts';
import { launchBrowser } from './browser.ts';
import { writeNotebook } from './notebook-file.ts';
import { cell, editor, openForTwo, openNotebook, outputs, runCell, settled, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

let notebooksDir: string;
let dataDir: string;
let server: RunningServer;
let browser: Browser;
let ada: Page;
let ben: Page;
const errors: string[][] = [];

const panel = (page: Page): Locator => page.getByRole('tabpanel');
const tab = (page: Page): Locator => page.getByRole('tab', { name: /^Comments/ });
/** The thread that holds this text. */
const thread = (page: Page, text: string): Locator => panel(page).getByRole('article').filter({ hasText: text });
const marked = (page: Page, id: string): Locator => editor(page, id).locator('.cm-thread');
const markedText = async (page: Page, id: string): Promise<string> => (await marked(page, id).allInnerTexts()).join('');

/** Writes into the composer that has the focus, and sends. */
async function say(page: Page, text: string): Promise<void> {
  await page.keyboard.type(text);
  await page.keyboard.press('ControlOrMeta+Enter');
  await thread(page, text).waitFor();
}

beforeAll(async () => {
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-comments-'));
  dataDir = await mkdtemp(join(tmpdir(), 'trialroom-comments-data-'));
  await writeNotebook(join(notebooksDir, 'talk.ipynb'), [
    { id: 'title', type: 'markdown', source: '# Talk' },
    { id: 'first', source: 'const ratio = 8;\nratio * 2' },
    { id: 'second', source: 'console.log("hello")' },
  ]);
  server = await startServer({ notebooksDir, dataDir });
  browser = await launchBrowser();
  const people = await openForTwo(browser, server, 'talk.ipynb');
  ({ ada, ben } = people);
  errors.push(...people.errors);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(notebooksDir, { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
});

describe('comments between two people', () => {
  it('stand on a cell, are marked beside it, and are unread until they are seen', async () => {
    await cell(ada, 'second').hover();
    await cell(ada, 'second').getByRole('button', { name: 'Comment on cell 3' }).click();
    await ada.getByRole('combobox', { name: 'New comment' }).waitFor();
    await say(ada, 'Why hello?');
    const mark = cell(ben, 'second').getByRole('button', { name: '1 thread on cell 3, 1 unread' });
    await mark.waitFor();
    expect(await tab(ben).innerText()).toContain('1');
    await mark.click();
    await thread(ben, 'Why hello?').waitFor();
    await cell(ben, 'second').getByRole('button', { name: '1 thread on cell 3', exact: true }).waitFor();
    await expect.poll(() => tab(ben).innerText()).toBe('Comments');
    // Who wrote it has read it.
    expect(await tab(ada).innerText()).toBe('Comments');
  });

  it('stick to a range of text while another types before it and in it', async () => {
    await editor(ada, 'first').click();
    await ada.keyboard.press('ControlOrMeta+Home');
    for (let step = 0; step < 'const '.length; step++) await ada.keyboard.press('ArrowRight');
    for (let step = 0; step < 'ratio'.length; step++) await ada.keyboard.press('Shift+ArrowRight');
    await ada.keyboard.press('ControlOrMeta+Alt+m');
    await ada.getByRole('combobox', { name: 'New comment' }).waitFor();
    await say(ada, 'A better name?');
    await marked(ben, 'first').first().waitFor();
    expect(await thread(ada, 'A better name?').locator('.qt').innerText()).toBe('ratio');
    await expect.poll(() => markedText(ben, 'first')).toBe('ratio');
    await editor(ben, 'first').click();
    await ben.keyboard.press('ControlOrMeta+Home');
    await ben.keyboard.type('// the share\n');
    await expect.poll(() => editor(ada, 'first').innerText()).toContain('// the share');
    expect(await markedText(ada, 'first')).toBe('ratio');
    for (let step = 0; step < 'const ra'.length; step++) await ben.keyboard.press('ArrowRight');
    await ben.keyboard.type('XY');
    await expect.poll(() => editor(ada, 'first').innerText()).toContain('raXYtio');
    await expect.poll(() => markedText(ada, 'first')).toBe('raXYtio');
    await expect.poll(() => markedText(ben, 'first')).toBe('raXYtio');
    await ben.keyboard.press('Backspace');
    await ben.keyboard.press('Backspace');
    await expect.poll(() => markedText(ada, 'first')).toBe('ratio');
    // A click on the range opens the thread.
    await ben.getByRole('tab', { name: 'Console' }).click();
    await marked(ben, 'first').first().click();
    await ben.locator('.thread.looked').filter({ hasText: 'A better name?' }).waitFor();
  });

  it('stand on an output', async () => {
    await runCell(ada, 'first');
    await settled(ada, 'first', 'evaluated');
    await outputs(ada, 'first').getByText('16').hover();
    await cell(ada, 'first').getByRole('button', { name: 'Comment on output 1' }).click();
    await ada.getByRole('combobox', { name: 'New comment' }).waitFor();
    await say(ada, 'Twice as much?');
    expect(await thread(ben, 'Twice as much?').innerText()).toMatch(/Output of cell 2\s[\s\S]*16/);
    // Run again, the cell shows another output, which the thread is not about.
    await runCell(ben, 'first');
    await thread(ada, 'Twice as much?').getByText('Earlier output of cell 2').waitFor();
    await thread(ben, 'Twice as much?').getByText('Earlier output of cell 2').waitFor();
  });

  it('go with their text when a cell is split, and back by undo', async () => {
    await editor(ada, 'first').click();
    await ada.keyboard.press('ControlOrMeta+Home');
    await ada.keyboard.press('ArrowDown');
    await ada.keyboard.press('ControlOrMeta+Shift+Minus');
    await expect.poll(() => ada.locator('[data-cell]').count()).toBe(4);
    const made = await ada.locator('[data-cell]').nth(2).getAttribute('data-cell');
    await expect.poll(() => markedText(ben, made ?? '')).toBe('ratio');
    await thread(ben, 'A better name?').getByRole('button', { name: 'Cell 3', exact: true }).waitFor();
    await ada.keyboard.press('Escape');
    await ada.keyboard.press('Escape');
    await ada.keyboard.press('z');
    await expect.poll(() => ada.locator('[data-cell]').count()).toBe(3);
    await expect.poll(() => markedText(ben, 'first')).toBe('ratio');
    await thread(ben, 'A better name?').getByRole('button', { name: 'Cell 2', exact: true }).waitFor();
  });

  it('mention people, who see it', async () => {
    const Me = z.object({ id: z.string(), name: z.string() });
    const me = Me.parse(await ben.evaluate(async () => (await fetch('/api/me')).json()));
    const talk = thread(ada, 'Why hello?');
    await talk.getByRole('button', { name: 'Reply', exact: true }).click();
    await ada.keyboard.type(`@${me.name.slice(0, 4)}`);
    const list = ada.getByRole('listbox', { name: 'People' });
    await list.getByRole('option', { name: me.name }).waitFor();
    // The list is long or short, whoever is here: the arrow keys go to the right one.
    for (let step = 0; step < 6; step++) {
      if ((await list.getByRole('option', { name: me.name }).getAttribute('aria-selected')) === 'true') break;
      await ada.keyboard.press('ArrowDown');
    }
    await ada.keyboard.press('Enter');
    await ada.keyboard.type('please **look**');
    await ada.keyboard.press('ControlOrMeta+Enter');
    await thread(ben, 'Why hello?')
      .locator('.mention.of-me', { hasText: `@${me.name}` })
      .waitFor();
    await talk.locator('.mention:not(.of-me)').waitFor();
    await talk.locator('strong', { hasText: 'look' }).waitFor();
    await ben.getByRole('button', { name: 'Mine' }).click();
    await thread(ben, 'Why hello?').waitFor();
    expect(await thread(ben, 'A better name?').count()).toBe(0);
    await ben.getByRole('button', { name: 'Open', exact: true }).click();
  });

  it('are resolved and opened again by an answer', async () => {
    await thread(ben, 'A better name?').getByRole('button', { name: 'Resolve' }).click();
    await thread(ada, 'A better name?').waitFor({ state: 'detached' });
    await marked(ada, 'first').first().waitFor({ state: 'detached' });
    await ada.getByRole('button', { name: 'Resolved' }).click();
    await thread(ada, 'A better name?').getByRole('button', { name: 'Reply', exact: true }).click();
    await ada.keyboard.type('I still think so');
    await ada.keyboard.press('ControlOrMeta+Enter');
    await thread(ben, 'I still think so').waitFor();
    await marked(ben, 'first').first().waitFor();
  });

  it('are changed and deleted by who wrote them', async () => {
    const talk = thread(ada, 'A better name?');
    await talk.getByText('I still think so').waitFor();
    await talk
      .getByRole('button', { name: /^More for the message/ })
      .last()
      .click();
    await ada.getByRole('menuitem', { name: 'Edit' }).click();
    await talk.getByRole('combobox', { name: 'Your message' }).waitFor();
    await ada.keyboard.press('ControlOrMeta+a');
    await ada.keyboard.type('Never mind');
    await ada.keyboard.press('ControlOrMeta+Enter');
    await thread(ben, 'Never mind').getByText('edited').waitFor();
    await thread(ada, 'Never mind')
      .getByRole('button', { name: /^More for the message/ })
      .last()
      .click();
    await ada.getByRole('menuitem', { name: 'Delete' }).click();
    await thread(ben, 'Never mind').waitFor({ state: 'detached' });
    await thread(ben, 'A better name?').waitFor();
  });

  it('survive a move of their cell', async () => {
    await cell(ada, 'second').hover();
    await cell(ada, 'second').getByRole('button', { name: 'Move cell 3 up' }).click();
    await thread(ben, 'Why hello?').getByRole('button', { name: 'Cell 2', exact: true }).waitFor();
    await cell(ben, 'second').getByRole('button', { name: '1 thread on cell 2' }).waitFor();
    await expect.poll(() => markedText(ben, 'first')).toBe('ratio');
  });

  it('keep the words while there is no server, and everything survives its end', async () => {
    await thread(ben, 'Twice as much?').getByRole('button', { name: 'Reply', exact: true }).click();
    await ben.keyboard.type('Words in a draft');
    const port = Number(new URL(server.url).port);
    await server.kill9();
    await thread(ben, 'Twice as much?').getByText('Not connected. Your words are kept here').waitFor();
    expect(await ben.getByRole('button', { name: 'Reply', exact: true }).last().isDisabled()).toBe(true);
    server = await startServer({ notebooksDir, dataDir, port });
    await thread(ben, 'Twice as much?').getByText('Not connected.').waitFor({ state: 'detached' });
    await ben.reload();
    await tab(ben).click();
    const answer = thread(ben, 'Twice as much?').getByRole('combobox', { name: 'Reply' });
    await expect.poll(() => answer.inputValue()).toBe('Words in a draft');
    await answer.press('ControlOrMeta+Enter');
    await thread(ada, 'Words in a draft').waitFor();
    for (const said of ['Why hello?', 'A better name?']) await thread(ben, said).waitFor();
    await expect.poll(() => markedText(ben, 'first')).toBe('ratio');
  });

  it('go with a download when asked for, and never into the file', async () => {
    const id = await notebookId(server, 'talk.ipynb');
    const File = z.looseObject({});
    const asked = JSON.stringify(await call(server, 'GET', `/api/notebooks/${id}/ipynb?comments=true`, File));
    expect(asked).toContain('Twice as much?');
    expect(JSON.stringify(await call(server, 'GET', `/api/notebooks/${id}/ipynb`, File))).not.toContain(
      'Twice as much?',
    );
    expect(await readFile(join(notebooksDir, 'talk.ipynb'), 'utf8')).not.toContain('Twice as much?');
  });

  it('are open to those who may only look, and a link leads to a thread', async () => {
    const Invite = z.object({ url: z.string() });
    const { url } = await call(server, 'POST', '/api/invites', Invite, { role: 'viewer' });
    const viewer = await signIn(browser, { ...server, signIn: url });
    errors.push(viewer.errors);
    // Lists of notebooks say that there is something to read.
    await viewer.page.goto(`${server.url}/notebooks`);
    await viewer.page.getByRole('img', { name: '3 unread threads' }).waitFor();
    await openNotebook(viewer.page, server, 'talk.ipynb');
    await cell(viewer.page, 'title').hover();
    expect(
      await cell(viewer.page, 'title')
        .getByRole('button', { name: /^Delete/ })
        .count(),
    ).toBe(0);
    await cell(viewer.page, 'title').getByRole('button', { name: 'Comment on cell 1' }).click();
    await viewer.page.getByRole('combobox', { name: 'New comment' }).waitFor();
    await say(viewer.page, 'May I?');
    await thread(ada, 'May I?').waitFor();
    // On a range of the text too.
    await editor(viewer.page, 'second').getByText('log', { exact: true }).dblclick();
    await viewer.page.getByRole('button', { name: 'Comment on the selected text' }).click();
    await viewer.page.getByRole('combobox', { name: 'New comment' }).waitFor();
    await say(viewer.page, 'And this?');
    expect((await thread(ada, 'And this?').locator('.qt').innerText()).trim()).toContain('log');
    const target = await thread(viewer.page, 'And this?').getAttribute('id');
    const link = `${server.url}/notebooks/${await notebookId(server, 'talk.ipynb')}#${target}`;
    await viewer.page.goto('about:blank');
    await viewer.page.goto(link);
    await viewer.page.locator('.thread.looked').filter({ hasText: 'And this?' }).waitFor();
  });

  it('stay when what they are about is deleted, and say what it was', async () => {
    await editor(ada, 'first').click();
    await ada.keyboard.press('ControlOrMeta+a');
    await ada.keyboard.type('0');
    await thread(ben, 'A better name?').getByText('Text no longer in cell 3').waitFor();
    await thread(ben, 'A better name?').locator('.qt', { hasText: 'ratio' }).waitFor();
    await cell(ada, 'second').hover();
    await cell(ada, 'second').getByRole('button', { name: 'Delete cell 2' }).click();
    await thread(ben, 'Why hello?').getByText('A cell that was deleted').waitFor();
  });

  it('meet no error in the page', () => {
    expect(errors.flat()).toEqual([]);
  });
});
