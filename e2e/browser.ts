/**
 * The browser that npm brought: headless Chromium from a package, driven by playwright-core. Nothing is downloaded.
 * `TRIALROOM_BROWSER` names another executable; where the packaged one does not run (macOS, Windows) an installed
 * Chrome or Edge is used. Pages run with the web's ordinary security, so that what is tested is what people get.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium as playwright } from 'playwright-core';
import { z } from 'zod';

const QUIET = ['--no-sandbox', '--no-first-run', '--disable-background-networking', '--disable-component-update'];

/** Starts a browser. Throws with what to do when none can be found. */
export async function launchBrowser(): Promise<Browser> {
  const named = process.env.TRIALROOM_BROWSER;
  if (named) return playwright.launch({ executablePath: named, args: QUIET });
  if (process.platform === 'linux') return playwright.launch({ executablePath: await packaged(), args: QUIET });
  for (const channel of ['chrome', 'msedge']) {
    try {
      return await playwright.launch({ channel });
    } catch {
      // The next channel may be installed.
    }
  }
  throw new Error('no browser found: install Chrome or Edge, or set TRIALROOM_BROWSER to the path of a Chromium');
}

/** Unpacks Chromium into the temporary folder once; brings the package's own system libraries where the system has none. */
async function packaged(): Promise<string> {
  const bare = !hasSystemLibraries();
  // The package decides by this variable, while it is being imported, whether to add its own libraries.
  if (bare) process.env.AWS_EXECUTION_ENV ??= 'AWS_Lambda_nodejs24.x';
  const { version } = Version.parse(JSON.parse(await readFile(new URL('../../package.json', PACKAGE), 'utf8')));
  const folder = join(tmpdir(), `trialroom-chromium-${version}${bare ? '-bare' : ''}`);
  if (!existsSync(folder)) await unpack(folder);
  // Where the package looks, and where it tells Chromium to look.
  const { TMPDIR } = process.env;
  process.env.TMPDIR = folder;
  try {
    const { default: chromium } = await import('@sparticuz/chromium');
    return await chromium.executablePath();
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
}

const PACKAGE = import.meta.resolve('@sparticuz/chromium');
const Version = z.object({ version: z.string() });

/**
 * In a process and a folder of its own, which appears whole or not at all: several test files start at once, and the
 * package would let the second run what the first is still writing.
 */
async function unpack(folder: string): Promise<void> {
  const draft = await mkdtemp(`${folder}.`);
  const code = `import chromium from ${JSON.stringify(PACKAGE)}; await chromium.executablePath();`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], {
    env: { ...process.env, TMPDIR: draft },
  });
  try {
    await rename(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    await rm(draft, { recursive: true, force: true });
  }
}

function hasSystemLibraries(): boolean {
  try {
    const known = execFileSync('ldconfig', ['-p'], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${process.env.PATH}:/sbin:/usr/sbin` },
    });
    return known.includes('libnss3.so') && known.includes('libnspr4.so');
  } catch {
    return false;
  }
}
