/** A chart in a cell's output: looked at closely, and taken along as an image and as a table. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MIME } from '@trialroom/shared/notebook/mime';
import type { Browser, Download, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from './browser.ts';
import { notebookJson } from './notebook-file.ts';
import { cell, openNotebook, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

const POINTS = 200;

let notebooksDir: string;
let server: RunningServer;
let browser: Browser;
let page: Page;
let errors: string[];

const figure = (): Locator => cell(page, 'curve').locator('[data-figure="run 7"]');
const plot = (): Locator => figure().getByRole('application');
const button = (name: string): Locator => figure().getByRole('button', { name: `${name}: run 7` });
async function download(act: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
  const [given] = await Promise.all([page.waitForEvent('download'), act()]);
  return { name: (given satisfies Download).suggestedFilename(), bytes: await readFile(await given.path()) };
}
/** What the x axis and the curve look like, as the pixels of the canvas. */
const picture = (): Promise<string> =>
  plot()
    .locator('canvas')
    .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());

beforeAll(async () => {
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-charts-'));
  const notebook = JSON.parse(notebookJson([{ id: 'curve', source: 'chart' }]));
  const x = Array.from({ length: POINTS }, (_, step) => step);
  notebook.cells[0].outputs = [
    {
      output_type: 'display_data',
      metadata: {},
      data: {
        [MIME.chart]: {
          title: 'run 7',
          xLabel: 'step',
          x,
          series: [
            { name: 'loss', y: x.map((step) => Math.exp(-step / 40)) },
            { name: 'validation, all', y: x.map((step) => (step % 2 === 0 ? Math.exp(-step / 50) : null)) },
          ],
        },
        'text/plain': 'chart',
      },
    },
  ];
  await writeFile(join(notebooksDir, 'charts.ipynb'), JSON.stringify(notebook));
  server = await startServer({ notebooksDir });
  browser = await launchBrowser();
  const person = await signIn(browser, server);
  ({ page, errors } = person);
  await openNotebook(page, server, 'charts.ipynb');
  await plot().locator('canvas').waitFor();
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(notebooksDir, { recursive: true, force: true });
});

describe('a chart in an output', () => {
  it('shows the range that is dragged over, and all of it after a double click', async () => {
    const whole = await picture();
    const box = await plot().locator('.u-over').boundingBox();
    if (!box) throw new Error('no plot');
    await page.mouse.move(box.x + box.width * 0.25, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
    await button('Show all').waitFor();
    await expect.poll(picture).not.toBe(whole);
    await page.mouse.dblclick(box.x + box.width / 2, box.y + box.height / 2);
    await button('Show all').waitFor({ state: 'detached' });
    await expect.poll(picture).toBe(whole);
  });

  it('is zoomed by keyboard', async () => {
    const whole = await picture();
    await plot().focus();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    expect(await button('Zoom in').evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await expect.poll(picture).not.toBe(whole);
    await button('Zoom out').press('Enter');
    await expect.poll(picture).toBe(whole);
    await button('Zoom in').press('Enter');
    await button('Show all').waitFor();
    await plot().press('Escape');
    await button('Show all').waitFor({ state: 'detached' });
    await expect.poll(picture).toBe(whole);
  });

  it('is saved as an image of its own size', async () => {
    const { name, bytes } = await download(() => button('Save as PNG').click());
    expect(name).toBe('run 7.png');
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    const width = await plot()
      .locator('canvas')
      .evaluate((canvas: HTMLCanvasElement) => canvas.width);
    // Its width stands in the header, after the signature and the first chunk's name.
    expect(bytes.readUInt32BE(16)).toBeGreaterThan(width);
  });

  it('is saved as a table of all its points', async () => {
    await button('Zoom in').click();
    const { name, bytes } = await download(() => button('Save as CSV').press('Enter'));
    expect(name).toBe('run 7.csv');
    const rows = bytes.toString().trimEnd().split('\r\n');
    expect(rows).toHaveLength(POINTS + 1);
    expect(rows[0]).toBe('step,loss,"validation, all"');
    expect(rows[1]).toBe('0,1,1');
    expect(rows[2]).toBe(`1,${Math.exp(-1 / 40)},`);
  });

  it('meets no error in the page', () => {
    expect(errors).toEqual([]);
  });
});
