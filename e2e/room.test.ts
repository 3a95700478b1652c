/** The room of a trial and of its experiment: arranged by two people at once, read closely, steered, kept over a restart. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call } from './api.ts';
import { launchBrowser } from './browser.ts';
import { writeNotebook } from './notebook-file.ts';
import { openNotebook, runCell, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

/** Logs 20,000 points at once, one of them no number, then one for each step until it is stopped. */
const SOURCE = `import { trial } from "trialroom";
const run = await trial({ experiment: "room", name: "first", params: { rate: 0.1 } });
for (let step = 1; step <= 20_000; step++)
  run.log({ loss: step === 12_345 ? NaN : Math.exp(-step / 5000) + (step === 7_777 ? 5 : 0), rate: 1 / step }, { step });
for await (const step of run.steps(30_000)) {
  run.log({ loss: 0.01, rate: 1e-5 }, { step: 20_000 + step });
  await new Promise((done) => setTimeout(done, 100));
}
run.finish();`;

const Trials = z.object({
  trials: z.array(z.object({ id: z.string(), experimentId: z.string(), status: z.string() })),
});

let notebooksDir: string;
let dataDir: string;
let server: RunningServer;
let browser: Browser;
let ada: Page;
let ben: Page;
let viewer: Page;
let room: string;
let experiment: string;
const errors: string[][] = [];

const panel = (page: Page, name: string): Locator => page.locator(`.panel[aria-label="${name}"]`);
const order = (page: Page): Promise<string[]> =>
  page.locator('.panel').evaluateAll((panels) => panels.map((one) => one.getAttribute('aria-label') ?? ''));
const shown = (page: Page): Promise<string> => panel(page, 'Loss').locator('.unit').innerText();

async function person(role?: 'viewer'): Promise<Page> {
  const signed = await signIn(browser, server);
  errors.push(signed.errors);
  if (role) {
    const { url } = await call(server, 'POST', '/api/invites', z.object({ url: z.string() }), { role });
    await signed.page.context().clearCookies();
    await signed.page.goto(new URL(url, server.url).href);
  }
  return signed.page;
}

beforeAll(async () => {
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-room-'));
  dataDir = await mkdtemp(join(tmpdir(), 'trialroom-room-data-'));
  await writeNotebook(join(notebooksDir, 'room.ipynb'), [{ id: 'train', source: SOURCE }]);
  server = await startServer({ notebooksDir, dataDir });
  browser = await launchBrowser();
  ada = await person();
  await openNotebook(ada, server, 'room.ipynb');
  await runCell(ada, 'train');
  let trial: z.infer<typeof Trials>['trials'][number] | undefined;
  while (trial?.status !== 'running') [trial] = (await call(server, 'GET', '/api/trials', Trials)).trials;
  room = `/trials/${trial.id}`;
  experiment = `/experiments/${trial.experimentId}`;
  ben = await person();
  viewer = await person('viewer');
  await Promise.all([ada, ben, viewer].map((page) => page.goto(server.url + room)));
  await Promise.all([ada, ben, viewer].map((page) => panel(page, 'Loss').locator('canvas').waitFor()));
}, 90_000);

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(notebooksDir, { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
});

describe('the room of a trial', () => {
  it('marks what is no number at its step, and says what is not shown', async () => {
    await expect.poll(() => shown(ada)).toMatch(/1 value is not finite/);
    await panel(ada, 'Loss').locator('.mk.odd[title*="NaN at 12,345"]').first().waitFor();
    await expect.poll(() => shown(ada)).toMatch(/[\d,]+ of [\d,]+ shown/);
  });

  it('is arranged by two people, who see one arrangement', async () => {
    const before = await order(ada);
    await ada.getByRole('button', { name: 'Move Rate' }).press('Home');
    await panel(ben, 'Loss').hover();
    await ben.getByRole('button', { name: 'Settings of Loss' }).click();
    await ben.getByLabel('Title').fill('Our loss');
    await ben.getByRole('button', { name: 'Close' }).click();
    for (const page of [ada, ben, viewer]) {
      await expect.poll(async () => (await order(page)).slice(0, 2)).toEqual(['Rate', 'Our loss']);
      expect((await order(page)).length).toBe(before.length);
    }
    await ben.getByRole('button', { name: 'Move Our loss' }).press('Shift+ArrowLeft');
    await expect
      .poll(() => ada.locator('.slot', { has: panel(ada, 'Our loss') }).getAttribute('style'))
      .toContain('span 11');
    // One takes back what one did oneself, and nothing else.
    await ada.keyboard.press('ControlOrMeta+z');
    await expect.poll(async () => (await order(ben))[0]).toBe('Our loss');
    expect(await order(ben)).toContain('Rate');
  });

  it('is dragged by its grip', async () => {
    await panel(ada, 'Rate').hover();
    const grip = await ada.getByRole('button', { name: 'Move Rate' }).boundingBox();
    const target = await panel(ada, 'Our loss').boundingBox();
    if (!grip || !target) throw new Error('no panels');
    await ada.mouse.move(grip.x + 4, grip.y + 4);
    await ada.mouse.down();
    await ada.mouse.move(target.x + target.width / 2, target.y + 20, { steps: 8 });
    await ada.mouse.move(target.x + 40, target.y + 10, { steps: 3 });
    await ada.mouse.up();
    await expect.poll(async () => (await order(ben))[0]).toBe('Rate');
  });

  it('is not arranged by a viewer, who is told so', async () => {
    await viewer.getByText('Read-only').waitFor();
    expect(await viewer.getByRole('button', { name: /^Move / }).count()).toBe(0);
    expect(await viewer.getByRole('button', { name: 'Pause' }).count()).toBe(0);
  });

  it('reads a zoomed range again, at full resolution, for oneself only', async () => {
    const loss = panel(ada, 'Our loss');
    await loss.scrollIntoViewIfNeeded();
    const box = await loss.locator('.u-over').boundingBox();
    if (!box) throw new Error('no plot');
    const read = ada.waitForResponse(
      (response) => response.request().method() === 'POST' && response.url().endsWith('/series'),
    );
    await ada.mouse.move(box.x + box.width * 0.3, box.y + box.height / 2);
    await ada.mouse.down();
    await ada.mouse.move(box.x + box.width * 0.33, box.y + box.height / 2, { steps: 6 });
    await ada.mouse.up();
    expect((await read).ok()).toBe(true);
    await ada.getByRole('button', { name: /^Steps .*show all$/ }).waitFor();
    await expect.poll(() => loss.locator('.unit').innerText()).not.toMatch(/ of /);
    expect(ada.url()).toMatch(/from=.*to=/);
    expect(ben.url()).not.toContain('from=');
    await ada.getByRole('button', { name: /show all$/ }).click();
    expect(ada.url()).not.toContain('from=');
  });

  it('is paused, goes on and is stopped by whoever may', async () => {
    await ben.getByRole('button', { name: 'Pause', exact: true }).click();
    await ada.getByText('Paused', { exact: true }).first().waitFor();
    await ada.getByRole('button', { name: 'Resume' }).click();
    await ben.getByText('Running', { exact: true }).first().waitFor();
    await ben.getByRole('button', { name: 'Stop', exact: true }).click();
    await ben.getByRole('button', { name: 'Stop the trial' }).click();
    await ada.getByText('Stopped', { exact: true }).first().waitFor();
  });
});

describe('the room of an experiment', () => {
  it('shows its trials with the same sheet, and hides one for oneself only', async () => {
    await Promise.all([ada, ben].map((page) => page.goto(server.url + experiment)));
    await ada.getByText('1 of 1 drawn').waitFor();
    await expect.poll(async () => (await order(ada)).slice(0, 2)).toEqual(['Rate', 'Our loss']);
    await ada.getByRole('button', { name: 'Hide first' }).click();
    await ada.getByText('0 of 1 drawn').waitFor();
    await ben.getByText('1 of 1 drawn').waitFor();
    expect(ada.url()).toContain('hide=1');
  });

  it('is as it was after the server was killed', async () => {
    await server.kill9();
    const { port } = new URL(server.url);
    server = await startServer({ notebooksDir, dataDir, port: Number(port) });
    await ben.reload();
    await expect.poll(async () => (await order(ben)).slice(0, 2), { timeout: 30_000 }).toEqual(['Rate', 'Our loss']);
  });

  it('meets no error in the pages', () => {
    expect(errors.flat()).toEqual([]);
  });
});
