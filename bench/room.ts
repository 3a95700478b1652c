/**
 * A room that stands open while a trial logs: eight charts, fifty points a second. What the page's process takes of one
 * core (script, layout, painting; the browser's own count of its processor time), and how far apart its frames are.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, CDPSession } from 'playwright-core';
import { z } from 'zod';
import { call } from '../e2e/api.ts';
import { launchBrowser } from '../e2e/browser.ts';
import { writeNotebook } from '../e2e/notebook-file.ts';
import { openNotebook, runCell, signIn } from '../e2e/pages.ts';
import { startServer } from '../e2e/server.ts';
import { quantile, report } from './report.ts';

const CHARTS = 8;
/** Points a second, of all charts together. */
const RATE = 50;
/** Steps there are before anyone looks: charts that are long already cost more to draw. */
const BEFORE = 2000;
const WARM_UP_MS = 5_000;
const MEASURED_MS = 20_000;

const SOURCE = `import { trial } from "trialroom";
const run = await trial({ experiment: "bench", name: "room", params: {} });
const values = (step) => Object.fromEntries(Array.from({ length: ${CHARTS} }, (_, chart) => ["metric_" + chart, Math.exp(-step / 900) + Math.random() / (chart + 2)]));
let step = 1;
for (; step <= ${BEFORE}; step++) run.log(values(step), { step });
for (; !run.stopping; step++) {
  run.log(values(step), { step });
  await new Promise((done) => setTimeout(done, ${(1000 * CHARTS) / RATE}));
}
run.finish();`;

const Trials = z.object({ trials: z.array(z.object({ id: z.string(), status: z.string() })) });
const Processes = z.object({
  processInfo: z.array(z.object({ id: z.number(), type: z.string(), cpuTime: z.number() })),
});

/** Seconds of processor time that each page process has taken so far, by its id. */
async function cpuTimes(session: CDPSession): Promise<Map<number, number>> {
  const { processInfo } = Processes.parse(await session.send('SystemInfo.getProcessInfo'));
  return new Map(processInfo.filter(({ type }) => type === 'renderer').map(({ id, cpuTime }) => [id, cpuTime]));
}

/** Of the page processes, the one that took most, as a share of one core, while `during` lasted. */
async function shareOfCore(browser: Browser, during: () => Promise<unknown>): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const before = await cpuTimes(session);
  const began = performance.now();
  await during();
  const after = await cpuTimes(session);
  const seconds = (performance.now() - began) / 1000;
  await session.detach();
  return Math.max(...[...after].map(([id, time]) => (time - (before.get(id) ?? 0)) / seconds));
}

/** Seconds of the page's own thread so far, by what it did. */
async function threadTimes(session: CDPSession): Promise<Record<string, number>> {
  const { metrics } = await session.send('Performance.getMetrics');
  return Object.fromEntries(
    metrics
      .filter(({ name }) => /^(Task|Script|Layout|RecalcStyle)Duration$/.test(name))
      .map(({ name, value }) => [name, value]),
  );
}

export default async function measure(): Promise<boolean> {
  const notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-bench-'));
  await writeNotebook(join(notebooksDir, 'bench.ipynb'), [{ id: 'train', source: SOURCE }]);
  const server = await startServer({ notebooksDir });
  const browser = await launchBrowser();
  const { page } = await signIn(browser, server, { width: 1280, height: 1800 });
  await openNotebook(page, server, 'bench.ipynb');
  await runCell(page, 'train');
  let id = '';
  while (!id)
    id = (await call(server, 'GET', '/api/trials', Trials)).trials.find(({ status }) => status === 'running')?.id ?? '';
  await page.goto(`${server.url}/trials/${id}`);
  // All eight within sight: what is not, is not drawn.
  await page.addStyleTag({ content: '.sheet { --row-h: 0.9rem !important; }' });
  await page
    .locator('.panel[data-kind="curves"] canvas')
    .nth(CHARTS - 1)
    .waitFor();
  const visible = await page.locator('.panel[data-kind="curves"] canvas').count();
  await page.evaluate((ms) => new Promise((done) => setTimeout(done, ms)), WARM_UP_MS);
  const thread = await page.context().newCDPSession(page);
  await thread.send('Performance.enable');
  const before = await threadTimes(thread);
  const cpu = await shareOfCore(browser, () =>
    page.evaluate((ms) => new Promise((done) => setTimeout(done, ms)), MEASURED_MS),
  );
  const after = await threadTimes(thread);
  const shares = Object.entries(after).map(
    ([name, seconds]) => `${name} ${((100 * (seconds - (before[name] ?? 0))) / (MEASURED_MS / 1000)).toFixed(1)} %`,
  );
  await thread.send('Performance.disable');
  // Asking for every frame makes the page draw every frame: done apart, so that it does not count as the room's own work.
  const frames = await page.evaluate(
    (ms) =>
      new Promise<number[]>((resolve) => {
        const between: number[] = [];
        const began = performance.now();
        let last = began;
        const frame = (now: number): void => {
          between.push(now - last);
          last = now;
          if (now - began < ms) requestAnimationFrame(frame);
          else resolve(between.slice(1));
        };
        requestAnimationFrame(frame);
      }),
    MEASURED_MS / 2,
  );
  console.log(
    `${visible} charts, ${RATE} points a second, ${frames.length} frames; of the page's thread: ${shares.join(', ')}`,
  );
  await browser.close();
  await server.stop();
  await rm(notebooksDir, { recursive: true, force: true });
  return report('room', [
    { name: 'cpu', unit: '%', ours: cpu * 100, goal: 10 },
    { name: 'frame-p95', unit: 'ms', ours: quantile(frames, 0.95), goal: 34 },
  ]);
}
