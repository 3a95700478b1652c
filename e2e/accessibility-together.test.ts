/** What people see of one another in a notebook, checked by axe in light and dark: threads, who is here, following. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stillOn, violationsOn } from './axe.ts';
import { launchBrowser } from './browser.ts';
import { writeNotebook } from './notebook-file.ts';
import { cell, editor, openForTwo, openNotebook, outputs, runCell, settled, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

/** So many that not all fit into the bar. */
const GUESTS = 5;

let notebooksDir: string;
let server: RunningServer;
let browser: Browser;
let ada: Page;
let ben: Page;

beforeAll(async () => {
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-accessibility-together-'));
  await writeNotebook(join(notebooksDir, 'talk.ipynb'), [
    { id: 'title', type: 'markdown', source: '# Talk' },
    { id: 'first', source: 'const ratio = 8;\nratio * 2' },
  ]);
  server = await startServer({ notebooksDir });
  browser = await launchBrowser();
  ({ ada, ben } = await openForTwo(browser, server, 'talk.ipynb'));
  for (let guest = 0; guest < GUESTS; guest++) {
    const { page } = await signIn(browser, server);
    await openNotebook(page, server, 'talk.ipynb');
  }
  await ada.getByRole('button', { name: /^\+\d/ }).waitFor();
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(notebooksDir, { recursive: true, force: true });
});

/** Threads on a cell, a range and an output, one with an answer, all by Ada. */
async function talk(): Promise<void> {
  const say = async (text: string): Promise<void> => {
    await ada.getByRole('combobox', { name: 'New comment' }).waitFor();
    await ada.keyboard.type(text);
    await ada.keyboard.press('ControlOrMeta+Enter');
    await ada.getByRole('article').filter({ hasText: text }).waitFor();
  };
  await cell(ada, 'first').hover();
  await cell(ada, 'first').getByRole('button', { name: 'Comment on cell 2' }).click();
  await say('On the cell');
  await editor(ada, 'first').getByText('ratio').first().dblclick();
  await ada.getByRole('button', { name: 'Comment on the selected text' }).click();
  await say('On the text');
  await runCell(ada, 'first');
  await settled(ada, 'first', 'evaluated');
  await outputs(ada, 'first').getByText('16').hover();
  await cell(ada, 'first').getByRole('button', { name: 'Comment on output 1' }).click();
  await say('On the output');
  await ben.getByRole('tab', { name: /^Comments/ }).click();
  await ben.getByRole('article').filter({ hasText: 'On the output' }).waitFor();
  await ben.getByRole('article').first().getByRole('button', { name: 'Reply', exact: true }).click();
}

describe('axe finds nothing', () => {
  beforeAll(talk);

  const clean = async (): Promise<void> => {
    await stillOn(ben);
    expect(await violationsOn(ben)).toEqual([]);
  };
  describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
    beforeAll(() => ben.emulateMedia({ colorScheme, reducedMotion: 'reduce' }));

    it('with threads, one of them being answered', clean);

    it('with the list of everyone here', async () => {
      await ben.getByRole('button', { name: /^\+\d/ }).click();
      await ben.getByRole('dialog', { name: 'Everyone here' }).waitFor();
      await clean();
      await ben.keyboard.press('Escape');
    });

    it('while following someone', async () => {
      await ben
        .getByRole('button', { name: /^Follow / })
        .first()
        .click();
      await ben.getByRole('status').filter({ hasText: 'Following' }).waitFor();
      await clean();
      await ben
        .getByRole('button', { name: /^Stop following / })
        .first()
        .click();
    });
  });
});
