/** The history of a notebook, by two people in two browsers: versions by themselves and by name, what changed, and back. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call, notebookId } from './api.ts';
import { violationsOn } from './axe.ts';
import { launchBrowser } from './browser.ts';
import { writeNotebook } from './notebook-file.ts';
import { cell, editor, openForTwo, openNotebook, outputs, retype, runCell, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

let notebooksDir: string;
let dataDir: string;
let server: RunningServer;
let browser: Browser;
let ada: Page;
let ben: Page;
let names: { ada: string; ben: string };
const errors: string[][] = [];
/** A pause after which a version is kept by itself; short, so that the test need not wait as people do. */
const env = { TRIALROOM_HISTORY_PAUSE: '5' };

const Versions = z.object({
  versions: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      name: z.string().nullable(),
      authors: z.array(z.object({ name: z.string() })),
    }),
  ),
});
const Content = z.object({ cells: z.array(z.object({ id: z.string(), source: z.string() })) });

const versions = async () =>
  (await call(server, 'GET', `/api/notebooks/${await notebookId(server, 'past.ipynb')}/versions`, Versions)).versions;
const content = async (version: string) =>
  (await call(server, 'GET', `/api/notebooks/${await notebookId(server, 'past.ipynb')}/versions/${version}`, Content))
    .cells;

const nameOf = (page: Page): Promise<string> => page.evaluate(async () => (await (await fetch('/api/me')).json()).name);
const panel = async (page: Page): Promise<Locator> => {
  await page.getByRole('tab', { name: 'History' }).click();
  return page.getByRole('tabpanel');
};
/** Out of the text: the first Escape may only close what is offered there. */
const toCommand = async (page: Page): Promise<void> => {
  await expect
    .poll(async () => {
      await page.keyboard.press('Escape');
      return page.locator('main').first().getAttribute('data-mode');
    })
    .toBe('command');
};
const view = (page: Page): Locator => page.getByRole('main', { name: 'A version of this notebook' });
const difference = (page: Page, id: string): Locator => view(page).locator(`[data-difference="${id}"]`);

beforeAll(async () => {
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-history-'));
  dataDir = await mkdtemp(join(tmpdir(), 'trialroom-history-data-'));
  await writeNotebook(join(notebooksDir, 'past.ipynb'), [
    { id: 'title', type: 'markdown', source: '# The past' },
    { id: 'rate', source: 'const rate = 0.1; // slow\nconsole.log("rate", rate)' },
    { id: 'steps', source: 'const steps = 100;' },
    { id: 'free', source: '// for notes' },
    ...Array.from({ length: 12 }, (_, index) => ({ id: `more-${index}`, source: `const more${index} = ${index};` })),
  ]);
  server = await startServer({ notebooksDir, dataDir, env });
  browser = await launchBrowser();
  const people = await openForTwo(browser, server, 'past.ipynb');
  ({ ada, ben } = people);
  errors.push(...people.errors);
  names = { ada: await nameOf(ada), ben: await nameOf(ben) };
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  for (const folder of [notebooksDir, dataDir]) await rm(folder, { recursive: true, force: true });
});

describe('the history of a notebook', () => {
  it('begins with the file, and keeps what two people wrote until they paused, naming both', async () => {
    const timeline = await panel(ada);
    await timeline.getByText('As the file was').waitFor();
    await retype(ada, 'rate', 'const rate = 0.3; // slow\nconsole.log("rate", rate)');
    await retype(ben, 'steps', 'const steps = 100;\nconst half = 50;');
    // It comes into the open panel by itself.
    const kept = timeline.locator('.version').first();
    await kept.getByText('2 cells changed').waitFor();
    await kept
      .getByText(`by ${names.ada}, ${names.ben}`)
      .or(kept.getByText(`by ${names.ben}, ${names.ada}`))
      .waitFor();
    expect((await versions()).map(({ kind }) => kind)).toEqual(['auto', 'outside']);
  });

  it('shows what a version changed, word by word, and folds what stayed', async () => {
    await (await panel(ada)).getByRole('button', { name: /2 cells changed/ }).click();
    const rate = difference(ada, 'rate');
    await rate.waitFor();
    expect(await rate.locator('.l-removed mark').allInnerTexts()).toEqual(['1']);
    expect(await rate.locator('.l-added mark').allInnerTexts()).toEqual(['3']);
    await difference(ada, 'steps').getByText('const half = 50;').waitFor();
    // Each says who did it: the version is by both.
    await rate.getByText(names.ada, { exact: true }).waitFor();
    await difference(ada, 'steps').getByText(names.ben, { exact: true }).waitFor();
    expect(await rate.getByText(names.ben, { exact: true }).count()).toBe(0);
    await view(ada).getByRole('button', { name: '13 unchanged cells' }).waitFor();
    await view(ada).getByText('2 changes').waitFor();
    await ada.keyboard.press('n');
    await view(ada).getByText('Change 1 of 2').waitFor();
    await ada.keyboard.press('n');
    await expect.poll(() => ada.evaluate(() => document.activeElement?.getAttribute('data-difference'))).toBe('steps');
    await ada.keyboard.press('p');
    await view(ada).getByText('Change 1 of 2').waitFor();
    // The address says what is looked at: it can be sent to someone.
    expect(new URL(ada.url()).searchParams.get('version')).toBe((await versions())[0]?.id);
    await ada.keyboard.press('Escape');
    await cell(ada, 'rate').waitFor();
  });

  it('keeps a version under a name, for both', async () => {
    await panel(ben);
    await (await panel(ada)).getByRole('button', { name: 'Name this version' }).click();
    await ada.getByRole('textbox', { name: 'Name of the version' }).fill('Before the great change');
    await ada.getByRole('button', { name: 'Keep it' }).click();
    for (const page of [ada, ben]) await (await panel(page)).getByText('Before the great change').waitFor();
    await (await panel(ben))
      .locator('.version', { hasText: 'Before the great change' })
      .getByRole('button', { name: /^Rename/ })
      .click();
    await ben.getByRole('textbox', { name: 'Name of the version' }).fill('Good');
    await ben.getByRole('button', { name: 'Rename', exact: true }).click();
    await (await panel(ada)).getByText('Good', { exact: true }).waitFor();
  });

  it('shows outputs before and after', async () => {
    await runCell(ada, 'rate');
    await outputs(ada, 'rate').getByText('rate 0.3').waitFor();
    await retype(ada, 'rate', 'const rate = 0.7; // slow\nconsole.log("rate", rate)');
    await runCell(ada, 'rate');
    await outputs(ada, 'rate').getByText('rate 0.7').waitFor();
    await (await panel(ada)).getByRole('button', { name: /Good/ }).click();
    await view(ada).getByRole('button', { name: 'Since then' }).click();
    await difference(ada, 'rate').getByText('rate 0.7').waitFor();
    expect(new URL(ada.url()).searchParams.get('compare')).toBe('now');
    await ada.keyboard.press('Escape');
  });

  it('brings a version back while the other goes on writing, and loses nothing', async () => {
    await retype(ada, 'free', '// spoiled by ada');
    await editor(ada, 'steps').click();
    await toCommand(ada);
    await ada.keyboard.press('d');
    await ada.keyboard.press('d');
    await cell(ben, 'steps').waitFor({ state: 'detached' });
    await editor(ben, 'more-0').click();
    await ben.keyboard.press('ControlOrMeta+End');
    await ben.keyboard.type(' // ');
    // Each letter stands for itself: what is written in one go may fall on both sides of the moment.
    const words = [...'αβγδεζηθικλμνξοπρστυφχψωабвгдежзийклмнпф'];
    const typing = (async () => {
      for (const word of words) await ben.keyboard.type(word);
    })();
    await (await panel(ada)).getByRole('button', { name: /Good/ }).click();
    await view(ada).getByRole('button', { name: 'Bring back', exact: true }).click();
    await ada.getByRole('dialog').getByRole('button', { name: 'Bring back' }).click();
    await cell(ben, 'steps').getByText('const half = 50;').waitFor();
    await typing;
    await expect.poll(() => editor(ben, 'free').innerText()).toBe('// for notes');
    const all = await versions();
    const restored = all.find(({ kind }) => kind === 'restored');
    expect(restored?.authors.map(({ name }) => name)).toEqual([names.ada]);
    // All that was there before, and all that Ben wrote before, during and after, is in the notebook or in its history.
    await expect
      .poll(async () => {
        const held = await Promise.all(['now', ...(await versions()).map(({ id }) => id)].map(content));
        const text = held
          .flat()
          .map(({ source }) => source)
          .join('\n');
        return ['// spoiled by ada', ...words].filter((word) => !text.includes(word));
      })
      .toEqual([]);
    expect(await editor(ada, 'more-0').innerText()).toBe(await editor(ben, 'more-0').innerText());
  });

  it('brings back one cell, and no other', async () => {
    await retype(ben, 'free', '// ben writes on');
    await editor(ben, 'rate').click();
    await toCommand(ben);
    await ben.keyboard.press('d');
    await ben.keyboard.press('d');
    await cell(ada, 'rate').waitFor({ state: 'detached' });
    await (await panel(ben)).getByRole('button', { name: /Good/ }).click();
    await view(ben).getByRole('button', { name: 'Since then' }).click();
    await difference(ben, 'rate').getByRole('button', { name: 'Bring back this cell' }).click();
    await ben.getByRole('dialog').getByRole('button', { name: 'Bring back' }).click();
    await cell(ada, 'rate').getByText('0.3').waitFor();
    expect(await editor(ada, 'free').innerText()).toBe('// ben writes on');
    expect(await ada.locator('[data-cell]').nth(1).getAttribute('data-cell')).toBe('rate');
  });

  it('shows who wrote which line', async () => {
    await editor(ada, 'free').click();
    await ada.keyboard.press('ControlOrMeta+End');
    await ada.keyboard.type('\n// and ada below');
    await toCommand(ada);
    await ada.keyboard.press('Shift+W');
    const margin = cell(ada, 'free').locator('.cm-author[aria-label]');
    await expect
      .poll(() => margin.evaluateAll((marks) => marks.map((mark) => mark.getAttribute('title'))))
      .toEqual([names.ben, names.ada]);
    // What the file held is nobody's.
    expect(await cell(ada, 'more-3').locator('.cm-author[aria-label]').count()).toBe(0);
  });

  it('is all there after the server starts again, and nothing of it twice', async () => {
    await expect.poll(async () => (await versions())[0]?.kind).toBe('auto');
    const before = await versions();
    await server.kill9();
    server = await startServer({ notebooksDir, dataDir, env, port: Number(new URL(server.url).port) });
    expect(await versions()).toEqual(before);
    await openNotebook(ada, server, 'past.ipynb');
    await (await panel(ada)).getByText('Good', { exact: true }).waitFor();
    await (await panel(ada)).getByText('As the file was').waitFor();
  });

  it('lets someone who may only read look, and not bring back', async () => {
    const { url } = await call(server, 'POST', '/api/invites', z.object({ url: z.string() }), { role: 'viewer' });
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(new URL(url, server.url).href);
    await openNotebook(page, server, 'past.ipynb');
    const timeline = await panel(page);
    expect(await timeline.getByRole('button', { name: 'Name this version' }).count()).toBe(0);
    await timeline.getByRole('button', { name: /Good/ }).click();
    await view(page).getByText('You can look at versions, but not bring them back.').waitFor();
    expect(
      await view(page)
        .getByRole('button', { name: /Bring back/ })
        .count(),
    ).toBe(0);
    await context.close();
  });

  it('meets no error in the page', () => {
    expect(errors.flat()).toEqual([]);
  });
});

describe('without a connection', () => {
  it('says that what shows a version could not be fetched, and shows it when it is back', async () => {
    const { page, errors: met } = await signIn(browser, server);
    await openNotebook(page, server, 'past.ipynb');
    const timeline = await panel(page);
    await timeline.getByText('Good', { exact: true }).waitFor();
    const part = /\/version-view[^/]*\.js/;
    await page.route(part, (route) => route.abort());
    await timeline.getByRole('button', { name: /Good/ }).first().click();
    await view(page).getByText('What shows a version could not be fetched.').waitFor();
    expect(await violationsOn(page)).toEqual([]);
    // The rest of the page is there still, and so is the way back.
    await timeline.getByText('As the file was').waitFor();
    await page.keyboard.press('Escape');
    await cell(page, 'free').waitFor();
    await timeline.getByRole('button', { name: /Good/ }).first().click();
    await view(page).getByText('What shows a version could not be fetched.').waitFor();
    await page.unroute(part);
    await view(page).getByRole('button', { name: 'Try again' }).click();
    await view(page).getByRole('heading', { name: 'Good' }).waitFor();
    expect(met).toEqual([]);
    await page.context().close();
  });

  it('shows what it has, offers nothing that cannot be done, and reads on when it is back', async () => {
    const { page, errors: met } = await signIn(browser, server);
    await openNotebook(page, server, 'past.ipynb');
    const timeline = await panel(page);
    await timeline.getByRole('button', { name: /Good/ }).first().click();
    await view(page).getByRole('heading', { name: 'Good' }).waitFor();
    await page.context().setOffline(true);
    await timeline.getByText('Without a connection: what was kept since is shown when it is back.').waitFor();
    await view(page).getByText('Without a connection nothing can be brought back.').waitFor();
    expect(await view(page).getByRole('button', { name: 'Bring back', exact: true }).isDisabled()).toBe(true);
    expect(await timeline.getByRole('button', { name: 'Name this version' }).isDisabled()).toBe(true);
    await view(page).getByRole('heading', { name: 'Good' }).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    // Another version cannot be read now: it says so, and is read by itself when the connection is back.
    await timeline.getByText('As the file was').click();
    await view(page).getByText('The server cannot be reached.').waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.context().setOffline(false);
    await view(page).getByRole('heading', { name: 'As the file was' }).waitFor();
    expect(await view(page).getByRole('button', { name: 'Bring back', exact: true }).isEnabled()).toBe(true);
    expect(met).toEqual([]);
    await page.context().close();
  });

  it('says that the timeline could not be read, and reads it when asked again', async () => {
    const { page, errors: met } = await signIn(browser, server);
    const versionsOf = /\/api\/notebooks\/[^/]+\/versions(\?|$)/;
    await page.route(versionsOf, (route) => route.abort());
    await openNotebook(page, server, 'past.ipynb');
    const timeline = await panel(page);
    await timeline.getByText('The server cannot be reached.').waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.unroute(versionsOf);
    await timeline.getByRole('button', { name: 'Try again' }).click();
    await timeline.getByText('As the file was').waitFor();
    // The server refuses what is asked: the question stays open and says why.
    await page.route(/\/versions\/[^/]+\/restore$/, (route) => route.abort());
    await timeline.getByRole('button', { name: /Good/ }).first().click();
    await view(page).getByRole('button', { name: 'Bring back', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Bring back' }).click();
    await page.getByRole('dialog').getByText('The server cannot be reached.').waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Leave it' }).click();
    expect(met).toEqual([]);
    await page.context().close();
  });
});
