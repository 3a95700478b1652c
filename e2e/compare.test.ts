/** Trials made in a notebook, compared and analysed in a real browser. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { call } from './api.ts';
import { stillOn, violationsOn } from './axe.ts';
import { launchBrowser } from './browser.ts';
import { openNotebook, runCell, settled, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

/** Two learning rates with four seeds each: the second is better by far more than its seeds differ. */
const SWEEP = `import { trial } from 'trialroom';
for (const lr of [0.001, 0.1]) for (const seed of [1, 2, 3, 4]) {
  const run = await trial({ experiment: 'sweep', name: 'lr ' + lr + ' seed ' + seed, params: { lr, seed, optimizer: 'adam' }, objective: { key: 'accuracy', direction: 'maximise' } });
  for (let step = 1; step <= 20; step++) run.log({ accuracy: (lr < 0.01 ? 0.8 : 0.9) + seed / 1000 - 1 / step, loss: 1 / step }, { step });
  if (seed === 1) {
    const truth = Array.from({ length: 60 }, (_, at) => at % 2);
    await run.evaluate({ name: 'test', classes: ['no', 'yes'], truth, predictions: truth.map((is, at) => ((lr < 0.01 ? at < 18 || at >= 51 : at >= 18) ? is : 1 - is)) });
  }
  await run.finish();
}`;

const Listed = z.object({ trials: z.array(z.object({ id: z.string(), experimentId: z.string(), name: z.string() })) });

let server: RunningServer;
let browser: Browser;
let page: Page;
let errors: string[];
let trials: z.infer<typeof Listed>['trials'];
const idOf = (name: string): string => trials.find((trial) => trial.name === name)?.id ?? '';

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  const cell = { id: 'sweep', cell_type: 'code', metadata: {}, outputs: [], execution_count: null, source: SWEEP };
  const file = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] };
  await writeFile(join(server.notebooksDir, 'sweep.ipynb'), JSON.stringify(file));
  ({ page, errors } = await signIn(browser, server));
  await openNotebook(page, server, 'sweep.ipynb');
  await runCell(page, 'sweep');
  await settled(page, 'sweep', 'evaluated');
  ({ trials } = await call(server, 'GET', '/api/trials', Listed));
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

test('two trials side by side say which is better, and what differs', async () => {
  await page.goto(`${server.url}/compare?trials=${idOf('lr 0.001 seed 1')},${idOf('lr 0.1 seed 1')}`);
  const seeds = page.getByRole('region', { name: 'Across seeds' });
  await seeds.getByText('lr 0.1 seed 1 is better; this difference would be very surprising by chance.').waitFor();
  const same = page.getByRole('region', { name: 'On the same examples' });
  await same.getByText('lr 0.1 seed 1 is better').waitFor();
  await same.getByText('What this takes for granted').click();
  await same.getByRole('row', { name: 'mid-p, Holm' }).waitFor();
  const params = page.getByRole('region', { name: 'Parameters' });
  await params.getByRole('row', { name: 'lr 0.001 0.1' }).waitFor();
  expect(await params.getByRole('row', { name: /optimizer/ }).count()).toBe(0);
  await page.getByLabel('Show what is the same').check();
  await params.getByRole('row', { name: /optimizer/ }).waitFor();
  await expect.poll(() => page.url()).toContain('rows=all');
  await page.getByText('The code is the same').waitFor();
  await page.locator('[data-figure="accuracy"][data-step="20"]').waitFor();
  await page.getByRole('button', { name: 'loss', exact: true }).click();
  await page.locator('[data-figure="loss"][data-step="20"]').waitFor();
  expect(new URL(page.url()).searchParams.get('metric')).toBe('loss');
});

test('a comparison can be taken along', async () => {
  for (const [kind, says] of [
    ['CSV', 'parameter,lr,0.001,0.1'],
    ['JSON', '"chiSquare"'],
    ['Markdown', '## Parameters'],
  ] as const) {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: kind, exact: true }).first().click(),
    ]);
    const text = await (await download.createReadStream()).toArray();
    expect(Buffer.concat(text).toString()).toContain(says);
  }
});

test('too few trials say what to do', async () => {
  await page.goto(`${server.url}/compare?trials=${idOf('lr 0.1 seed 1')}`);
  await page.getByText('1 chosen: 2 to 10 can be compared.').waitFor();
});

test('an address of what is not there says what is missing, and leads onward', async () => {
  for (const [path, title, onward] of [
    ['/trials/none', 'There is no such trial', '/trials'],
    ['/trials/none/results', 'There is no such trial', '/trials'],
    ['/notebooks/none', 'There is no such notebook', '/notebooks'],
    ['/experiments/none', 'There is no such experiment', '/experiments'],
    ['/experiments/none/analysis', 'There is no such experiment', '/experiments'],
  ] as const) {
    await page.goto(server.url + path);
    await page.getByRole('heading', { name: title }).waitFor();
    await page.getByText(/none/).first().waitFor();
    expect(await page.locator('main .lead a').first().getAttribute('href')).toBe(onward);
  }
  await page.goto(`${server.url}/compare?trials=none,${idOf('lr 0.001 seed 1')},${idOf('lr 0.1 seed 1')}`);
  await page.getByRole('link', { name: 'Compare the other 2' }).click();
  await page.getByRole('heading', { name: 'Which is better' }).waitFor();
});

test('an experiment as a whole: a brush filters, by pointer and by keyboard, and stays in the address', async () => {
  await page.goto(`${server.url}/experiments/${trials[0]?.experimentId}/analysis`);
  await page.getByText('8 of 8 pass').waitFor();
  const hit = page.locator('[data-axis="p:lr"] .pc-hit');
  const box = await hit.boundingBox();
  if (!box) throw new Error('the axis of lr is not drawn');
  await page.mouse.move(box.x + box.width / 2, box.y + 4);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 3, { steps: 4 });
  await page.mouse.up();
  await page.getByText('4 of 8 pass').waitFor();
  await page.reload();
  await page.getByText('4 of 8 pass').waitFor();
  await page.getByText('Ranges and axes by keyboard').click();
  await page.getByRole('button', { name: 'Show all trials' }).click();
  await page.getByText('8 of 8 pass').waitFor();
  await page.getByRole('slider', { name: 'seed from' }).focus();
  await page.keyboard.press('End');
  await page.getByText('2 of 8 pass').waitFor();
  await page.getByRole('link', { name: 'Compare the best 2' }).click();
  await page.getByRole('heading', { name: 'Which is better' }).waitFor();
  await page.goBack();
});

test('importance is computed in a kernel while its progress is shown', async () => {
  await page.getByRole('button', { name: 'Compute importance' }).click();
  const table = page.locator('table.imp');
  await table.getByRole('rowheader', { name: 'lr', exact: true }).waitFor({ timeout: 60_000 });
  await page.getByText('8 trials (functional ANOVA').waitFor();
});

test('both pages pass axe, in light and dark, and nothing was thrown', async () => {
  const compare = `/compare?rows=all&trials=${idOf('lr 0.001 seed 1')},${idOf('lr 0.1 seed 1')}`;
  for (const path of [compare, `/experiments/${trials[0]?.experimentId}/analysis`]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.goto(server.url + path);
      await page.locator('main .cmp-table, main .an-trials').first().waitFor();
      await stillOn(page);
      expect(await violationsOn(page)).toEqual([]);
    }
  }
  expect(errors).toEqual([]);
});
