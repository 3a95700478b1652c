/**
 * Notebook: opening, typing and scrolling in notebooks of any length, the echo of edits among many people, and what it
 * all takes. `npm run -s bench -- notebook [ROW…]`; without rows, all of them.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../../e2e/browser.ts';
import { openNotebook, signIn } from '../../e2e/pages.ts';
import { type RunningServer, startServer } from '../../e2e/server.ts';
import { quantile, type Row, report } from '../report.ts';
import { installClocks } from '../watch.ts';
import { measureEcho } from './echo.ts';
import { measureGrowth } from './growth.ts';
import { measureSearch, measureVersion } from './in-all.ts';
import { heapOf, measureOpen, measureScrolling, measureTyping, noteInteractive } from './in-browser.ts';
import { writeSample } from './sample.ts';

const OPENS = 7;
const STROKES = 100;
const TURNS = 300;
const EDITS = 100_000;
const SEARCHES = 15;
/** A frame longer than this is seen as a stutter, in ms. */
const LONG = 50;

/** Rows that need a browser, in the order in which they are measured. */
const SEEN = ['open-10', 'open-200', 'open-2000', 'type-2000', 'scroll-2000', 'memory-tab', 'memory-server'] as const;
const ECHO = ['echo-2', 'echo-10', 'echo-50'] as const;
const LOOKED = ['search-500', 'search-500-first', 'version-2000', 'version-frozen'] as const;
const ALL: readonly string[] = [...SEEN, ...ECHO, ...LOOKED, 'growth'];

export default async function measure(): Promise<boolean> {
  const named = process.argv.slice(3);
  const unknown = named.filter((name) => !ALL.includes(name));
  if (unknown.length > 0) throw new Error(`no row is called ${unknown.join(', ')}; there are ${ALL.join(', ')}`);
  const wanted = (name: string): boolean => named.length === 0 || named.includes(name);
  const rows: Row[] = [];
  if (SEEN.some(wanted)) rows.push(...(await measureSeen(wanted)));
  if (LOOKED.some(wanted)) rows.push(...(await measureLooked(wanted)));
  for (const name of ECHO.filter(wanted)) {
    const took = await measureEcho(Number(name.slice('echo-'.length)));
    rows.push({ name, unit: 'ms', ours: quantile(took, 0.95), goal: 100 });
  }
  if (wanted('growth')) {
    const { stored, live } = await measureGrowth(EDITS);
    rows.push({ name: 'growth', unit: `× (${stored} of ${live} bytes)`, ours: stored / live, goal: 3 });
  }
  return report('notebook', rows);
}

/** The rows about what is looked through: all notebooks, and the past of a long one. */
async function measureLooked(wanted: (name: string) => boolean): Promise<Row[]> {
  const browser = await launchBrowser();
  const rows: Row[] = [];
  if (LOOKED.slice(0, 2).some(wanted)) {
    const [first = 0, ...others] = await measureSearch(browser, 500, SEARCHES);
    rows.push(
      { name: 'search-500', unit: 'ms', ours: quantile(others, 0.5), goal: 300 },
      { name: 'search-500-first', unit: 'ms', ours: first, goal: 1000 },
    );
  }
  if (LOOKED.slice(2).some(wanted)) {
    const { drawn, frozen } = await measureVersion(browser, 2000);
    rows.push(
      { name: 'version-2000', unit: 'ms', ours: drawn, goal: 1000 },
      { name: 'version-frozen', unit: 'ms', ours: frozen, goal: 200 },
    );
  }
  await browser.close();
  return rows;
}

async function measureSeen(wanted: (name: string) => boolean): Promise<Row[]> {
  const notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-bench-'));
  for (const count of [10, 200, 2000]) await writeSample(join(notebooksDir, `${count}.ipynb`), count);
  const server = await startServer({ notebooksDir });
  const browser = await launchBrowser();
  const { page } = await signIn(browser, server);
  await noteInteractive(page);
  await installClocks(page);
  const rows: Row[] = [];
  for (const count of [10, 200, 2000]) {
    if (!wanted(`open-${count}`)) continue;
    const took = await measureOpen(page, server, `${count}.ipynb`, OPENS);
    rows.push({ name: `open-${count}`, unit: 'ms', ours: quantile(took, 0.5), goal: 1000 });
  }
  if (SEEN.slice(3).some(wanted)) rows.push(...(await measureLong(page, server, wanted)));
  await browser.close();
  await server.stop();
  await rm(notebooksDir, { recursive: true, force: true });
  return rows;
}

/** The rows about a notebook of two thousand cells that is open. */
async function measureLong(page: Page, server: RunningServer, wanted: (name: string) => boolean): Promise<Row[]> {
  const rows: Row[] = [];
  await openNotebook(page, server, '2000.ipynb');
  await page.evaluate(() => window.interactive);
  if (wanted('type-2000')) {
    const took = await measureTyping(page, 1001, STROKES);
    rows.push({ name: 'type-2000', unit: 'ms p95', ours: quantile(took, 0.95), goal: 50 });
  }
  if (wanted('scroll-2000')) {
    const frames = await measureScrolling(page, TURNS);
    const long = frames.filter((ms) => ms > LONG).length;
    rows.push({ name: 'scroll-2000', unit: 'ms p95', ours: quantile(frames, 0.95), goal: LONG });
    rows.push({ name: 'scroll-2000-long', unit: `% of ${frames.length}`, ours: (100 * long) / frames.length, goal: 5 });
  }
  if (wanted('memory-tab')) rows.push({ name: 'memory-tab', unit: 'MB', ours: await heapOf(page), goal: 150 });
  if (wanted('memory-server')) {
    rows.push({ name: 'memory-server', unit: 'MB', ours: await residentOf(server.process.pid ?? 0), goal: 600 });
  }
  return rows;
}

/** MB of memory that a process holds, by what Linux says of it. */
async function residentOf(pid: number): Promise<number> {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error(`what process ${pid} holds cannot be read`);
  return Number(kilobytes) / 1024;
}
