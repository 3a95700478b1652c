/** What a kernel logs besides numbers, in the panels of its room: while it runs, and step by step. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call } from './api.ts';
import { stillOn, violationsOn } from './axe.ts';
import { crowding } from './boxes.ts';
import { launchBrowser } from './browser.ts';
import { writeNotebook } from './notebook-file.ts';
import { openNotebook, runCell, signIn } from './pages.ts';
import { comes } from './panel.ts';
import { type RunningServer, startServer } from './server.ts';

/** Logs 20 steps of everything, waits for the file `go` beside it, and logs one step more. */
const SOURCE = `import { existsSync } from "node:fs";
import { trial } from "trialroom";
const run = await trial({ experiment: "panels", name: "painter", params: { size: 12 } });
const square = (at: (x: number, y: number) => number) =>
  Array.from({ length: 12 }, (_, y) => Array.from({ length: 12 }, (_, x) => at(x, y)));
const log = (step: number) => {
  run.log({ loss: 1 / step }, { step });
  run.histogram("weights", Array.from({ length: 500 }, (_, at) => Math.sin(at * 12.9898) * step + (at % 7)), { step });
  run.image("samples", square((x, y) => ((x + y + step) % 12) / 12), { step, caption: "drawn at " + step });
  run.image("masks", square((x) => (x > step % 12 ? 1 : 0)), { step });
  run.table("classes", Array.from({ length: 400 }, (_, at) => (
    { class: "c" + at, recall: at === 7 ? step / 100 : at / 400, seen: at * 3 })), { step });
  run.text("story", "Once upon step " + step + ".\\n" + "And on it went. ".repeat(60) + "The end of " + step + ".", { step });
};
for (let step = 1; step <= 20; step++) log(step);
run.checkpoint("cp/20", { step: 20, bytes: 12, data: "da7a".repeat(16) });
while (!existsSync("go")) await new Promise((done) => setTimeout(done, 50));
log(21);
run.finish();`;

const Trials = z.object({ trials: z.array(z.object({ id: z.string() })) });
const Media = z.object({ keys: z.array(z.object({ key: z.string(), count: z.number() })) });

let notebooksDir: string;
let dataDir: string;
let server: RunningServer;
let browser: Browser;
let page: Page;
let trial: string | undefined;
let errors: string[];

const panel = (kind: string): Locator => page.locator(`.panel[data-kind="${kind}"]`);
async function near(kind: string): Promise<Locator> {
  await comes(panel(kind));
  return panel(kind);
}
const step = (kind: string): Locator => panel(kind).getByRole('slider');

async function add(name: string): Promise<void> {
  await page.getByRole('button', { name: 'Add panel' }).click();
  await page.getByRole('menuitem', { name: new RegExp(`^${name}`) }).click();
}

beforeAll(async () => {
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-panels-'));
  dataDir = await mkdtemp(join(tmpdir(), 'trialroom-panels-data-'));
  await writeNotebook(join(notebooksDir, 'panels.ipynb'), [{ id: 'paint', source: SOURCE }]);
  server = await startServer({ notebooksDir, dataDir });
  browser = await launchBrowser();
  ({ page, errors } = await signIn(browser, server));
  await openNotebook(page, server, 'panels.ipynb');
  await runCell(page, 'paint');
  while (trial === undefined) [trial] = (await call(server, 'GET', '/api/trials', Trials)).trials.map(({ id }) => id);
  await page.goto(`${server.url}/trials/${trial}`);
  await page.getByRole('heading', { name: 'Panels' }).waitFor();
}, 90_000);

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(notebooksDir, { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
});

describe('what a trial logs besides numbers', () => {
  it('is kept, each name counted', async () => {
    await expect
      .poll(async () => {
        const { keys } = await call(server, 'GET', `/api/trials/${trial}/media?limit=1`, Media);
        return keys.map(({ key, count }) => `${key} ${count}`);
      })
      .toEqual(['weights 20', 'samples 20', 'masks 20', 'classes 20', 'story 20']);
  });

  it('is shown by panels that come by themselves, and by one that is added', async () => {
    await add('Lineage');
    const histogram = await near('histogram');
    await histogram.getByRole('img', { name: /weights over steps 1 to 20/ }).waitFor();
    await histogram.getByText('500 values, densest').waitFor();
    const images = await near('images');
    await images.getByRole('button', { name: 'Enlarge samples at step 20' }).waitFor();
    await images.getByRole('button', { name: 'Enlarge masks at step 20' }).waitFor();
    await images.getByText('drawn at 20').waitFor();
    await (await near('texts')).getByText('The end of 20.').waitFor();
  });

  it('is looked through by step, with the keyboard', async () => {
    await near('images');
    await step('images').focus();
    await page.keyboard.press('Home');
    await panel('images').getByText('drawn at 1', { exact: true }).waitFor();
    const enlarge = panel('images').getByRole('button', { name: 'Enlarge samples at step 1' });
    await enlarge.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'samples' });
    await dialog.getByText('step 1, 1 of 20').waitFor();
    await page.keyboard.press('ArrowRight');
    await dialog.getByText('step 2, 2 of 20').waitFor();
    const width = () => dialog.locator('img').evaluate((image) => (image as HTMLImageElement).naturalWidth);
    await expect.poll(width).toBe(12);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await near('texts');
    await step('texts').focus();
    await page.keyboard.press('Home');
    await panel('texts').getByText('The end of 1.').waitFor();
  });

  it('holds tables that are sorted, drawn in part, and compared with each other', async () => {
    const table = await near('table');
    const rows = table.locator('tbody tr:not(.gap)');
    await expect.poll(() => rows.first().innerText()).toContain('c0');
    expect(await rows.count()).toBeLessThan(60);
    expect(await table.getByRole('table').getAttribute('aria-rowcount')).toBe('401');
    await table.getByRole('button', { name: 'seen' }).click();
    await table.getByRole('button', { name: 'seen' }).click();
    await expect.poll(() => rows.first().innerText()).toContain('c399');
    await table.getByRole('combobox').selectOption({ label: 'the first step' });
    await expect.poll(() => rows.count()).toBe(1);
    expect(await rows.first().innerText()).toMatch(/changed c7\s+0\.01 0\.2\s+21/);
  });

  it.each(['light', 'dark'] as const)('passes axe in %s, panel by panel', async (colorScheme) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // What is far from the screen is not drawn: each is looked at where it is.
    for (const kind of ['histogram', 'images', 'table', 'texts', 'graph']) {
      await near(kind);
      await panel(kind).locator('.empty, .skeleton').waitFor({ state: 'detached' });
      await stillOn(page);
      expect(await violationsOn(page)).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  });

  it('is traced to what it came from', async () => {
    const graph = await near('graph');
    await graph.getByRole('link', { name: 'Notebook: panels.ipynb' }).waitFor();
    const said = await graph.getByRole('list', { name: 'Lineage as a list' }).innerText();
    expect(said).toMatch(/Data: Training data, da7ada7ada/);
    expect(said).toMatch(/Run: painter, running; from Code .*, 1 parameter, .*, Training data/);
    expect(said).toMatch(/Checkpoint: Step 20; from painter/);
  });

  it('appears while the trial runs', async () => {
    const histogram = await near('histogram');
    await histogram.getByRole('img', { name: /weights over steps 1 to 20/ }).waitFor();
    await writeFile(join(notebooksDir, 'go'), '');
    await histogram.getByRole('img', { name: /weights over steps 1 to 21/ }).waitFor();
    await expect.poll(() => step('histogram').getAttribute('aria-valuetext')).toBe('step 21');
    // What someone has chosen stays, wherever one has been meanwhile.
    await near('images');
    await expect.poll(() => step('images').getAttribute('max')).toBe('20');
    expect(await step('images').getAttribute('aria-valuetext')).toBe('step 2');
    await (await near('graph')).getByText('completed').first().waitFor();
    expect(errors).toEqual([]);
  });

  it.each([1280, 360])('gives every control of its panels and their settings a place, %i wide', async (width) => {
    if (width === 1280) for (const name of ['Scatter', 'Bars', 'Text Words']) await add(name);
    await page.setViewportSize({ width, height: 740 });
    const kinds = new Set<string | null>();
    for (const one of await page.locator('.panel').all()) {
      await one.scrollIntoViewIfNeeded();
      await stillOn(page);
      expect(await crowding(one, '.panel-grip')).toEqual([]);
      const settings = one.getByRole('button', { name: /^Settings of/ });
      if ((await settings.count()) === 0) continue;
      await settings.click();
      const drawer = page.getByRole('dialog', { name: /^Settings of/ });
      await drawer.waitFor();
      expect(await crowding(drawer)).toEqual([]);
      await drawer.getByRole('button', { name: 'Close' }).click();
      await drawer.waitFor({ state: 'detached' });
      kinds.add(await one.getAttribute('data-kind'));
    }
    expect(kinds.size).toBeGreaterThanOrEqual(10);
  });

  it('stays sorted while it is scrolled away, which takes off the page what nobody is in', async () => {
    const sorted = panel('table').locator('th[aria-sort="descending"]', { hasText: 'seen' });
    await near('table');
    await sorted.waitFor();
    await page.setViewportSize({ width: 1280, height: 500 });
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.locator('.rh h1').click();
    await sorted.waitFor({ state: 'detached' });
    await near('table');
    await sorted.waitFor();
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  it('is no wider than a phone, panel by panel, in a window that was wide', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    for (const one of await page.locator('.panel').all()) {
      await one.scrollIntoViewIfNeeded();
      await stillOn(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    }
    expect(errors).toEqual([]);
  });
});
