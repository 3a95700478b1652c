/**
 * Pictures of every page at the widths and in the themes we care about: `node e2e/screenshots.ts FOLDER ADDRESS [NAME…]`,
 * where ADDRESS is the sign-in address of a running server whose tour has begun.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { call, notebookId } from './api.ts';
import { launchBrowser } from './browser.ts';

const WIDTHS = [
  [360, 780],
  [1280, 900],
  [2560, 1440],
] as const;

const [folder = 'shots', address = '', ...only] = process.argv.slice(2);
const url = new URL(address);
const server = { url: url.origin, token: url.searchParams.get('token') ?? '' };
await mkdir(folder, { recursive: true });

const { trials } = await call(
  server,
  'GET',
  '/api/trials',
  z.object({ trials: z.array(z.object({ id: z.string() })) }),
);
const pages: Record<string, string> = {
  home: '/',
  notebook: `/notebooks/${await notebookId(server, 'demo/digits.ipynb')}`,
  notebooks: '/notebooks',
  trials: '/trials',
  ...(trials[0] ? { room: `/trials/${trials[0].id}` } : {}),
};

const browser = await launchBrowser();
for (const colorScheme of ['light', 'dark'] as const) {
  for (const [width, height] of WIDTHS) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto(address);
    for (const [name, path] of Object.entries(pages)) {
      if (only.length > 0 && !only.includes(name)) continue;
      await page.goto(server.url + path);
      await page.locator('main').waitFor();
      // Pictures settle when nothing more is being fetched and the frames after it are drawn.
      await page.waitForLoadState('networkidle');
      await page.evaluate(() => new Promise((drawn) => setTimeout(drawn, 1500)));
      await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: width < 2000 });
    }
    await context.close();
  }
}
await browser.close();
