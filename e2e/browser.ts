/**
 * The browser that npm brought: headless Chromium from a package, driven by playwright-core. Nothing is downloaded.
 * `TRIALROOM_BROWSER` names another executable; where the packaged one does not run (macOS, Windows) an installed
 * Chrome or Edge is used. Pages run with the web's ordinary security, so that what is tested is what people get.
 */
import { execFileSync } from 'node:child_process';
import { type Browser, chromium as playwright } from 'playwright-core';

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
  // The package decides by this variable, while it is being imported, whether to add its own libraries.
  if (!hasSystemLibraries()) process.env.AWS_EXECUTION_ENV ??= 'AWS_Lambda_nodejs24.x';
  const { default: chromium } = await import('@sparticuz/chromium');
  return chromium.executablePath();
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
