/** What was acknowledged survives: closed browsers, a server killed mid-training, and a start over the same data. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call } from './api.ts';
import { launchBrowser } from './browser.ts';
import { writeNotebook } from './notebook-file.ts';
import { cell, editor, openNotebook, outputs, retype, runCell, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

const TRAIN = `import { trial } from "trialroom";
const run = await trial({ experiment: "endurance", name: "long walk", params: { pace: 1 } });
run.progress(0, 100_000);
for (let step = 1; step <= 100_000 && !run.stopping; step++) {
  run.log({ loss: 1 / step }, { step });
  run.progress(step, 100_000);
  if (step % 10 === 0) console.log("passed step " + step);
  await new Promise((done) => setTimeout(done, 10));
}
run.finish();`;

const Trials = z.object({
  trials: z.array(z.object({ id: z.string(), name: z.string(), status: z.string(), reason: z.string().nullable() })),
});
const Series = z.object({
  series: z.array(z.object({ total: z.number(), points: z.object({ key: z.string(), steps: z.array(z.number()) }) })),
});

let dataDir: string;
let notebooksDir: string;
let server: RunningServer;
let browser: Browser;

const trials = async (): Promise<z.output<typeof Trials>['trials']> =>
  (await call(server, 'GET', '/api/trials', Trials)).trials;
const points = async (id: string): Promise<number> => {
  const { series } = await call(server, 'GET', `/api/trials/${id}/series?width=10000`, Series);
  return series.find(({ points }) => points.key === 'loss')?.total ?? 0;
};

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'trialroom-crash-data-'));
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-crash-'));
  await writeNotebook(join(notebooksDir, 'walk.ipynb'), [
    { id: 'train', source: TRAIN },
    { id: 'scratch', source: '// nothing yet' },
  ]);
  server = await startServer({ dataDir, notebooksDir });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(dataDir, { recursive: true, force: true });
  await rm(notebooksDir, { recursive: true, force: true });
});

describe('endurance', () => {
  let trialId: string;
  let room: string;

  it('training goes on with every browser closed, and nothing is missed on return', async () => {
    const first = await signIn(browser, server);
    await openNotebook(first.page, server, 'walk.ipynb');
    await runCell(first.page, 'train');
    await outputs(first.page, 'train').getByText('passed step 30').waitFor();
    const opened = (await trials())[0];
    if (!opened) throw new Error('no trial was opened');
    trialId = opened.id;
    room = `${server.url}/trials/${trialId}`;
    await first.page.context().close();
    const before = await points(trialId);
    await expect.poll(() => points(trialId), { timeout: 60_000 }).toBeGreaterThan(before + 50);

    const second = await signIn(browser, server);
    await openNotebook(second.page, server, 'walk.ipynb');
    const text = await outputs(second.page, 'train').innerText();
    const steps = [...text.matchAll(/passed step (\d+)/g)].map((match) => Number(match[1]));
    expect(steps.length).toBeGreaterThan(5);
    expect(steps).toEqual(steps.map((_, index) => (index + 1) * 10));
    await outputs(second.page, 'train')
      .getByText(`passed step ${(steps.at(-1) ?? 0) + 20}`)
      .waitFor();
    await second.page.goto(room);
    await second.page.locator('.uplot canvas').first().waitFor();
    await second.page.context().close();
  });

  it('a killed server comes back with every edit, output and point, and the trial is lost', async () => {
    const before = await signIn(browser, server);
    await openNotebook(before.page, server, 'walk.ipynb');
    await retype(before.page, 'scratch', 'const kept = "through the crash"');
    await before.page
      .getByText(/^Saved/i)
      .first()
      .waitFor();
    const acknowledged = await points(trialId);
    const seen = [...(await outputs(before.page, 'train').innerText()).matchAll(/passed step (\d+)/g)].length;
    await server.kill9();
    await before.page.context().close();

    server = await startServer({ dataDir, notebooksDir });
    const after = await signIn(browser, server);
    await openNotebook(after.page, server, 'walk.ipynb');
    await editor(after.page, 'scratch').getByText('const kept = "through the crash"').waitFor();
    const again = [...(await outputs(after.page, 'train').innerText()).matchAll(/passed step (\d+)/g)].length;
    expect(again).toBeGreaterThanOrEqual(seen);
    expect(await points(trialId)).toBeGreaterThanOrEqual(acknowledged);
    expect(await cell(after.page, 'train').getAttribute('data-status')).toBe('ready');

    const lost = (await trials()).find(({ id }) => id === trialId);
    expect(lost?.status).toBe('lost');
    expect(lost?.reason).toBeTruthy();
    await after.page.goto(`${server.url}/trials/${trialId}`);
    await after.page.getByText('Lost').first().waitFor();
    await expect
      .poll(() => readFile(join(notebooksDir, 'walk.ipynb'), 'utf8'), { timeout: 30_000 })
      .toContain('through the crash');
    await after.page.context().close();
  });

  it('Stop in the room ends a trial after its step, and the cell goes on', async () => {
    const person = await signIn(browser, server);
    await openNotebook(person.page, server, 'walk.ipynb');
    await runCell(person.page, 'train');
    const findRunning = async () => (await trials()).find(({ status }) => status === 'running');
    await expect.poll(findRunning, { timeout: 30_000 }).toBeTruthy();
    const running = await findRunning();
    if (!running) throw new Error('no trial is running');
    await person.page.goto(`${server.url}/trials/${running.id}`);
    await person.page.getByRole('button', { name: 'Stop' }).click();
    const sure = person.page.getByRole('dialog').getByRole('button', { name: /Stop/ });
    if (await sure.isVisible()) await sure.click();
    await person.page.getByText('Stopped').first().waitFor();
    await expect.poll(async () => (await trials()).find(({ id }) => id === running.id)?.status).toBe('stopped');
    await openNotebook(person.page, server, 'walk.ipynb');
    await person.page.locator('[data-cell="train"][data-status="ready"][data-validity="evaluated"]').waitFor();
    await person.page.context().close();
  });

  it('SIGTERM flushes everything and ends kernels', async () => {
    const person = await signIn(browser, server);
    await openNotebook(person.page, server, 'walk.ipynb');
    await retype(person.page, 'scratch', 'console.log(process.pid)');
    await runCell(person.page, 'scratch');
    await expect.poll(() => outputs(person.page, 'scratch').innerText()).toMatch(/\d{2,}/);
    const pid = Number(/\d{2,}/.exec(await outputs(person.page, 'scratch').innerText())?.[0]);
    process.kill(pid, 0);
    await retype(person.page, 'scratch', '// the last word');
    await person.page
      .getByText(/^Saved/i)
      .first()
      .waitFor();
    await person.page.context().close();
    expect(await server.stop()).toBe(0);
    expect(() => process.kill(pid, 0)).toThrow();
    expect(await readFile(join(notebooksDir, 'walk.ipynb'), 'utf8')).toContain('// the last word');
  });
});
