/** The table of trials in a real browser: asked, grouped, chosen, tagged, deleted and brought back; the address holds the view. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FilterRow } from '@trialroom/shared/trial/filter/matches';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../server/database/connect.ts';
import { migrate } from '../server/database/migrate.ts';
import { storeRows } from '../server/experiments/testing.ts';
import { violationsOn } from './axe.ts';
import { launchBrowser } from './browser.ts';
import { signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

let server: RunningServer;
let browser: Browser;
let dataDir: string;

/** Four settings of five seeds each; higher learning rates do better, and the last seed of each has no figure. */
function seed(nth: number): FilterRow {
  const [lr, schedule] = [[0.1, 0.01][Math.floor(nth / 5) % 2] ?? 0, nth < 10 ? 'cosine' : 'step'];
  const accuracy = lr + (nth % 5) / 100;
  const at = Date.now() - nth * 3_600_000;
  return {
    trial: {
      ...{
        id: '',
        experiment: 'digits',
        experimentId: '',
        name: `${schedule} ${lr} seed ${nth % 5}`,
        status: 'completed',
      },
      ...{ stopRequested: false, pauseRequested: false, release: 'none', checkpoint: null, revision: 0 },
      ...{ params: { lr, schedule, seed: nth % 5 }, objective: { key: 'val_acc', direction: 'maximise' } },
      ...{ progress: null, summary: {}, reason: null, notebook: null, cell: null, backend: 'CPU' },
      ...{ by: { id: 'a', name: 'Ada', colour: 'a' }, tags: [], starred: false, note: '' },
      ...{ createdAt: at, startedAt: at, endedAt: at + 60_000, archivedAt: null },
    },
    metrics: nth % 5 === 4 ? {} : { val_acc: { last: accuracy, lastStep: 9, min: 0, max: accuracy, count: 10 } },
    baseline: false,
  };
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'trialroom-experiments-'));
  const db = await connect({ dataDir });
  await migrate(db);
  await storeRows(
    db,
    Array.from({ length: 20 }, (_, nth) => seed(nth)),
  );
  await db.close();
  [server, browser] = await Promise.all([startServer({ dataDir }), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const rows = (page: Page): Locator => page.locator('.grid-row:not(.group)');
const said = (page: Page, text: string): Promise<void> => page.locator('.query-said', { hasText: text }).waitFor();
const filter = (page: Page): Locator => page.getByRole('combobox', { name: 'Filter trials' });

it('is asked by a line of words, says where it cannot be read, and the address restores the view', async () => {
  const { page, errors } = await signIn(browser, server);
  await page.goto(`${server.url}/trials`);
  await said(page, '20 trials');
  await filter(page).fill('val_acc > high');
  await page.getByText('Expected a number').waitFor();
  expect(await filter(page).getAttribute('aria-invalid')).toBe('true');
  await filter(page).fill('params.schedule = cosine val_acc > 0.05');
  await said(page, '4 trials, of 20');
  expect(await rows(page).count()).toBe(4);
  await page.getByRole('columnheader').getByRole('button', { name: 'val_acc', exact: true }).click();
  await page.locator('#line-0', { hasText: 'cosine 0.1 seed 3' }).waitFor();
  const address = page.url();
  await page.goto('about:blank');
  await page.goto(address);
  await said(page, '4 trials, of 20');
  await page.locator('#line-0', { hasText: 'cosine 0.1 seed 3' }).waitFor();
  expect(await filter(page).inputValue()).toBe('params.schedule = cosine val_acc > 0.05');
  expect(errors).toEqual([]);
  await page.context().close();
});

it('completes names and values', async () => {
  const { page } = await signIn(browser, server);
  await page.goto(`${server.url}/trials`);
  await said(page, '20 trials');
  await page.keyboard.press('/');
  await page.keyboard.type('sched');
  await page.getByRole('option', { name: /params\.schedule/ }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.type('step');
  await said(page, '10 trials, of 20');
  await page.context().close();
});

it('groups over seeds, with mean and spread', async () => {
  const { page } = await signIn(browser, server);
  await page.goto(`${server.url}/trials?group=lr,schedule&sort=-m%3Aval_acc`);
  await said(page, '20 trials in 4 groups');
  const first = page.locator('.grid-row.group').first();
  await first.getByText('lr 0.1').waitFor();
  await first.getByText('0.115').waitFor();
  await first.getByText('± 0.013').waitFor();
  await first.getByRole('button').click();
  await page.locator('#line-1.group').waitFor();
  expect(await violationsOn(page)).toEqual([]);
  await page.context().close();
});

it('chooses by keys, tags, deletes, and brings back; another window sees it live', async () => {
  const { page, errors } = await signIn(browser, server);
  const { page: other } = await signIn(browser, server);
  for (const one of [page, other]) {
    await one.goto(`${server.url}/trials?q=params.schedule+%3D+step`);
    await said(one, '10 trials, of 20');
  }
  await page.getByRole('grid').focus();
  for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key);
  await page.getByText('2 selected').waitFor();
  await page.getByRole('button', { name: 'Tag', exact: true }).click();
  await page.keyboard.type('good');
  await page.keyboard.press('Enter');
  await page.getByText('2 trials tagged good.').waitFor();
  await other.locator('.grid-row .tag', { hasText: 'good' }).nth(1).waitFor();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('2 trials deleted').waitFor();
  for (const one of [page, other]) await said(one, '8 trials, of 18');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('2 trials back.').waitFor();
  for (const one of [page, other]) await said(one, '10 trials, of 20');
  await page.locator('.grid-row .tag', { hasText: 'good' }).nth(1).waitFor();
  expect(errors).toEqual([]);
  await page.context().close();
  await other.context().close();
});

it('chooses all that fit but some, asks before it changes them, and brings them back', async () => {
  const { page, errors } = await signIn(browser, server);
  await page.goto(`${server.url}/trials?q=params.schedule+%3D+step`);
  await said(page, '10 trials, of 20');
  await page.getByRole('checkbox', { name: 'Choose all 10 that fit' }).check();
  await page.getByText('All 10 selected').waitFor();
  await page.getByRole('checkbox', { name: 'Choose step 0.1 seed 0', exact: true }).uncheck();
  await page.getByText('9 selected').waitFor();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  const question = page.getByRole('alertdialog');
  await question.getByText('All that fit the filter but 1: 9 trials.').waitFor();
  expect(await violationsOn(page)).toEqual([]);
  await question.getByRole('button', { name: 'Cancel' }).click();
  await said(page, '10 trials, of 20');
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await question.getByRole('button', { name: 'Delete 9 trials' }).click();
  await page.getByText('9 trials deleted').waitFor();
  await said(page, '1 trial, of 11');
  await rows(page).filter({ hasText: 'step 0.1 seed 0' }).waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('9 trials back.').waitFor();
  await said(page, '10 trials, of 20');
  expect(errors).toEqual([]);
  await page.context().close();
});

it('has its columns put in another order by hand and by keys, and the address keeps it', async () => {
  const { page, errors } = await signIn(browser, server);
  await page.goto(`${server.url}/trials?columns=m%3Aval_acc%2Cparams%3Alr%2Cparams%3Aschedule%2Cran`);
  await said(page, '20 trials');
  const heads = (): Promise<(string | null)[]> =>
    page.locator('.grid-head [data-code]').evaluateAll((all) => all.map((one) => one.getAttribute('data-code')));
  const settled = (codes: string): Promise<void> =>
    page.waitForURL((url) => (url.searchParams.get('columns') ?? '').replaceAll('%3A', ':') === codes);
  const grip = await page.getByRole('button', { name: 'val_acc', exact: true }).boundingBox();
  const target = await page.locator('.grid-head [data-code="params:schedule"]').boundingBox();
  if (!grip || !target) throw new Error('the heads are not in the page');
  await page.mouse.move(grip.x + 4, grip.y + 4);
  await page.mouse.down();
  await page.mouse.move(target.x + target.width - 4, target.y + 4, { steps: 5 });
  await page.locator('.grid-head .drop-before[data-code="ran"]').waitFor();
  await page.mouse.up();
  await settled('params:lr,params:schedule,m:val_acc,ran');
  // What was dragged was not pressed.
  expect(new URL(page.url()).searchParams.get('sort')).toBe(null);
  await page.getByRole('button', { name: 'val_acc', exact: true }).focus();
  await page.keyboard.press('Shift+ArrowLeft');
  await settled('params:lr,m:val_acc,params:schedule,ran');
  await page.locator('[data-code="m:val_acc"] button:focus').first().waitFor();
  await page.keyboard.press('Shift+ArrowLeft');
  await settled('m:val_acc,params:lr,params:schedule,ran');
  await page.locator('[data-code="m:val_acc"] button:focus').first().waitFor();
  await page.keyboard.press('Shift+ArrowRight');
  await settled('params:lr,m:val_acc,params:schedule,ran');
  const before = await heads();
  await page.reload();
  await said(page, '20 trials');
  expect(await heads()).toEqual(before);
  expect(before).toEqual(['params:lr', 'm:val_acc', 'params:schedule', 'ran']);
  expect(errors).toEqual([]);
  await page.context().close();
});

it('hands over a report of what is chosen', async () => {
  const { page } = await signIn(browser, server);
  await page.goto(`${server.url}/trials?q=params.schedule+%3D+cosine&columns=m%3Aval_acc`);
  await said(page, '10 trials, of 20');
  await page.getByRole('checkbox', { name: 'Choose all 10 that fit' }).check();
  await page.getByRole('button', { name: 'More', exact: true }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Report' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^report-\d{4}-\d\d-\d\d\.md$/);
  const text = await readFile(await download.path(), 'utf8');
  expect(text).toContain('# 10 trials of digits');
  expect(text).toContain(`](${server.url}/trials/t00000)`);
  await page.context().close();
});

it('is kept under a name, and lists its experiment', async () => {
  const { page } = await signIn(browser, server, { width: 360, height: 780 });
  await page.goto(`${server.url}/trials?q=params.lr+%3D+0.1`);
  await said(page, '10 trials, of 20');
  await page.getByRole('button', { name: 'Save this' }).click();
  await page.keyboard.type('High rate');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'High rate' }).waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await page.goto(`${server.url}/experiments`);
  await page.getByRole('link', { name: 'digits', exact: true }).waitFor();
  await page.getByText('highest val_acc').waitFor();
  await page.context().close();
});
