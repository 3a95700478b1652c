/**
 * JupyterLab and Notebook 7, each as its own server with our kernelspec, in a browser: what a person does with a notebook,
 * and what happens when the kernel is killed. For the Python that TRIALROOM_JUPYTER_PYTHON names (see check.sh).
 *   node pages_check.ts PYTHON
 */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, errors } from 'playwright-core';
import { launchBrowser } from '../browser.ts';
import { type JupyterServer, startJupyter } from './jupyter-server.ts';
import { asked, Lab } from './lab/lab-page.ts';

const python = process.argv[2] ?? 'python3';
const KERNEL = 'TypeScript (Trialroom)';

const sources = [
  'import { chart, display, html, latex, markdown, progress, slider, svg, table, vegaLite } from "trialroom";\nconst list: number[] = [1, 2, 3];\nconsole.log("printed");\nconsole.error("warned");\nlist.map((n) => n * 2)',
  'throw new RangeError("too far")',
  'const bar = display(html("<i>0 %</i>"));\nfor (const part of [50, 100]) {\n  await new Promise((done) => setTimeout(done, 50));\n  bar.update(html(`<i>` + part + ` %</i>`));\n}',
  'const answer = await input("your name? ");\nlist.length + answer.length',
  'console.log("on"); while (true) {}',
  'display(vegaLite({ data: { values: [{ x: 1, y: 2 }] }, mark: "point", encoding: { x: { field: "x" } } }));\ndisplay(latex("x^2"));\ndisplay(markdown("# head"));\ndisplay(svg("<svg xmlns=\'http://www.w3.org/2000/svg\' width=\'9\' height=\'9\'/>"));\ndisplay(table([{ a: 1 }]));\nprogress(2).step();\nchart().push(1, { loss: 1 });\nslider("Level", { min: 0, max: 9 })',
  'typeof list',
];

const notebook = JSON.stringify({
  cells: sources.map((source, at) => ({
    ...{ id: `cell-${at}`, cell_type: 'code', source, metadata: {}, outputs: [], execution_count: null },
  })),
  metadata: { kernelspec: { name: 'trialroom', display_name: KERNEL, language: 'typescript' } },
  ...{ nbformat: 4, nbformat_minor: 5 },
});

/** Ends the kernel's process as a lack of memory would; which one it is, its connection file says. */
function killKernel(id: string): void {
  const rows = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
  const row = rows.find((one) => one.includes(`kernel-${id}.json`));
  assert(row, `no process has the connection file of ${id}`);
  process.kill(Number(row.trim().split(/\s+/)[0]), 'SIGKILL');
}

/** @param idle what is there once the kernel is idle */
async function work(
  browser: Browser,
  server: JupyterServer,
  path: string,
  idle: string,
  folder: string,
): Promise<void> {
  const lab = await Lab.open(browser, `${server.url}${path}?token=${server.token}`, {
    ...{ ready: '.jp-NotebookPanel .jp-CodeCell', kernel: KERNEL },
  });
  const { page } = lab;
  await page.locator(idle).first().waitFor();
  await lab.run(0);
  for (const text of ['printed', 'warned', '[ 2, 4, 6 ]']) await lab.output(0, text);
  await lab.run(1);
  await lab.output(1, 'RangeError: too far');
  await lab.run(2);
  await lab.cell(2).locator('i', { hasText: '100 %' }).waitFor();
  await lab.run(3);
  const field = lab.cell(3).locator('input.jp-Stdin-input');
  await field.fill('Ada');
  await field.press('Enter');
  await lab.output(3, '6');
  await lab.run(5);
  await lab.cell(5).locator('.vega-embed').nth(1).waitFor();
  for (const part of ['.jp-RenderedLatex', 'h1', 'img', 'table', 'progress'])
    await lab.cell(5).locator(part).first().waitFor({ state: 'attached' });

  await lab.type(6, 'list.fil');
  await page.keyboard.press('Tab');
  await page.locator('.jp-Completer-item', { hasText: 'fill' }).first().waitFor();
  await page.keyboard.press('Escape');
  await lab.type(6, 'list.flatMap');
  await page.keyboard.press('Shift+Tab');
  await page.locator('.jp-Tooltip', { hasText: 'flatMap' }).waitFor();
  await page.keyboard.press('Escape');
  await lab.type(6, 'list?');
  await page.keyboard.press('Control+Enter');
  await lab.output(6, 'number[]');

  await lab.interrupt({ loop: 4, probe: 6 });

  await page.keyboard.press('Control+s');
  await lab.until(async () => (await readFile(join(folder, 'page.ipynb'), 'utf8')).includes('[ 2, 4, 6 ]'));
  await lab.command('0', '0');
  await lab.accept();
  await lab.run(6);
  await lab.output(6, "'undefined'");

  const api = asked(server);
  const [kernel] = await api<{ id: string }[]>('/api/kernels');
  assert(kernel);
  killKernel(kernel.id);
  // It says that the kernel died, and starts it anew.
  await lab.accept();
  await lab.run(0);
  await lab.output(0, '[ 2, 4, 6 ]');
  await lab.run(6);
  await lab.output(6, "'object'");
  // A question to a kernel that is killed has no answer, and Notebook has a page without some of its settings.
  const own = /before replies were done|reading 'schema'/;
  assert.deepEqual(
    lab.faults.filter((fault) => !own.test(fault)),
    [],
  );
  await lab.close();
}

const browser = await launchBrowser();
try {
  for (const [module, path, idle] of [
    ['jupyterlab', '/lab/tree/page.ipynb', `#jp-bottom-panel:has-text("${KERNEL} | Idle")`],
    ['notebook', '/notebooks/page.ipynb', '.jp-Notebook-ExecutionIndicator[data-status="idle"]'],
  ] as const) {
    const folder = await mkdtemp(join(tmpdir(), `trialroom-${module}-`));
    await writeFile(join(folder, 'page.ipynb'), notebook);
    const server = await startJupyter({ python, module, folder });
    try {
      await work(browser, server, path, idle, folder);
      console.log(`${module.padEnd(22)} its page in a browser, and a kernel that is killed`);
    } catch (error) {
      const picture = process.env.TRIALROOM_PICTURE;
      const page = browser.contexts().at(-1)?.pages().at(-1);
      if (picture && error instanceof errors.TimeoutError) await page?.screenshot({ path: picture });
      throw error;
    } finally {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }
} finally {
  await browser.close();
}
