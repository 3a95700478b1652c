/**
 * Start to first page: from spawning `trialroom start` to the home page drawn in a browser that is already open.
 * cold: an empty data folder (the client is built); warm: a data folder that was used before.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../e2e/browser.ts';
import { startServer } from '../e2e/server.ts';
import { quantile, report } from './report.ts';

const ROUNDS = 5;

async function once(browser: Browser, dataDir: string): Promise<number> {
  const page = await (await browser.newContext()).newPage();
  const began = performance.now();
  const server = await startServer({ dataDir });
  await page.goto(server.signIn);
  await page.getByRole('heading', { name: 'Notebooks' }).first().waitFor();
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  const took = performance.now() - began;
  await page.context().close();
  await server.stop();
  return took;
}

export default async function measure(): Promise<boolean> {
  const browser = await launchBrowser();
  const cold: number[] = [];
  const warm: number[] = [];
  // Builds the client and fills the operating system's file cache, which a user's second start has too.
  const first = await mkdtemp(join(tmpdir(), 'trialroom-bench-'));
  await once(browser, first);
  for (let round = 0; round < ROUNDS; round++) {
    const fresh = await mkdtemp(join(tmpdir(), 'trialroom-bench-'));
    cold.push(await once(browser, fresh));
    warm.push(await once(browser, first));
    await rm(fresh, { recursive: true, force: true });
  }
  await rm(first, { recursive: true, force: true });
  await browser.close();
  return report('start', [
    { name: 'cold', unit: 'ms', ours: quantile(cold, 0.5), goal: 4000 },
    { name: 'warm', unit: 'ms', ours: quantile(warm, 0.5), goal: 2000 },
  ]);
}
