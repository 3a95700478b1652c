/** Cells run through the client library that JupyterLab itself is built on. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { Person } from '@trialroom/shared/policy/policy';
import { describe, expect, test } from 'vitest';
import { type Said, useLab } from './testing-lab.ts';

describe('a kernel under JupyterLab’s own client', () => {
  const lab = useLab();
  const { start, run } = lab;
  const connected = (kernel: Kernel.IKernelConnection): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (kernel.connectionStatus === 'connected') resolve();
      };
      kernel.connectionStatusChanged.connect(look);
      look();
    });

  test('runs a cell of the notebook in the very session that browsers see, with who asked', async () => {
    const kernel = await start('seen.ipynb', { a: 'console.log("hi"); 20 + 1', b: '3' });
    const browser = await lab.server.watch('seen.ipynb');
    const { said, content } = await run(kernel, 'console.log("hi"); 20 + 1', { cellId: 'a' });
    expect(content).toMatchObject({ status: 'ok', execution_count: 1 });
    expect(said.map(([type]) => type)).toEqual([...['status', 'execute_input', 'stream', 'execute_result', 'status']]);
    expect(
      said.flatMap(([, { execution_state: state }]: Said & [string, { execution_state?: string }]) => state ?? []),
    ).toEqual(['busy', 'idle']);
    await browser.until(({ session }) => session.cells.a?.validity === 'evaluated');
    const me = Person.parse(await (await lab.server.ask('editor', 'GET', '/api/me')).json());
    expect(browser.session.cells.a?.by).toEqual({ id: me.id, name: me.name, colour: me.colour });
    expect(browser.outputs.a).toMatchObject([{ type: 'stream', text: 'hi\n' }, { type: 'result' }]);
    browser.close();
  });

  test('hears what browsers run, and they see in the console what is no cell', async () => {
    const kernel = await start('both.ipynb', { a: 'const x = 5; x' });
    const browser = await lab.server.watch('both.ipynb');
    const heard: [string, string, unknown][] = [];
    const idle = new Promise<void>((resolve) => {
      kernel.iopubMessage.connect((_, { header, parent_header: parent, content }) => {
        const from = 'session' in parent ? parent.session : '';
        if (from !== kernel.clientId) heard.push([header.msg_type, from ?? '', content]);
        if (from === 'trialroom' && 'execution_state' in content && content.execution_state === 'idle') resolve();
      });
    });
    const { id } = (await (await lab.server.ask('owner', 'GET', '/api/notebooks')).json()).notebooks.find(
      (one: { path: string }) => one.path === 'both.ipynb',
    );
    await lab.server.ask('owner', 'POST', `/api/notebooks/${id}/run`, { cells: ['a'] });
    await idle;
    expect(heard).toMatchObject([
      ['status', '', { execution_state: 'starting' }],
      ['status', 'trialroom', { execution_state: 'busy' }],
      ['execute_input', 'trialroom', { code: 'const x = 5; x', execution_count: 1 }],
      ['execute_result', 'trialroom', { data: { 'text/plain': '5' } }],
      ['status', 'trialroom', { execution_state: 'idle' }],
    ]);
    expect((await run(kernel, 'x * 2')).said).toContainEqual([
      'execute_result',
      expect.objectContaining({ data: { 'text/plain': '10' } }),
    ]);
    await browser.until(({ session }) => session.console.length === 1 && session.kernel === 'idle');
    const [entry] = browser.session.console;
    expect(entry).toMatchObject({ source: 'x * 2' });
    expect(browser.outputs[entry?.cell ?? '']).toMatchObject([{ type: 'result', data: { 'text/plain': '10' } }]);
    browser.close();
  });

  test('is told of errors, and what waits behind one is dropped', async () => {
    const kernel = await start('wrong.ipynb', { a: '1' });
    const all = await Promise.all([
      run(kernel, 'throw new TypeError("no\\nway")', { stop_on_error: true }),
      run(kernel, '"never"', { stop_on_error: true }),
      run(kernel, ''),
    ]);
    const [wrong, dropped, empty] = all.map(({ content }) => content);
    expect(wrong).toMatchObject({ status: 'error', ename: 'TypeError', evalue: 'no\nway', execution_count: 1 });
    expect(all[0]?.said.map(([type]) => type)).toEqual(['status', 'execute_input', 'error', 'status']);
    expect(dropped).toMatchObject({ status: 'aborted' });
    expect(empty).toMatchObject({ status: 'aborted' });
    const [, after] = await Promise.all([run(kernel, 'throw 1'), run(kernel, '"runs"')]);
    expect(after?.content).toMatchObject({ status: 'ok' });
    expect((await run(kernel, ' ')).content).toMatchObject({ status: 'ok', execution_count: 3 });
    expect((await run(kernel, '1 + 1')).content).toMatchObject({ status: 'ok' });
    const syntax = await run(kernel, 'const = 1');
    expect(syntax.content).toMatchObject({ status: 'error', ename: 'SyntaxError' });
  });

  test('interrupts, and the state stays; restarts, and it is gone', async () => {
    const kernel = await start('stopped.ipynb', { a: '1' });
    await run(kernel, 'var kept = 7');
    const begun = new Promise<void>((resolve) => {
      kernel.iopubMessage.connect((_, { header }) => {
        if (header.msg_type === 'stream') resolve();
      });
    });
    const endless = run(kernel, 'console.log("in"); for (;;) {}');
    const behind = run(kernel, '"never"');
    await begun;
    await kernel.interrupt();
    expect((await endless).content).toMatchObject({ status: 'error' });
    expect((await behind).content).toMatchObject({ status: 'aborted' });
    expect((await run(kernel, 'kept')).said).toContainEqual([
      'execute_result',
      expect.objectContaining({ data: { 'text/plain': '7' } }),
    ]);
    await kernel.restart();
    expect((await run(kernel, 'typeof kept')).said).toContainEqual([
      'execute_result',
      expect.objectContaining({ execution_count: 1, data: { 'text/plain': "'undefined'" } }),
    ]);
  });

  test('is told when the kernel dies, connects anew by itself, and runs on', async () => {
    const kernel = await start('dies.ipynb', { a: '1' });
    const restarted = new Promise<void>((resolve) => {
      kernel.statusChanged.connect((_, status) => {
        if (status === 'autorestarting') resolve();
      });
    });
    const kill = 'execFileSync("kill", ["-9", String(process.pid)])';
    const died = kernel.requestExecute({ code: `import { execFileSync } from "node:child_process"; ${kill}` });
    await restarted;
    died.dispose();
    await connected(kernel);
    expect((await run(kernel, '6 * 7')).content).toMatchObject({ status: 'ok', execution_count: 1 });
  });

  test('is told when a kernel cannot even start', async () => {
    await mkdir(join(lab.server.notebooksDir, 'gone'));
    const kernel = await start('gone/x.ipynb', { a: '1' });
    await rm(join(lab.server.notebooksDir, 'gone'), { recursive: true });
    const replies: KernelMessage.IMessage['content'][] = [];
    const restarted = new Promise<void>((resolve) => {
      kernel.anyMessage.connect((_, { direction, msg }) => {
        if (direction === 'recv' && msg.header.msg_type === 'execute_reply') replies.push(msg.content);
      });
      kernel.statusChanged.connect((_, status) => {
        if (status === 'autorestarting') resolve();
      });
    });
    const future = kernel.requestExecute({ code: '1 + 1' });
    future.done.catch(() => {});
    await restarted;
    expect(replies).toMatchObject([{ status: 'aborted' }]);
    // It has connected anew, and may be told of a kernel that starts.
    await connected(kernel);
    expect((await kernel.requestKernelInfo())?.content).toMatchObject({ status: 'ok' });
  });
});
