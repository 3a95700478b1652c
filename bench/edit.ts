/** Edit: from a keystroke in one browser to the letter drawn in the other. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser } from '../e2e/browser.ts';
import { writeNotebook } from '../e2e/notebook-file.ts';
import { editor, openNotebook, signIn } from '../e2e/pages.ts';
import { startServer } from '../e2e/server.ts';
import { quantile, report } from './report.ts';
import { installClocks } from './watch.ts';

const STROKES = 150;
const WARM_UP = 20;

export default async function measure(): Promise<boolean> {
  const notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-bench-'));
  await writeNotebook(join(notebooksDir, 'bench.ipynb'), [{ id: 'text', source: '// ' }]);
  const server = await startServer({ notebooksDir });
  const browser = await launchBrowser();
  const writer = (await signIn(browser, server)).page;
  const reader = (await signIn(browser, server)).page;
  for (const page of [writer, reader]) {
    await installClocks(page);
    await openNotebook(page, server, 'bench.ipynb');
  }
  await editor(writer, 'text').click();
  await writer.keyboard.press('ControlOrMeta+End');
  const took: number[] = [];
  let line = '';
  for (let stroke = 1; stroke <= STROKES + WARM_UP; stroke++) {
    const letter = String.fromCharCode(97 + (stroke % 26));
    line += letter;
    const drawn = reader.evaluate((text) => window.drawnWith('[data-cell="text"] .cm-content', text), line);
    await writer.keyboard.press(letter);
    const at = await drawn;
    if (stroke > WARM_UP) took.push(at - (await writer.evaluate(() => window.pressedAt)));
  }
  await browser.close();
  await server.stop();
  await rm(notebooksDir, { recursive: true, force: true });
  return report('edit', [
    { name: 'p50', unit: 'ms', ours: quantile(took, 0.5), goal: 40 },
    { name: 'p95', unit: 'ms', ours: quantile(took, 0.95), goal: 60 },
  ]);
}
