/** Every screen and state that matters, checked by axe in light and dark; and a notebook worked on by the keyboard alone. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSample } from '../bench/notebook/sample.ts';
import { violationsOn } from './axe.ts';
import { launchBrowser } from './browser.ts';
import { writeNotebook } from './notebook-file.ts';
import { cell, editor, openNotebook, outputs, settled, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

let notebooksDir: string;
let server: RunningServer;
let browser: Browser;

beforeAll(async () => {
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-accessibility-'));
  await writeSample(join(notebooksDir, 'sample.ipynb'), 10);
  await writeNotebook(join(notebooksDir, 'keys.ipynb'), [
    { id: 'title', type: 'markdown', source: '# Keys' },
    { id: 'one', source: 'const one = 1;' },
  ]);
  await writeNotebook(join(notebooksDir, 'trial.ipynb'), [
    {
      id: 'train',
      source: `import { trial } from 'trialroom';
const run = await trial({ experiment: 'axe', name: 'axe', params: {} });
for (let step = 1; step <= 50; step++) run.log({ loss: 1 / step }, { step });
run.finish();`,
    },
  ]);
  server = await startServer({ notebooksDir });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(notebooksDir, { recursive: true, force: true });
});

describe.each(['light', 'dark'] as const)('axe finds nothing in %s', (colorScheme) => {
  let page: Page;
  beforeAll(async () => {
    ({ page } = await signIn(browser, server));
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  });
  afterAll(() => page?.context().close());
  const clean = async (): Promise<void> => expect(await violationsOn(page)).toEqual([]);

  it('on signing in', async () => {
    const stranger = await browser.newPage({ colorScheme });
    await stranger.goto(server.url);
    await stranger.getByRole('main').waitFor();
    expect(await violationsOn(stranger)).toEqual([]);
    await stranger.close();
  });

  it.each(['/', '/notebooks', '/trials', '/no-such-page', '/notebooks/nowhere'])('on %s', async (path) => {
    await page.goto(server.url + path);
    await page.getByRole('main').waitFor();
    await page.waitForLoadState('networkidle');
    await clean();
  });

  it('on a notebook with outputs of all kinds, and what opens over it', async () => {
    await openNotebook(page, server, 'sample.ipynb');
    await editor(page, 'cell-1').waitFor();
    // A chart draws when it can be seen.
    await cell(page, 'cell-4').scrollIntoViewIfNeeded();
    await outputs(page, 'cell-4').locator('canvas').waitFor();
    await clean();
    await editor(page, 'cell-1').click();
    await page.keyboard.press('Escape');
    await page.keyboard.press('h');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await clean();
    await page.keyboard.press('Escape');
    await page.keyboard.press('f');
    await page.getByRole('search', { name: 'Find in this notebook' }).waitFor();
    await clean();
    await page.keyboard.press('Escape');
    for (const name of ['File', 'More for this notebook', 'More for cell 2']) {
      await page.getByRole('button', { name, exact: true }).click();
      await page.getByRole('menu').first().waitFor();
      await clean();
      await page.keyboard.press('Escape');
    }
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByRole('dialog', { name: 'Share this notebook' }).waitFor();
    await clean();
    await page.keyboard.press('Escape');
    await page.keyboard.press('ControlOrMeta+k');
    await page.getByRole('dialog').waitFor();
    await clean();
    await page.keyboard.press('Escape');
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click();
      await page.getByRole('tabpanel').waitFor();
      await clean();
    }
  });

  it('in a room', async () => {
    await openNotebook(page, server, 'trial.ipynb');
    await editor(page, 'train').click();
    await page.keyboard.press('ControlOrMeta+Enter');
    await settled(page, 'train', 'evaluated');
    await page.goto(`${server.url}/trials`);
    await page.locator('main a[href^="/trials/"]').first().click();
    await page.locator('canvas').first().waitFor();
    await clean();
  });
});

describe('without a mouse', () => {
  let page: Page;
  beforeAll(async () => {
    ({ page } = await signIn(browser, server));
    await openNotebook(page, server, 'keys.ipynb');
  });
  afterAll(() => page?.context().close());
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  /** Leaves the editor for its cell; the first Escape may only close what the editor suggests. */
  const leaveEditor = async (id: string): Promise<void> => {
    await press('Escape');
    if (await page.evaluate(() => document.activeElement?.closest('.cm-editor') != null)) await press('Escape');
    await page.locator(`[data-cell="${id}"]:focus`).waitFor();
  };
  const ids = (): Promise<string[]> =>
    page.locator('[data-cell]').evaluateAll((cells) => cells.map((each) => each.getAttribute('data-cell') ?? ''));
  /** Whether what has the focus is on the screen and looks different from how it looks without. */
  const focusShows = (): Promise<boolean> =>
    page.evaluate(() => {
      const at = document.activeElement;
      if (!(at instanceof HTMLElement) || at === document.body) return false;
      const box = at.getBoundingClientRect();
      if (box.width === 0 || box.bottom < 0 || box.top > innerHeight) return false;
      const look = (element: Element): string => {
        const { outlineStyle, outlineWidth, boxShadow, borderColor, backgroundColor } = getComputedStyle(element);
        return [outlineStyle, outlineWidth, boxShadow, borderColor, backgroundColor].join();
      };
      const parts = [
        at,
        ...at.querySelectorAll('.cb, .edge, .cm-cursorLayer'),
        ...(at.closest('.cm-editor') ? [at] : []),
      ];
      const now = parts.map(look).join();
      const caret = at.closest('.cm-editor, input, textarea') !== null;
      at.blur();
      const before = parts.map(look).join();
      at.focus({ preventScroll: true });
      return caret || now !== before;
    });
  /** Tabs until the button of this name has the focus, which shows at every stop. */
  const tabTo = async (name: RegExp): Promise<void> => {
    for (let step = 0; step < 80; step++) {
      await press('Tab');
      const at = await page.evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
      );
      if (name.test(at)) {
        expect(await focusShows()).toBe(true);
        return;
      }
    }
    throw new Error(`no Tab leads to ${name}`);
  };

  it('adds, writes, runs, moves and deletes cells', async () => {
    await tabTo(/^Cell 1/);
    await press('j');
    await page.locator('[data-cell="one"]:focus').waitFor();
    expect(await focusShows()).toBe(true);
    await press('b');
    await expect.poll(async () => (await ids()).length).toBe(3);
    const made = (await ids())[2] ?? '';
    await press('Enter');
    await editor(page, made).waitFor();
    await page.keyboard.type('one + 1');
    await leaveEditor(made);
    await press('k');
    await page.locator('[data-cell="one"]:focus').waitFor();
    await press('Shift+Enter');
    await settled(page, 'one', 'evaluated');
    await page.locator(`[data-cell="${made}"]:focus`).waitFor();
    await press('Shift+Enter');
    await settled(page, made, 'evaluated');
    expect(await outputs(page, made).innerText()).toBe('2');
    await cell(page, made).and(page.locator('[aria-current]')).waitFor({ state: 'detached' });
    await press('Escape', 'k', 'ControlOrMeta+Shift+ArrowUp');
    await expect.poll(async () => (await ids()).indexOf(made)).toBe(1);
    await press('d', 'd');
    await expect.poll(async () => (await ids()).includes(made)).toBe(false);
    await press('z');
    await expect.poll(async () => (await ids()).includes(made)).toBe(true);
  });

  it('formats a cell in one step of undo, and says of one that cannot be read why', async () => {
    await press('g', 'Home', 'j');
    const here = (await page.locator('[data-cell][aria-current="true"]').getAttribute('data-cell')) ?? '';
    await press('Enter', 'ControlOrMeta+a');
    await page.keyboard.type('const  two=2');
    await press('Alt+Shift+f');
    await editor(page, here).getByText('const two = 2;').waitFor();
    await leaveEditor(here);
    await press('z');
    await editor(page, here).getByText('const  two=2').waitFor();
    await press('Enter', 'ControlOrMeta+a');
    await page.keyboard.type('const = ;');
    await press('Alt+Shift+f');
    await page.getByText(/Not formatted: .*line 1/).waitFor();
    expect((await editor(page, here).innerText()).trim()).toBe('const = ;');
    await leaveEditor(here);
  });

  it('opens each panel, each menu and each dialog, and comes back', async () => {
    await press('h');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await press('Escape');
    await page.locator('[data-cell]:focus').waitFor();
    await press('f');
    await page.getByRole('search', { name: 'Find in this notebook' }).waitFor();
    await press('Escape');
    await page.locator('[data-cell]:focus').waitFor();
    await tabTo(/^More for cell/);
    await press('Enter');
    await page.getByRole('menuitem').first().waitFor();
    expect(await focusShows()).toBe(true);
    await press('Escape');
    await page.getByRole('menu').waitFor({ state: 'detached' });
    await tabTo(/^Outline/);
    for (const tab of (await page.getByRole('tab').allInnerTexts()).slice(1)) {
      await press('ArrowRight');
      expect(await page.locator('[role="tab"]:focus').innerText()).toBe(tab);
      await page.getByRole('tabpanel', { name: tab }).waitFor();
      expect(await focusShows(), tab).toBe(true);
    }
    await press('ControlOrMeta+k');
    await page.getByRole('dialog').waitFor();
    expect(await focusShows()).toBe(true);
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });
});
