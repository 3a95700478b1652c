/**
 * JupyterLab's own application in a browser, working with a Trialroom server of another origin by its token: what a person
 * does in it, step by step. Needs the bundle of build.ts.
 *   node check.ts FOLDER
 */
import { strict as assert } from 'node:assert';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { launchBrowser } from '../../browser.ts';
import { startServer } from '../../server.ts';
import { startHost } from './host.ts';
import { asked, Lab } from './lab-page.ts';

const folder = resolve(process.argv[2] ?? '.');
const notebooks = await mkdtemp(join(tmpdir(), 'trialroom-jupyterlab-'));
const sources = [
  'import { display, html } from "trialroom";\nconst list: number[] = [1, 2, 3];\nconsole.log("printed");\nconsole.error("warned");\ndisplay(html("<b>shown</b>"));\nlist.map((n) => n * 2)',
  'throw new RangeError("too far")',
  'import { display, html } from "trialroom";\nconst bar = display(html("<i>0 %</i>"));\nfor (const part of [50, 100]) {\n  await new Promise((done) => setTimeout(done, 50));\n  bar.update(html(`<i>` + part + ` %</i>`));\n}',
  'import { input } from "trialroom";\nconst answer = await input("your name? ");\nlist.length + answer.length',
  'console.log("on"); while (true) {}',
  'import { slider } from "trialroom";\nconst level = slider("Level", { min: 0, max: 9 });\nlevel',
  'typeof list',
];
const notebook = {
  cells: sources.map((source, at) => ({
    ...{ id: `cell-${at}`, cell_type: 'code', source, metadata: {}, outputs: [], execution_count: null },
  })),
  metadata: { kernelspec: { name: 'trialroom', display_name: 'Trialroom (TypeScript)', language: 'typescript' } },
  ...{ nbformat: 4, nbformat_minor: 5 },
};
await writeFile(join(notebooks, 'lab.ipynb'), JSON.stringify(notebook));
await writeFile(join(notebooks, 'words.txt'), 'some words');

const seen = (what: string): void => console.log(`  ${what}`);
const trialroom = await startServer({ notebooksDir: notebooks });
const host = await startHost(folder, trialroom);
const browser = await launchBrowser();
const api = asked(trialroom);
const lab = await Lab.open(browser, host.url);
try {
  await lab.file('lab.ipynb').waitFor();
  await lab.file('words.txt').waitFor();
  await lab.page.locator('.jp-LauncherCard[data-category="Notebook"] img').first().waitFor();
  seen('the file browser lists, the launcher offers our kernel with its picture');

  await lab.openFile('lab.ipynb');
  await lab.idle();
  await lab.run(0);
  await lab.output(0, '[ 2, 4, 6 ]');
  assert.equal(
    (await lab.cell(0).locator('[data-mime-type="application/vnd.jupyter.stdout"]').innerText()).trim(),
    'printed',
  );
  assert.equal(
    (await lab.cell(0).locator('[data-mime-type="application/vnd.jupyter.stderr"]').innerText()).trim(),
    'warned',
  );
  assert.equal(await lab.cell(0).locator('.jp-RenderedHTML b').innerText(), 'shown');
  await lab.cell(0).locator('.jp-InputPrompt', { hasText: '[1]:' }).waitFor();
  seen('a cell: streams, display, result, count');
  await lab.run(1);
  await lab.output(1, 'RangeError: too far');
  seen('an error with its traceback');
  await lab.run(2);
  await lab.cell(2).locator('i', { hasText: '100 %' }).waitFor();
  assert.equal(await lab.cell(2).locator('.jp-OutputArea-output').count(), 1);
  seen('a display that is updated in place');
  await lab.run(3);
  const field = lab.cell(3).locator('input.jp-Stdin-input');
  await field.fill('Ada');
  await field.press('Enter');
  await lab.output(3, '6');
  seen('a question, and its answer');

  await lab.type(6, 'list.fil');
  await lab.page.keyboard.press('Tab');
  await lab.page.locator('.jp-Completer-item', { hasText: 'fill' }).first().waitFor();
  await lab.page.keyboard.press('Escape');
  await lab.type(6, 'list.f');
  await lab.page.keyboard.press('Tab');
  await lab.page.locator('.jp-Completer-item', { hasText: 'flatMap' }).first().click();
  await lab.until(async () => (await lab.text(6)) === 'list.flatMap');
  seen('completions, and one of them taken');
  await lab.page.keyboard.press('Shift+Tab');
  await lab.page.locator('.jp-Tooltip', { hasText: 'flatMap' }).waitFor();
  await lab.page.keyboard.press('Escape');
  seen('what is known of a name');

  await lab.interrupt({ loop: 4, probe: 6 });
  seen('an interrupt, which leaves variables');

  await lab.run(5);
  await lab.idle();
  await lab.cell(5).locator('.jp-OutputArea-output').first().waitFor();
  await lab.run(6);
  await lab.output(6, "'object'");
  seen('a widget, for which this page has no manager, disturbs nothing');

  await lab.page.keyboard.press('Control+s');
  await lab.until(async () => (await readFile(join(notebooks, 'lab.ipynb'), 'utf8')).includes('[ 2, 4, 6 ]'));
  await lab.saved();
  seen('saving');

  await lab.page.reload();
  await lab.restored();
  await lab.idle();
  await lab.run(6);
  await lab.output(6, "'object'");
  assert.equal((await api<unknown[]>('/api/sessions')).length, 1);
  seen('a reload opens the notebook again, on the session that runs');

  const second = await Lab.open(browser, `${host.url}/workspaces/second`);
  await second.openFile('lab.ipynb');
  await second.idle();
  await second.type(6, 'list.push(4)');
  await second.run(6);
  await second.output(6, '4');
  await lab.run(0);
  await lab.output(0, '[ 2, 4, 6 ]');
  await lab.run(4);
  await second.status('Busy');
  await second.command('i', 'i');
  await lab.output(4, 'Interrupted');
  await lab.idle();
  await second.idle();
  await second.close();
  seen('two pages on one notebook: one kernel, its state seen in both, stopped from the other');

  await lab.command('0', '0');
  await lab.accept();
  await lab.idle();
  await lab.type(6, 'typeof list');
  await lab.run(6);
  await lab.output(6, "'undefined'");
  seen('a restart');

  await lab.page.keyboard.press('Control+s');
  await lab.saved();
  await lab.rename('lab.ipynb', 'renamed.ipynb');
  await lab.page.locator('.lm-TabBar-tabLabel', { hasText: 'renamed.ipynb' }).waitFor();
  await lab.run(6);
  await lab.output(6, "'undefined'");
  assert.equal((await api<{ path: string }[]>('/api/sessions'))[0]?.path, 'renamed.ipynb');
  seen('a rename, under which the session goes on');

  await lab.side('jp-running-sessions');
  await lab.page
    .locator('.jp-RunningSessions .jp-AccordionPanel-title', { hasText: 'Kernels' })
    .click({ position: { x: 8, y: 12 } });
  const running = lab.page.locator('.jp-RunningSessions-item', { hasText: 'renamed.ipynb' });
  await running.first().waitFor();
  await running.first().hover();
  await running.first().locator('.jp-RunningSessions-itemShutdown').first().click();
  await lab.until(async () => (await api<unknown[]>('/api/sessions')).length === 0);
  seen('the list of kernels, and one shut down from there');
  await lab.side('filebrowser');

  await lab.newNotebook();
  await lab.file('Untitled.ipynb').waitFor();
  await lab.idle();
  await lab.type(0, '6 * 7');
  await lab.run(0);
  await lab.output(0, '42');
  await lab.page.keyboard.press('Control+s');
  // Asked for a name at the first save.
  await lab.page.locator('.jp-Dialog input[type="text"], .jp-Dialog input.jp-mod-styled').first().fill('made.ipynb');
  await lab.accept();
  await lab.file('made.ipynb').waitFor();
  await lab.saved();
  seen('a new notebook, and its name at the first save');
  await lab.remove('words.txt');
  await lab.until(async () => (await lab.file('words.txt').count()) === 0);
  seen('a file is deleted');

  await lab.newConsole();
  await lab.page.locator('.jp-CodeConsole-content .jp-CodeConsole-banner').waitFor();
  await lab.page.locator('.jp-CodeConsole-content', { hasText: 'TypeScript on Node' }).waitFor();
  await lab.idle();
  await lab.type(0, '6 * 8', '.jp-CodeConsole-input');
  await lab.page.keyboard.press('Shift+Enter');
  await lab.page.locator('.jp-CodeConsole-content .jp-OutputArea-output', { hasText: '48' }).waitFor();
  seen('a console');
  assert.deepEqual(lab.faults, []);
} catch (error) {
  console.error(lab.faults);
  throw error;
} finally {
  const picture = process.env.TRIALROOM_PICTURE;
  if (picture) await lab.page.screenshot({ path: picture });
  await browser.close();
  await host.close();
  await trialroom.stop();
  await rm(notebooks, { recursive: true, force: true });
}
