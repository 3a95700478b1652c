/** A notebook trains, evaluates and keeps files; its results page is read, asked, and taken along. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call } from './api.ts';
import { stillOn, violationsOn } from './axe.ts';
import { launchBrowser } from './browser.ts';
import { writeNotebook } from './notebook-file.ts';
import { editor, openNotebook, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

/** Nearest mean on the irises, real data: three classes, of which two overlap. */
const SOURCE = `import { data, trial } from 'trialroom';
const run = await trial({ experiment: 'Irises', name: 'nearest mean', params: { features: 4 } });
const rows = [...(await data.iris())];
const names = ['setosa', 'versicolor', 'virginica'];
const keys = ['sepalLength', 'sepalWidth', 'petalLength', 'petalWidth'] as const;
const truth = rows.map(({ species }) => names.indexOf(species));
const means = names.map((_, c) => keys.map((key) => {
  const own = rows.filter((_, i) => truth[i] === c);
  return own.reduce((sum, row) => sum + row[key], 0) / own.length;
}));
const logits = rows.map((row) => means.map((mean) => -mean.reduce((sum, m, k) => sum + (row[keys[k]] - m) ** 2, 0)));
run.log({ loss: 1 });
await run.evaluate({ classes: names, truth, logits, inputs: rows, ids: rows.map((_, i) => 'iris-' + i) });
await run.artifact('notes/read me.txt', { text: 'nearest mean' });
await run.finish();`;

let notebooksDir: string;
let server: RunningServer;
let browser: Browser;
let page: Page;
let id: string;

beforeAll(async () => {
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-results-'));
  await writeNotebook(join(notebooksDir, 'iris.ipynb'), [{ id: 'train', source: SOURCE }]);
  server = await startServer({ notebooksDir });
  browser = await launchBrowser();
  ({ page } = await signIn(browser, server));
  await openNotebook(page, server, 'iris.ipynb');
  await editor(page, 'train').click();
  await page.keyboard.press('ControlOrMeta+Enter');
  await page.locator('[data-cell="train"]').getByText('accuracy').first().waitFor();
  const Trials = z.object({ trials: z.array(z.object({ id: z.string() })) });
  id = (await call(server, 'GET', '/api/trials', Trials)).trials[0]?.id ?? '';
  await page.goto(`${server.url}/trials/${id}/results`);
  await page.getByRole('heading', { name: 'nearest mean' }).waitFor();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(notebooksDir, { recursive: true, force: true });
});

const part = (name: string) => page.getByRole('region', { name, exact: true });
const at = (name: string) => page.locator(`dl[aria-label^="Figures of ${name}"]`);

describe('the results of a trial', () => {
  it('say how well it did, and what stands out', async () => {
    await expect.poll(() => part('Overview').textContent()).toContain('Accuracy');
    const text = await part('Overview').innerText();
    expect(text).toMatch(/9\d\.\d %/);
    expect(text).toMatch(/“versicolor” and “virginica” are confused most/);
  });

  it('open the examples of a cell, by mouse and by keyboard, and the address keeps it', async () => {
    const cell = page.getByRole('button', { name: /^virginica taken for versicolor/ });
    await cell.click();
    const samples = part('Examples of the cell');
    await samples.getByText('“virginica” taken for “versicolor”').waitFor();
    const shown = await samples.getByRole('listitem').filter({ hasText: 'iris-' }).count();
    expect(String(shown)).toBe((await cell.textContent())?.trim());
    expect(new URL(page.url()).searchParams.get('cell')).toBe('2,1');
    await cell.press('ArrowUp');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await samples.getByText('“versicolor” taken for “setosa”').waitFor();
    await samples.getByText('No example is in this cell.').waitFor();
    await page.reload();
    await samples.getByText('“versicolor” taken for “setosa”').waitFor();
    await samples.getByRole('button', { name: 'Close the examples' }).click();
    await samples.waitFor({ state: 'detached' });
  });

  it('let a threshold be moved for a class, with figures that follow', async () => {
    await part('Classes').getByRole('button', { name: 'virginica' }).click();
    const read = async (term: string) =>
      at('virginica').locator('div', { hasText: term }).locator('dd').first().textContent();
    await expect.poll(() => read('missed')).not.toBe('0');
    const slider = part('Thresholds').getByRole('slider');
    await slider.fill('0');
    await expect.poll(() => read('missed')).toBe('0');
    expect(await read('wrongly taken for it')).toBe('100');
    await slider.fill('1');
    await expect.poll(() => read('rightly taken for it')).toBe('0');
    await part('Thresholds').getByRole('button', { name: 'Best F1' }).click();
    await expect.poll(async () => Number(await read('F1'))).toBeGreaterThan(0.85);
    expect(new URL(page.url()).searchParams.get('t')).not.toBeNull();
  });

  it('show failures with what is most like them, and calibration', async () => {
    expect(await part('Failures').getByRole('listitem').filter({ hasText: 'iris-' }).count()).toBeGreaterThan(3);
    await part('Calibration').getByText('expected error').waitFor();
  });

  it.each(['light', 'dark'] as const)(
    'pass axe in %s, with examples open and a threshold moved',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.goto(`${server.url}/trials/${id}/results?cell=2,1&t=0.3`);
      await part('Examples of the cell').getByRole('listitem').first().waitFor();
      await stillOn(page);
      expect(await violationsOn(page)).toEqual([]);
      await page.emulateMedia({ colorScheme: null, reducedMotion: null });
    },
  );

  it('give every file, known by its hash', async () => {
    const artifacts = part('Artifacts');
    for (const name of ['notes/read me.txt', 'parameters.yaml', 'predictions/test.csv']) {
      const row = artifacts.getByRole('row').filter({ hasText: name });
      const [given] = await Promise.all([page.waitForEvent('download'), row.getByRole('link').click()]);
      const bytes = await readFile(await given.path());
      const hash = await row.getByRole('button').getAttribute('title');
      expect(hash).toBe(`Copy ${createHash('sha256').update(bytes).digest('hex')}`);
      if (name.endsWith('.csv')) expect(bytes.toString().split('\r\n')[0]).toContain('id,truth,predicted,confidence');
    }
    const [zip] = await Promise.all([
      page.waitForEvent('download'),
      artifacts.getByRole('link', { name: 'Download all' }).click(),
    ]);
    expect(zip.suggestedFilename()).toBe('nearest mean.zip');
  });
});
