/**
 * Series: how long stored points take to be read. `window-10m`: any window of a series of ten million points, over HTTP.
 * `chart-100x100k`: a hundred trials of a hundred thousand points each in one chart, from the call to the curves stroked
 * in a browser.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { metrics } from '@trialroom/shared/api/metrics';
import type { readSeries } from '@trialroom/shared/trial/series-bytes';
import { pino } from 'pino';
import { build } from 'vite';
import { call } from '../e2e/api.ts';
import { launchBrowser } from '../e2e/browser.ts';
import { type RunningServer, startServer } from '../e2e/server.ts';
import { connect } from '../server/database/connect.ts';
import { migrate } from '../server/database/migrate.ts';
import { createHub } from '../server/live/socket-hub.ts';
import { createTrials } from '../server/trials/trials.ts';
import { quantile, report } from './report.ts';

const LONG = 10_000_000;
const TRIALS = 100;
const EACH = 100_000;
/** Points stored at once. */
const BATCH = 200_000;
const WINDOWS = 60;
const CHARTS = 7;
const WIDTH = 1200;

/** What a training loop leaves behind: a curve that falls, with noise. */
function loss(first: number, count: number): { key: string } & Record<'steps' | 'walls' | 'values', Float64Array> {
  const of = (value: (step: number) => number): Float64Array =>
    Float64Array.from({ length: count }, (_, i) => value(first + i));
  const noise = (step: number): number => ((Math.imul(step, 2_654_435_761) ^ (step << 7)) >>> 0) / 2 ** 32;
  return {
    key: 'loss',
    steps: of((step) => step),
    walls: of((step) => 1.7e12 + step * 3),
    values: of((step) => 2 / Math.log(step + 3) + 0.1 * noise(step)),
  };
}

/** Stores the trials as a server does that hosts them, and returns their ids, the long one first. */
async function fill(dataDir: string): Promise<string[]> {
  const db = await connect({ dataDir });
  await migrate(db);
  const log = pino({ level: 'silent' });
  const hub = await createHub({ log });
  const trials = await createTrials({ db, hub, log, pathOf: async () => 'bench.ipynb' });
  const store = async (nth: number, total: number): Promise<string> => {
    const origin = { kernel: 'bench', execution: `e${nth}`, cell: `c${nth}`, notebook: null, by: null, backend: null };
    const { trial } = await trials.open({ experiment: 'bench', name: `run ${nth}`, params: {} }, origin);
    for (let at = 0, seq = 1; at < total; at += BATCH, seq++) {
      await trials.points(trial, origin.execution, seq, [loss(at, Math.min(BATCH, total - at))]);
    }
    await trials.finish(trial, 'completed');
    return trial;
  };
  const ids = [await store(0, LONG)];
  for (let nth = 1; nth <= TRIALS; nth += 10) {
    ids.push(...(await Promise.all(Array.from({ length: 10 }, (_, i) => store(nth + i, EACH)))));
  }
  await trials.kernelGone('bench', 'completed', 'All is stored.');
  await trials.close();
  await hub.close();
  await db.close();
  return ids;
}

async function windows(server: RunningServer, trial: string): Promise<number[]> {
  const took: number[] = [];
  for (let nth = -5; nth < WINDOWS; nth++) {
    // Wide and narrow, all over the series; the first are for warming up.
    const span = LONG / 2 ** (Math.abs(nth) % 15);
    const from = ((Math.abs(nth) * 0.618) % 1) * (LONG - span);
    const began = performance.now();
    const to = from + span - 1;
    const body = { keys: ['loss'], from, to, width: WIDTH };
    const { series } = await call(server, 'POST', `/api/trials/${trial}/series`, metrics.windows.reply, body);
    if (nth >= 0) took.push(performance.now() - began);
    const [one] = series;
    const inside = Math.floor(to) - Math.ceil(from) + 1;
    if (one?.total !== inside || one.points.steps.length > 2 * WIDTH) throw new Error('that is not the window');
  }
  return took;
}

declare global {
  interface Window {
    readSeries: typeof readSeries;
  }
}

/** The app's own reading of series, as a script for a page of the bench's. */
async function readingScript(): Promise<string> {
  const entry = fileURLToPath(new URL('../shared/trial/series-bytes.ts', import.meta.url));
  const lib = { entry, formats: ['iife' as const], name: 'seriesBytes', fileName: 'series-bytes' };
  const made = await build({ configFile: false, logLevel: 'silent', build: { write: false, lib } });
  const [script] = Array.isArray(made) ? made.flatMap(({ output }) => output) : [];
  if (script?.type !== 'chunk') throw new Error('the script that reads series could not be made');
  return `${script.code}\nwindow.readSeries = seriesBytes.readSeries;`;
}

async function charts(server: RunningServer, trials: readonly string[]): Promise<number[]> {
  const browser = await launchBrowser();
  const page = await (await browser.newContext({ bypassCSP: true })).newPage();
  await page.addInitScript({ content: await readingScript() });
  await page.goto(server.signIn);
  const took: number[] = [];
  for (let nth = -2; nth < CHARTS; nth++) {
    const { ms, drawn } = await page.evaluate(
      async ({ trials, width }) => {
        document.body.replaceChildren();
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [width, 400];
        document.body.append(canvas);
        const pen = canvas.getContext('2d');
        const began = performance.now();
        const reply = await fetch('/api/series', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ trials, keys: ['loss'], width }),
        });
        const bytes = await reply.arrayBuffer();
        let drawn = 0;
        for (const { steps, values } of window.readSeries(new Uint8Array(bytes))) {
          pen?.beginPath();
          for (let i = 0; i < steps.length; i++) {
            pen?.lineTo(((steps[i] ?? 0) * width) / 100_000, 400 - 300 * (values[i] ?? 0));
          }
          pen?.stroke();
          drawn += steps.length;
        }
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        return { ms: performance.now() - began, drawn };
      },
      { trials: [...trials], width: WIDTH },
    );
    if (drawn < trials.length * WIDTH) throw new Error(`only ${drawn} points were drawn`);
    if (nth >= 0) took.push(ms);
  }
  await browser.close();
  return took;
}

export default async function measure(): Promise<boolean> {
  const dataDir = await mkdtemp(join(tmpdir(), 'trialroom-bench-'));
  const [long = '', ...others] = await fill(dataDir);
  const server = await startServer({ dataDir });
  const window = await windows(server, long);
  const chart = await charts(server, others);
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
  return report('series', [
    { name: 'window-10m', unit: 'ms', ours: quantile(window, 0.95), goal: 100 },
    { name: 'chart-100x100k', unit: 'ms', ours: quantile(chart, 0.5), goal: 1000 },
  ]);
}
