/**
 * Jupyter's two servers with our kernel: through the client library of JupyterLab, and the page of the classic notebook
 * in a browser. Then a Jupyter server that keeps its kernels on a Trialroom server (`--gateway-url`).
 *   node servers_check.ts PYTHON    with Jupyter's packages and the kernelspec in the environment (see check.sh)
 */
import { strict as assert } from 'node:assert';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kernel, KernelManager, ServerConnection, SessionManager } from '@jupyterlab/services';
import type { Locator, Page } from 'playwright-core';
import { launchBrowser } from '../browser.ts';
import { startServer } from '../server.ts';
import { type JupyterServer, startJupyter } from './jupyter-server.ts';

const python = process.argv[2] ?? 'python3';
// The library tells of each connection.
for (const method of ['debug', 'info', 'warn'] as const) console[method] = () => {};
const folder = await mkdtemp(join(tmpdir(), 'trialroom-jupyter-servers-'));

interface Said {
  printed: string;
  result: unknown;
  error: string | undefined;
}

async function run(kernel: Kernel.IKernelConnection, code: string): Promise<Said> {
  const said: Said = { printed: '', result: undefined, error: undefined };
  const future = kernel.requestExecute({ code, stop_on_error: false });
  future.onIOPub = ({ header: { msg_type }, content }) => {
    const read = (name: string): unknown => Reflect.get(content, name);
    if (msg_type === 'stream') said.printed += read('text');
    if (msg_type === 'execute_result') said.result = Reflect.get(Object(read('data')), 'text/plain');
    if (msg_type === 'error') said.error = `${read('ename')}: ${read('evalue')}`;
  };
  await future.done;
  return said;
}

/** What JupyterLab does with a server: a session for a notebook, cells, completion, interrupt, restart, shutdown. */
async function throughServices({ url, token }: JupyterServer, kernelName: string): Promise<void> {
  const serverSettings = ServerConnection.makeSettings({
    ...{ baseUrl: url, wsUrl: url.replace(/^http/, 'ws'), token, appendToken: true },
  });
  const kernels = new KernelManager({ serverSettings });
  const sessions = new SessionManager({ kernelManager: kernels, serverSettings });
  try {
    await sessions.ready;
    const session = await sessions.startNew({
      ...{ path: 'through-services.ipynb', name: 'through services', type: 'notebook', kernel: { name: kernelName } },
    });
    const { kernel } = session;
    assert(kernel, 'the session has a kernel');
    assert.equal((await kernel.info).language_info.name, 'typescript');
    assert.deepEqual(await run(kernel, 'let kept: number = 41; console.log("printed"); kept + 1'), {
      ...{ printed: 'printed\n', result: '42', error: undefined },
    });
    assert.equal((await run(kernel, 'throw new RangeError("too far")')).error, 'RangeError: too far');
    const { content } = await kernel.requestComplete({ code: 'Math.hyp', cursor_pos: 8 });
    assert(content.status === 'ok' && content.matches.includes('hypot'), JSON.stringify(content));

    const endless = kernel.requestExecute({ code: 'console.log("on"); while (true) {}', stop_on_error: false });
    const begun = new Promise<void>((resolve) => {
      endless.onIOPub = ({ header }) => {
        if (header.msg_type === 'stream') resolve();
      };
    });
    await begun;
    await kernel.interrupt();
    const { content: end } = await endless.done;
    assert.notEqual(end.status, 'ok');
    assert.equal((await run(kernel, 'kept')).result, '41');

    await kernel.restart();
    await kernel.info;
    assert.equal((await run(kernel, 'typeof kept')).result, "'undefined'");
    await session.shutdown();
  } finally {
    sessions.dispose();
    kernels.dispose();
  }
}

/** The classic notebook's page, as a person uses it: run, see, complete, look up, interrupt, fail, restart. */
async function throughPage({ url, token }: JupyterServer): Promise<void> {
  const sources = [
    'import { display, html } from "trialroom";\nconst list: number[] = [1, 2, 3];\nconsole.log("printed");\ndisplay(html("<b>shown</b>"));\nlist.map((n) => n * 2)',
    'console.log("on"); while (true) {}',
    'throw new RangeError("too far")',
    'const answer = await input("your name? "); list.length + answer.length',
    '',
  ];
  await writeFile(
    join(folder, 'page.ipynb'),
    JSON.stringify({
      cells: sources.map((source) => ({
        ...{ cell_type: 'code', source, metadata: {}, outputs: [], execution_count: null },
      })),
      metadata: { kernelspec: { name: 'trialroom', display_name: 'TypeScript (Trialroom)', language: 'typescript' } },
      nbformat: 4,
      nbformat_minor: 4,
    }),
  );
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(`${url}/notebooks/page.ipynb?token=${token}`);
    await page.locator('.kernel_idle_icon').waitFor();
    const cell = (index: number): Locator => page.locator('.code_cell').nth(index);
    await choose(page, cell(0));
    await cell(0).locator('.output_result', { hasText: '[ 2, 4, 6 ]' }).waitFor();
    assert.equal(await cell(0).locator('.output_stdout').innerText(), 'printed\n');
    assert.equal(await cell(0).locator('.output_html b').innerText(), 'shown');
    // The editor knows the language, by what the kernel says of itself.
    await cell(0).locator('.cm-keyword', { hasText: 'const' }).waitFor();

    await choose(page, cell(1));
    await cell(1).locator('.output_stdout', { hasText: 'on' }).waitFor();
    await page.locator('button[data-jupyter-action="jupyter-notebook:interrupt-kernel"]').click();
    await cell(1).locator('.output_error', { hasText: 'Interrupted' }).waitFor();

    await choose(page, cell(2));
    await cell(2).locator('.output_error', { hasText: 'RangeError: too far' }).waitFor();

    await choose(page, cell(3));
    const asked = cell(3).locator('input.raw_input');
    await asked.fill('Ada');
    await asked.press('Enter');
    await cell(3).locator('.output_result', { hasText: '6' }).waitFor();

    const write = async (text: string): Promise<void> => {
      await cell(4).locator('.CodeMirror').click();
      await page.keyboard.press('Control+a');
      await page.keyboard.type(text);
    };
    await write('list.fla');
    await page.keyboard.press('Tab');
    await page.locator('.completions option', { hasText: /^flatMap$/ }).waitFor();
    await page.keyboard.press('Escape');
    // Of one that fits there is nothing to choose.
    await write('list.flatM');
    await page.keyboard.press('Tab');
    await cell(4).locator('.CodeMirror-line', { hasText: 'list.flatMap' }).waitFor();
    await page.keyboard.press('Shift+Tab');
    await page.locator('#tooltip', { hasText: 'flatMap' }).waitFor();
    await page.keyboard.press('Escape');
    await write('list?');
    await page.keyboard.press('Control+Enter');
    await page.locator('#pager', { hasText: 'number[]' }).waitFor();
    await page.keyboard.press('Escape');

    await page.locator('button[data-jupyter-action="jupyter-notebook:confirm-restart-kernel"]').click();
    await page.locator('.modal-footer .btn-danger').click();
    await page.locator('.kernel_idle_icon').waitFor();
    await write('typeof list');
    await page.keyboard.press('Control+Enter');
    await cell(4).locator('.output_result', { hasText: "'undefined'" }).waitFor();
    await cell(4).locator('.input_prompt', { hasText: 'In [1]:' }).waitFor();
    const picture = process.env.TRIALROOM_PICTURE;
    if (picture) await page.screenshot({ path: picture, fullPage: true });
  } finally {
    await browser.close();
  }
}

async function choose(page: Page, cell: Locator): Promise<void> {
  await cell.locator('.CodeMirror').click();
  await page.keyboard.press('Control+Enter');
}

try {
  for (const module of ['notebook', 'jupyter_server'] as const) {
    const server = await startJupyter({
      python,
      module,
      folder,
      app: module === 'notebook' ? 'NotebookApp' : 'ServerApp',
    });
    try {
      await throughServices(server, 'trialroom');
      console.log(`${module.padEnd(22)} a session through @jupyterlab/services`);
      if (module === 'notebook') {
        await throughPage(server);
        console.log(`${module.padEnd(22)} its page in a browser`);
      }
    } finally {
      await server.stop();
    }
  }
  const trialroom = await startServer({ notebooksDir: folder });
  try {
    const gateway = [`--gateway-url=${trialroom.url}`, `--GatewayClient.auth_token=${trialroom.token}`];
    const server = await startJupyter({ python, module: 'jupyter_server', folder, args: gateway });
    try {
      await throughServices(server, 'trialroom');
      console.log('--gateway-url          kernels of a Trialroom server');
    } finally {
      await server.stop();
    }
  } finally {
    await trialroom.stop();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
