/** Which backend runs is said where people look, and can be chosen there. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from './browser.ts';
import { readNotebook, writeNotebook } from './notebook-file.ts';
import { openNotebook, outputs, settled, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

let folder: string;
let server: RunningServer;
let browser: Browser;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialroom-backend-'));
  const source = "import * as tf from '@tensorflow/tfjs';\ntf.getBackend()";
  await writeNotebook(join(folder, 'engine.ipynb'), [{ id: 'engine', source }]);
  server = await startServer({ notebooksDir: folder, env: { TRIALROOM_BACKEND: undefined } });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

describe.each([
  ['a desk', { width: 1280, height: 900 }, 'wasm'],
  ['a telephone', { width: 360, height: 780 }, 'JavaScript'],
])('on %s', (_, viewport, engine) => {
  it(`the kernel’s chip offers the backends with what each is, and ${engine} runs once it was chosen`, async () => {
    const { page, errors } = await signIn(browser, server, viewport);
    await openNotebook(page, server, 'engine.ipynb');
    const chip = page.locator('.kern .chip');
    await chip.click();
    const menu = page.getByRole('menu', { name: 'Backend' });
    await menu.getByRole('menuitemradio', { name: /Best there is/ }).waitFor();
    const box = await menu.boundingBox();
    expect((box?.x ?? -1) >= 0 && (box?.x ?? 0) + (box?.width ?? 0) <= viewport.width).toBe(true);
    await menu.getByRole('menuitemradio', { name: engine }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Restart kernel' }).click();
    await page.getByRole('button', { name: 'Restart and run all' }).click();
    await settled(page, 'engine', 'evaluated');
    await chip.getByText(engine).waitFor();
    await chip.click();
    await menu
      .getByRole('menuitemradio', { name: engine, checked: true })
      .getByText(/^In use: /)
      .waitFor();
    await outputs(page, 'engine')
      .getByText(engine === 'wasm' ? "'wasm'" : "'cpu'")
      .waitFor();
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

it('and it is kept in the notebook', async () => {
  await expect
    .poll(async () => (await readNotebook(join(folder, 'engine.ipynb'))).metadata)
    .toMatchObject({
      trialroom: { backend: 'cpu' },
    });
});
