/** What stands around the curves of a trial's room: rules, labels, the log, notes on panels and pictures, the baseline. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call } from './api.ts';
import { stillOn } from './axe.ts';
import { launchBrowser } from './browser.ts';
import { writeNotebook } from './notebook-file.ts';
import { openNotebook, outputs, runCell, settled, signIn } from './pages.ts';
import { comes } from './panel.ts';
import { type RunningServer, startServer } from './server.ts';

/** Six seeds of one setting, which are the baseline, and one of another that is worse by far, with a log and pictures. */
const SOURCE = `import { trial } from "trialroom";
const open = (name: string, params: object) =>
  trial({ experiment: "side", name, params, objective: { key: "accuracy", direction: "maximise" } });
for (let seed = 0; seed < 6; seed++) {
  const run = await open("seed " + seed, { lr: 1, seed });
  for (let step = 1; step <= 10; step++) run.log({ accuracy: 0.9 + seed / 1000 - 1 / (10 * step) }, { step });
  await run.finish();
}
const run = await open("worse", { lr: 2, seed: 0 });
for (let step = 1; step <= 10; step++) run.log({ accuracy: 0.5, loss: 1 / step }, { step });
for (const step of [5, 10]) run.image("samples", [[0, 1], [1, 0]], { step, caption: "drawn at " + step });
for (let line = 1; line <= 1500; line++) console.log(line % 500 === 0 ? "WARN: odd batch " + line : "batch " + line + " of 1500");
await run.finish();`;

/** Goes on until the file `enough` is there, from where it was. */
const LOOP = `import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { trial } from "trialroom";
const run = await trial({ experiment: "loop", name: "loop", params: {} });
const steps = run.steps(1e6, {
  checkpoint: async (step) => { await writeFile("state", String(step)); return "state"; },
  restore: async (path, step) => console.log("goes on after " + (await readFile(path, "utf8")) + " steps"),
});
for await (const step of steps) {
  run.log({ loss: 1 / (step + 1) }, { step: step + 1 });
  if (existsSync("enough")) break;
  await new Promise((next) => setTimeout(next, 5));
}
await run.finish();`;

const List = z.object({ trials: z.array(z.object({ id: z.string(), name: z.string(), experimentId: z.string() })) });

let notebooksDir: string;
let server: RunningServer;
let browser: Browser;
let ada: Page;
let ben: Page;
let trials: z.infer<typeof List>['trials'];
const errors: string[][] = [];

const idOf = (name: string): string => trials.find((trial) => trial.name === name)?.id ?? '';
const panel = (page: Page, kind: string): Locator => page.locator(`.panel[data-kind="${kind}"]`).first();
const margin = (page: Page): Locator => page.getByRole('region', { name: 'Annotations', exact: true });
const composer = (page: Page): Locator => margin(page).getByRole('combobox', { name: 'New note' });
const note = (page: Page, text: string): Locator => margin(page).getByRole('article').filter({ hasText: text });
const rules = (page: Page): Locator => page.getByRole('region', { name: 'Alert rules' });

beforeAll(async () => {
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-side-'));
  await writeNotebook(join(notebooksDir, 'side.ipynb'), [{ id: 'train', source: SOURCE }]);
  server = await startServer({ notebooksDir });
  browser = await launchBrowser();
  const people = [await signIn(browser, server), await signIn(browser, server)] as const;
  [ada, ben] = [people[0].page, people[1].page];
  errors.push(...people.map((one) => one.errors));
  await openNotebook(ada, server, 'side.ipynb');
  await runCell(ada, 'train');
  await settled(ada, 'train', 'evaluated');
  ({ trials } = await call(server, 'GET', '/api/trials', List));
  for (const page of [ada, ben]) {
    await page.goto(`${server.url}/trials/${idOf('worse')}`);
    await composer(page).waitFor();
  }
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(notebooksDir, { recursive: true, force: true });
});

describe('the side of a room', () => {
  it('watches for what people write, who add, change and remove it', async () => {
    await rules(ada).getByText('No rule yet.').waitFor();
    await rules(ada).getByRole('button', { name: 'Add' }).click();
    const sentence = rules(ada).getByRole('combobox', { name: 'Raise an alert when' });
    await sentence.fill('accuracy wobbles');
    await sentence.press('Enter');
    await rules(ada).getByRole('alert').waitFor();
    await sentence.fill('val_loss > 2');
    await sentence.press('Enter');
    // Nobody has logged it: it is asked for once more.
    await rules(ada).getByRole('alert').filter({ hasText: 'val_loss' }).waitFor();
    await rules(ada).getByRole('button', { name: 'Watch anyway' }).click();
    const row = (text: string): Locator => rules(ada).getByRole('listitem').filter({ hasText: text });
    await row('val_loss > 2').waitFor();
    expect(await sentence.count()).toBe(0);

    await row('val_loss > 2').getByRole('button', { name: 'Change: val_loss > 2' }).click();
    expect(await sentence.inputValue()).toBe('val_loss > 2');
    await sentence.fill('accuracy');
    await rules(ada).getByRole('button', { name: 'Change', exact: true }).click();
    await rules(ada).getByRole('alert').waitFor();
    await sentence.fill('accuracy < 0.1');
    await rules(ada).getByLabel('How much it matters').selectOption('Error');
    await rules(ada).getByRole('button', { name: 'Change', exact: true }).click();
    await row('accuracy < 0.1').getByRole('img', { name: 'Error' }).waitFor();
    await row('accuracy < 0.1').getByRole('button', { name: 'Change: accuracy < 0.1' }).click();
    await sentence.press('Escape');
    expect(await sentence.count()).toBe(0);

    await ben.reload();
    await rules(ben).getByText('accuracy < 0.1').waitFor();
    await rules(ben).getByRole('button', { name: 'Watch no longer: accuracy < 0.1' }).click();
    await rules(ben).getByText('No rule yet.').waitFor();
    // Hers is old by now, and says so.
    await row('accuracy < 0.1')
      .getByRole('button', { name: /^Watch no longer/ })
      .click();
    await rules(ada).getByRole('alert').waitFor();
    await rules(ada).getByText('No rule yet.').waitFor();
  });

  it('has labels, which everyone sees at once', async () => {
    const labels = (page: Page): Locator => page.getByRole('region', { name: /^Labels of/ });
    await labels(ada).getByRole('button', { name: 'Star' }).click();
    await labels(ben).getByRole('button', { name: 'Take the star away' }).waitFor();
    await labels(ada).getByLabel('Add tags').fill('odd, again');
    await labels(ada).getByLabel('Add tags').press('Enter');
    await labels(ben).getByText('again', { exact: true }).waitFor();
    await labels(ben).getByRole('button', { name: 'Take the tag odd away' }).click();
    await labels(ada).getByText('odd', { exact: true }).waitFor({ state: 'detached' });
    await labels(ben).getByRole('button', { name: 'Write a note' }).click();
    await labels(ben).getByLabel('Note, in Markdown').fill('The *rate* is too high.');
    await labels(ben).getByRole('button', { name: 'Save' }).click();
    await labels(ada).locator('em', { hasText: 'rate' }).waitFor();
    // Found in the table by what was just written.
    await ben.goto(`${server.url}/trials?q=tag%3Aagain`);
    await ben.getByRole('link', { name: /worse/ }).first().waitFor();
    await ben.goBack();
    await composer(ben).waitFor();
  });
});

describe('the log of a room', () => {
  it('is searched as a whole, by letters, by expression and by level', async () => {
    const log = panel(ada, 'logs');
    const lines = (): Promise<string[]> => log.locator('.l > span').allInnerTexts();
    await comes(panel(ada, 'logs'), log.getByText('1,500 lines'));
    const search = log.getByRole('searchbox', { name: 'Search the log' });
    await search.fill('BATCH 7 of');
    await expect.poll(lines).toEqual(['batch 7 of 1500']);
    await log.getByText(/^1 found/).waitFor();
    await search.fill('^batch (3|4) of');
    await log.getByText('No line fits.').waitFor();
    await log.getByRole('button', { name: 'As a regular expression' }).click();
    await expect.poll(lines).toEqual(['batch 3 of 1500', 'batch 4 of 1500']);
    await search.fill('(');
    await log.getByRole('alert').waitFor();
    await search.fill('');
    await log.getByLabel('Lines of which level').selectOption('warning');
    await expect.poll(lines).toEqual(['WARN: odd batch 500', 'WARN: odd batch 1000', 'WARN: odd batch 1500']);
    await log.getByRole('button', { name: 'Pin a note to line 1000' }).click();
    await composer(ada).pressSequentially('Why this one?');
    await composer(ada).press('ControlOrMeta+Enter');
    await note(ben, 'Why this one?').getByText('log line 1,000', { exact: true }).waitFor();
    // To write it she was taken to the margin, and what is far from the screen has no controls.
    const level = log.getByLabel('Lines of which level');
    await comes(panel(ada, 'logs'), level);
    await level.selectOption('');
  });
});

describe('what someone writes in a panel', () => {
  const away = async (): Promise<void> => {
    await ada.evaluate(() => window.scrollTo(0, 0));
    await stillOn(ada);
  };

  it('goes on where it was, however far the panel is scrolled away meanwhile', async () => {
    await ada.setViewportSize({ width: 1280, height: 500 });
    const search = panel(ada, 'logs').getByRole('searchbox', { name: 'Search the log' });
    await comes(panel(ada, 'logs'), search);
    await search.focus();
    await ada.keyboard.type('batch 7');
    await away();
    await ada.keyboard.type(' of', { delay: 20 });
    expect(await search.inputValue()).toBe('batch 7 of');
    expect(await search.evaluate((field) => field === document.activeElement)).toBe(true);
    await search.fill('');
  });

  it('is still there when they come back from elsewhere', async () => {
    await ada.getByRole('button', { name: 'Add panel' }).click();
    await ada.getByRole('menuitem', { name: /^Text Words/ }).click();
    const text = panel(ada, 'text');
    await text.getByRole('button', { name: 'Write' }).last().click();
    await text.getByRole('textbox').fill('Half a sentence');
    await away();
    await ada.locator('.rh h1').click();
    await text.getByRole('textbox').waitFor({ state: 'detached' });
    await comes(panel(ada, 'text'), text.getByRole('textbox'));
    expect(await text.getByRole('textbox').inputValue()).toBe('Half a sentence');
    await text.getByRole('button', { name: 'Keep' }).click();
    await comes(panel(ben, 'text'), panel(ben, 'text').getByText('Half a sentence'));
    await ada.setViewportSize({ width: 1280, height: 900 });
  });
});

describe('notes in a room', () => {
  it('are pinned to a panel, and to a picture', async () => {
    const loss = ada.locator('.panel[aria-label="Loss"]');
    await loss.scrollIntoViewIfNeeded();
    await loss.hover();
    await loss.getByRole('button', { name: 'More for Loss' }).click();
    await ada.getByRole('menuitem', { name: /note/i }).click();
    await composer(ada).pressSequentially('A log scale here?');
    await composer(ada).press('ControlOrMeta+Enter');
    await note(ben, 'A log scale here?').getByText('panel Loss', { exact: true }).waitFor();

    const images = panel(ada, 'images');
    await comes(images);
    await images.getByRole('button', { name: 'Enlarge samples at step 10' }).click();
    const large = ada.getByRole('dialog', { name: 'samples' });
    await large.getByRole('button', { name: 'Before' }).click();
    await large.getByText('step 5, 1 of 2').waitFor();
    await large.getByRole('button', { name: /note/i }).click();
    await large.waitFor({ state: 'detached' });
    await composer(ada).pressSequentially('Upside down.');
    await composer(ada).press('ControlOrMeta+Enter');
    await note(ben, 'Upside down.').getByText('samples at 5', { exact: true }).waitFor();
    await note(ben, 'Upside down.').getByText('drawn at 5').waitFor();
  });

  it('leave a line among what happened', async () => {
    const happened = panel(ben, 'events');
    await comes(happened, happened.getByText(/^Note \d+, panel Loss: A log scale here\?$/));
    await comes(happened, happened.getByText(/^Note \d+, samples at 5: Upside down\.$/));
  });
});

describe('a trial of an open notebook', () => {
  it('gives back what it holds, and goes on where it was in the notebook, for whoever resumes it', async () => {
    await writeNotebook(join(notebooksDir, 'loop.ipynb'), [{ id: 'loop', source: LOOP }]);
    await openNotebook(ada, server, 'loop.ipynb');
    await runCell(ada, 'loop');
    const room = outputs(ada, 'loop').locator('a[href^="/trials/"]').first();
    await ben.goto(server.url + (await room.getAttribute('href')));
    await ben.getByText('Running', { exact: true }).first().waitFor();
    await ben.getByRole('button', { name: 'More ways to control it' }).click();
    await ben.getByRole('menuitem', { name: /^Pause and release/ }).click();
    await ben.getByText('Paused', { exact: true }).first().waitFor();
    await settled(ada, 'loop', 'aborted');
    await outputs(ada, 'loop')
      .getByText(/Paused and released: "loop" goes on from step [\d,]+ when it is resumed/)
      .waitFor();
    await ben.getByRole('button', { name: 'Resume' }).click();
    await outputs(ada, 'loop')
      .getByText(/goes on after \d+ steps/)
      .waitFor();
    await writeFile(join(notebooksDir, 'enough'), '');
    await settled(ada, 'loop', 'evaluated');
    await ben.getByText('Completed', { exact: true }).first().waitFor();
  });
});

describe('a room against the baseline', () => {
  it('says so in its head and on its cards, and leads to both side by side', async () => {
    await ben.goto(`${server.url}/trials/${idOf('worse')}`);
    const head = ben.locator('.rh');
    const card = ben.locator('.met', { hasText: 'Accuracy' });
    expect(await head.getByText('worse than the baseline').count()).toBe(0);
    await card.getByText('best so far').waitFor();
    const path = `/api/experiments/${trials[0]?.experimentId}`;
    await call(server, 'PATCH', path, z.unknown(), { baseline: idOf('seed 2') });
    // Told live.
    await card.getByText(/vs baseline$/).waitFor();
    expect(await card.locator('.worse').innerText()).toMatch(/^−0\.39\d* vs baseline$/);
    expect(await card.locator('.worse').getAttribute('title')).toContain('best of the baseline seed 2 0.892 at 10');
    const flag = head.getByRole('link', { name: 'worse than the baseline' });
    await flag.click();
    await ben.getByRole('heading', { name: 'Compare' }).waitFor();
    expect(new URL(ben.url()).searchParams.get('trials')).toBe(`${idOf('seed 2')},${idOf('worse')}`);
    await ben.goto(`${server.url}/trials/${idOf('seed 2')}`);
    await composer(ben).waitFor();
    expect(await head.getByText('worse than the baseline').count()).toBe(0);
  });

  it('meets no error in the pages', () => {
    expect(errors.flat()).toEqual([]);
  });
});
