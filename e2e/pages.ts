/** The product's pages as a test sees them: by roles and names, and by the ids of cells. */
import type { Browser, Locator, Page } from 'playwright-core';
import { notebookId } from './api.ts';
import type { RunningServer } from './server.ts';

/** A new person: a browser context of its own, signed in with the owner's address. Page errors fail loudly through `errors`. */
export async function signIn(
  browser: Browser,
  server: RunningServer,
  viewport = { width: 1280, height: 900 },
): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.stack ?? String(error)));
  await page.goto(server.signIn);
  return { page, errors };
}

/** Opens the notebook at this path and waits until its cells are there. */
export async function openNotebook(page: Page, server: RunningServer, path: string): Promise<void> {
  await page.goto(`${server.url}/notebooks/${await notebookId(server, path)}`);
  await page.locator('[data-cell]').first().waitFor();
}

/** Two new people, each in a browser context of their own, with the same notebook open. */
export async function openForTwo(
  browser: Browser,
  server: RunningServer,
  path: string,
): Promise<{ ada: Page; ben: Page; errors: string[][] }> {
  const [ada, ben] = [await signIn(browser, server), await signIn(browser, server)];
  for (const { page } of [ada, ben]) await openNotebook(page, server, path);
  return { ada: ada.page, ben: ben.page, errors: [ada.errors, ben.errors] };
}

export const cell = (page: Page, id: string): Locator => page.locator(`[data-cell="${id}"]`);
export const outputs = (page: Page, id: string): Locator => cell(page, id).locator('[data-outputs]');
export const editor = (page: Page, id: string): Locator => cell(page, id).locator('.cm-content');

/** Replaces the text of a code cell by typing, as a person does. */
export async function retype(page: Page, id: string, text: string): Promise<void> {
  await editor(page, id).click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(text);
}

/** Runs a cell with the keyboard. */
export async function runCell(page: Page, id: string): Promise<void> {
  await editor(page, id).click();
  await page.keyboard.press('ControlOrMeta+Enter');
}

/** Waits until the cell's last run is over and went well, or badly. */
export async function settled(
  page: Page,
  id: string,
  validity: 'evaluated' | 'failed' | 'aborted' | 'stale',
): Promise<void> {
  await page.locator(`[data-cell="${id}"][data-status="ready"][data-validity="${validity}"]`).waitFor();
}
