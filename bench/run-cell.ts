/** Run cell: from the key press in a real browser to the output drawn, with a kernel that is already running. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser } from '../e2e/browser.ts';
import { writeNotebook } from '../e2e/notebook-file.ts';
import { editor, openNotebook, signIn } from '../e2e/pages.ts';
import { startServer } from '../e2e/server.ts';
import { quantile, report } from './report.ts';
import { installClocks } from './watch.ts';

const RUNS = 100;
const WARM_UP = 15;

export default async function measure(): Promise<boolean> {
  const notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-bench-'));
  await writeNotebook(join(notebooksDir, 'bench.ipynb'), [
    { id: 'define', source: 'let runs = 0;' },
    { id: 'count', source: 'runs += 1;\n"run " + runs + "."' },
  ]);
  const server = await startServer({ notebooksDir });
  const browser = await launchBrowser();
  const { page } = await signIn(browser, server);
  await installClocks(page);
  await openNotebook(page, server, 'bench.ipynb');
  await editor(page, 'define').click();
  await page.keyboard.press('ControlOrMeta+Enter');
  await page.locator('[data-cell="define"][data-validity="evaluated"]').waitFor();
  await editor(page, 'count').click();
  const took: number[] = [];
  for (let run = 1; run <= RUNS + WARM_UP; run++) {
    const drawn = page.evaluate((text) => window.drawnWith('[data-cell="count"] [data-outputs]', text), `run ${run}.`);
    await page.keyboard.press('ControlOrMeta+Enter');
    const at = await drawn;
    if (run > WARM_UP) took.push(at - (await page.evaluate(() => window.pressedAt)));
  }
  await browser.close();
  await server.stop();
  await rm(notebooksDir, { recursive: true, force: true });
  return report('run-cell', [
    { name: 'p50', unit: 'ms', ours: quantile(took, 0.5), goal: 40 },
    { name: 'p95', unit: 'ms', ours: quantile(took, 0.95), goal: 100 },
  ]);
}
