/** Notes on a trial between two people: pinned to steps, told live, in the margin and on the home page of who is mentioned. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call } from './api.ts';
import { launchBrowser } from './browser.ts';
import { writeNotebook } from './notebook-file.ts';
import { openNotebook, runCell, settled, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

const STEPS = 200;
const TRAIN = `import { trial } from "trialroom";
const run = await trial({ experiment: "notes", name: "cnn", params: {} });
for (let step = 1; step <= ${STEPS}; step++) run.log({ loss: 1 / step, accuracy: 1 - 1 / step }, { step });
run.progress(${STEPS}, ${STEPS});
run.finish();`;

let notebooksDir: string;
let dataDir: string;
let server: RunningServer;
let browser: Browser;
let ada: Page;
let ben: Page;
let trial: string;
const errors: string[][] = [];

const margin = (page: Page): Locator => page.getByRole('region', { name: 'Annotations', exact: true });
const note = (page: Page, text: string): Locator => margin(page).getByRole('article').filter({ hasText: text });
const composer = (page: Page): Locator => margin(page).getByRole('combobox', { name: 'New note' });
const numbers = (page: Page): Promise<string[]> => margin(page).locator('.thread .pinno').allInnerTexts();
const idOf = async (page: Page, text: string): Promise<string> =>
  (await note(page, text).getAttribute('data-thread-id')) ?? '';

/** Writes a note at a step, by the margin's own composer. */
async function pin(page: Page, step: string, text: string): Promise<void> {
  await composer(page).click();
  await page.keyboard.type(text.slice(0, 1));
  const at = margin(page).getByRole('textbox', { name: 'at step' });
  await at.fill(step);
  await at.press('Tab');
  await composer(page).click();
  await page.keyboard.press('End');
  await page.keyboard.type(text.slice(1));
  await page.keyboard.press('ControlOrMeta+Enter');
  await note(page, text).waitFor();
}

beforeAll(async () => {
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-notes-'));
  dataDir = await mkdtemp(join(tmpdir(), 'trialroom-notes-data-'));
  await writeNotebook(join(notebooksDir, 'train.ipynb'), [{ id: 'train', source: TRAIN }]);
  server = await startServer({ notebooksDir, dataDir });
  browser = await launchBrowser();
  const people = [await signIn(browser, server), await signIn(browser, server)] as const;
  [ada, ben] = [people[0].page, people[1].page];
  errors.push(...people.map((one) => one.errors));
  await openNotebook(ada, server, 'train.ipynb');
  await runCell(ada, 'train');
  await settled(ada, 'train', 'evaluated');
  const List = z.object({ trials: z.array(z.object({ id: z.string() })) });
  const { trials } = await call(server, 'GET', '/api/trials', List);
  trial = trials[0]?.id ?? '';
  for (const page of [ada, ben]) {
    await page.goto(`${server.url}/trials/${trial}`);
    await composer(page).waitFor();
  }
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(notebooksDir, { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
});

describe('notes on a trial between two people', () => {
  it('are pinned to a step, and the other sees them at once, new until they are seen', async () => {
    await pin(ada, '120', 'The gap widens here.');
    await note(ben, 'The gap widens here.').getByText('at 120', { exact: true }).waitFor();
    expect(await numbers(ben)).toEqual(['1']);
    // It is in sight, and so it is read: what was new stays marked while one looks.
    await note(ben, 'The gap widens here.').getByText('New', { exact: true }).waitFor();
    await margin(ben)
      .getByText(/^1 new$/)
      .waitFor({ state: 'detached' });
  });

  it('are numbered as they are begun, and stand by step, the last first', async () => {
    await pin(ben, '1.2e2', 'Same place.');
    await pin(ben, '40', 'Warm-up over.');
    await note(ada, 'Warm-up over.').waitFor();
    await expect.poll(() => numbers(ada)).toEqual(['2', '1', '3']);
    await composer(ada).click();
    await ada.keyboard.type('x');
    const at = margin(ada).getByRole('textbox', { name: 'at step' });
    await at.fill('later');
    await margin(ada).getByRole('alert').filter({ hasText: 'A step is a number.' }).waitFor();
    await at.fill('');
    await at.press('Tab');
    await composer(ada).click();
    await ada.keyboard.press('End');
    await ada.keyboard.type('-ray of it all');
    await ada.keyboard.press('ControlOrMeta+Enter');
    await expect.poll(() => numbers(ben)).toEqual(['4', '2', '1', '3']);
  });

  it('are pinned to a point of a curve, marked on it for all, and found from their mark', async () => {
    const plot = (page: Page): Locator => page.getByRole('application').first();
    const mark = (page: Page, number: string): Locator =>
      page.locator('.dash .m-thread[data-mark]').filter({ hasText: number });
    await mark(ben, '1').first().waitFor();
    await plot(ada).scrollIntoViewIfNeeded();
    const box = await plot(ada).boundingBox();
    if (!box) throw new Error('no curve is drawn');
    await plot(ada).focus();
    await ada.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await ada.keyboard.press('p');
    await expect.poll(() => composer(ada).evaluate((area) => area === document.activeElement)).toBe(true);
    await ada.keyboard.type('On this very point.');
    await ada.keyboard.press('ControlOrMeta+Enter');
    const place = note(ben, 'On this very point.').locator('.thread-place');
    await place.waitFor();
    expect(await place.innerText()).toMatch(/^(loss|accuracy) at \d+: 0\.\d+$/);
    await mark(ben, '5').first().waitFor();
    await margin(ben).getByRole('button', { name: 'Mine' }).click();
    await mark(ben, '5').first().locator('b').click();
    await ben.locator('.thread.looked').filter({ hasText: 'On this very point.' }).waitFor();
    await margin(ben).getByRole('button', { name: 'Open', exact: true }).click();
  });

  it('are answered, and walked through with the keyboard', async () => {
    await note(ben, 'The gap widens here.').focus();
    await ben.keyboard.press('r');
    await ben.keyboard.type('Agreed.');
    await ben.keyboard.press('ControlOrMeta+Enter');
    await note(ada, 'The gap widens here.').getByText('Agreed.').waitFor();
    await note(ben, 'The gap widens here.').focus();
    await ben.keyboard.press('ArrowDown');
    await expect.poll(() => ben.evaluate(() => document.activeElement?.textContent)).toContain('On this very point.');
    await ben.keyboard.press('ArrowUp');
    await ben.keyboard.press('ArrowUp');
    await expect.poll(() => ben.evaluate(() => document.activeElement?.textContent)).toContain('Same place.');
  });

  it('mention people, who find it on their home page and come to the thread from there', async () => {
    const Me = z.object({ id: z.string(), name: z.string() });
    const me = Me.parse(await ben.evaluate(async () => (await fetch('/api/me')).json()));
    await ben.goto(`${server.url}/`);
    const recent = ben.getByRole('region', { name: 'Recent annotations' });
    await recent.waitFor();
    expect(await recent.getByText('mentions you').count()).toBe(0);
    await note(ada, 'Warm-up over.').getByRole('button', { name: 'Reply', exact: true }).click();
    await ada.keyboard.type(`@${me.name}`);
    const offered = ada.getByRole('listbox', { name: 'People' }).getByRole('option', { name: me.name });
    // A name that is written whole and is the only one needs no list.
    if (await offered.count()) await ada.keyboard.press('Escape');
    await ada.keyboard.press('ControlOrMeta+a');
    await ada.keyboard.type(`@${me.name.slice(0, 3)}`);
    await offered.click();
    await ada.keyboard.type('does seed 2 do this?');
    await ada.keyboard.press('ControlOrMeta+Enter');
    // Told where he is, without a reload.
    const told = recent.getByRole('link').filter({ hasText: 'does seed 2 do this?' });
    await told.getByText('mentions you').waitFor();
    await recent.getByText('1 mentions you').waitFor();
    expect(await told.innerText()).toContain('cnn at 40, 1 reply');
    await told.click();
    await ben.locator('.thread.looked').filter({ hasText: 'Warm-up over.' }).waitFor();
    expect(new URL(ben.url()).hash).toBe(`#thread=${await idOf(ben, 'Warm-up over.')}`);
    await note(ben, 'Warm-up over.').locator('.mention.of-me').waitFor();
    await ben.goBack();
    await recent.waitFor();
    await recent.getByText('mentions you').first().waitFor({ state: 'detached' });
    await ben.goForward();
    await note(ben, 'Warm-up over.').waitFor();
  });

  it('are filtered by words and by what became of them', async () => {
    await pin(ada, '60', 'Nothing special.');
    const find = margin(ada).getByRole('searchbox', { name: 'Find in annotations' });
    await find.fill('seed');
    await expect.poll(() => numbers(ada)).toEqual(['3']);
    await find.fill('no such words');
    await margin(ada).getByText('Nothing says “no such words” here.').waitFor();
    await find.fill('');
    await note(ada, 'Same place.').getByRole('button', { name: 'Resolve' }).click();
    await note(ben, 'Same place.').waitFor({ state: 'detached' });
    await margin(ben).getByRole('button', { name: 'Resolved' }).click();
    await note(ben, 'Same place.')
      .getByText(/^Resolved by/)
      .waitFor();
    await margin(ben).getByRole('button', { name: 'Open', exact: true }).click();
    await margin(ben).getByRole('button', { name: 'Mine' }).click();
    await note(ben, 'Nothing special.').waitFor({ state: 'detached' });
    await note(ben, 'Warm-up over.').waitFor();
    await margin(ben).getByRole('button', { name: 'Open', exact: true }).click();
  });

  it('keep what is written while another is on its way, and where it goes', async () => {
    const held = Promise.withResolvers<void>();
    await ada.route(`**/api/trials/${trial}/annotations`, async (route) => {
      if (route.request().method() === 'POST') await held.promise;
      await route.continue();
    });
    await composer(ada).click();
    await ada.keyboard.type('The first of two.');
    await ada.keyboard.press('ControlOrMeta+Enter');
    await margin(ada).getByRole('button', { name: 'Sending…' }).waitFor();
    await ada.keyboard.type(' And the second.');
    const at = margin(ada).getByRole('textbox', { name: 'at step' });
    await at.fill('31');
    await at.press('Tab');
    held.resolve();
    await note(ben, 'The first of two.').waitFor();
    await expect.poll(() => composer(ada).inputValue()).toBe('And the second.');
    await ada.unroute(`**/api/trials/${trial}/annotations`);
    expect(await at.inputValue()).toBe('31');
    await margin(ada).getByRole('button', { name: 'Pin', exact: true }).click();
    await note(ben, 'And the second.').getByText('at 31', { exact: true }).waitFor();
    await expect.poll(() => composer(ada).inputValue()).toBe('');
  });

  it('come when the server can be reached again, without being asked for', async () => {
    let refused = 0;
    await ada.route(`**/api/trials/${trial}/annotations`, async (route) => {
      refused++;
      await route.abort();
    });
    await ada.reload();
    await margin(ada).getByText('The server cannot be reached.').waitFor();
    await expect.poll(() => refused).toBeGreaterThan(1);
    await ada.unroute(`**/api/trials/${trial}/annotations`);
    await note(ada, 'Warm-up over.').waitFor();
    await margin(ada).getByText('The server cannot be reached.').waitFor({ state: 'detached' });
  });

  it('keep the words while there is no server, and all of it survives its end', async () => {
    await composer(ben).click();
    await ben.keyboard.type('Words in a draft');
    const place = margin(ben).getByRole('textbox', { name: 'at step' });
    await place.fill('77');
    await place.press('Tab');
    const port = Number(new URL(server.url).port);
    await server.kill9();
    await margin(ben).getByText('Not connected. Your words are kept here').waitFor();
    expect(await margin(ben).getByRole('button', { name: 'Pin', exact: true }).isDisabled()).toBe(true);
    server = await startServer({ notebooksDir, dataDir, port });
    await ben.reload();
    await expect.poll(() => composer(ben).inputValue()).toBe('Words in a draft');
    expect(await place.inputValue()).toBe('77');
    await margin(ben).getByRole('button', { name: 'Pin', exact: true }).click();
    await note(ada, 'Words in a draft').getByText('at 77', { exact: true }).waitFor();
    for (const said of ['Warm-up over.', 'Agreed.', 'Nothing special.']) await note(ben, said).first().waitFor();
    await expect.poll(() => composer(ben).inputValue()).toBe('');
  });

  it('are taken along as files', async () => {
    await margin(ada).getByRole('button', { name: 'More for annotations' }).click();
    const item = ada.getByRole('menuitem', { name: 'Download as Markdown' });
    const [given] = await Promise.all([ada.waitForEvent('download'), item.click()]);
    const text = await readFile(await given.path(), 'utf8');
    expect(text).toContain('# Annotations of cnn');
    expect(text).toContain('> **Note 3, at 40**');
    expect(text).toContain('> **Note 2, at 120** · resolved');
  });

  it('are begun by a link to a place, from wherever something is shown', async () => {
    const target = { kind: 'confusion', evaluation: 'test', row: 0, column: 1, labels: ['cat', 'dog'], count: 12 };
    await ada.goto('about:blank');
    await ada.goto(`${server.url}/trials/${trial}#note=${encodeURIComponent(JSON.stringify(target))}`);
    await margin(ada).getByText('cat taken for dog, test: 12').waitFor();
    expect(new URL(ada.url()).hash).toBe('');
    await composer(ada).click();
    await ada.keyboard.type('Mostly puppies.');
    await ada.keyboard.press('ControlOrMeta+Enter');
    await note(ben, 'Mostly puppies.').getByText('cat taken for dog, test: 12').waitFor();
  });

  it('stand on the experiment too', async () => {
    const { experimentId } = await call(server, 'GET', `/api/trials/${trial}`, z.object({ experimentId: z.string() }));
    for (const page of [ada, ben]) {
      await page.goto(`${server.url}/experiments/${experimentId}`);
      await composer(page).waitFor();
    }
    await composer(ada).click();
    await ada.keyboard.type('Three seeds each, please.');
    await ada.keyboard.press('ControlOrMeta+Enter');
    await note(ben, 'Three seeds each, please.').waitFor();
    await ada.goto(`${server.url}/trials/${trial}`);
    await composer(ada).waitFor();
    expect(await note(ada, 'Three seeds each, please.').count()).toBe(0);
  });

  it('are open to those who may only look', async () => {
    const Invite = z.object({ url: z.string() });
    const { url } = await call(server, 'POST', '/api/invites', Invite, { role: 'viewer' });
    const viewer = await signIn(browser, { ...server, signIn: url });
    errors.push(viewer.errors);
    await viewer.page.goto(`${server.url}/trials/${trial}`);
    await composer(viewer.page).waitFor();
    await pin(viewer.page, '10', 'May I?');
    await note(ada, 'May I?').waitFor();
  });

  it('meet no error in the page', () => {
    expect(errors.flat()).toEqual([]);
  });
});
