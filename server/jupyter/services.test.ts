/** The whole of it, driven by the client library that JupyterLab itself is built on. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ConfigSectionManager,
  ContentsManager,
  type Kernel,
  KernelManager,
  type KernelMessage,
  KernelSpecManager,
  type ServerConnection,
  SessionManager,
} from '@jupyterlab/services';
import { Person } from '@trialroom/shared/policy/policy';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startTestServer, type TestServer } from './testing.ts';

type Said = [type: string, content: KernelMessage.IIOPubMessage['content']];

describe('JupyterLab’s own client', () => {
  let server: TestServer;
  let serverSettings: ServerConnection.ISettings;
  let kernels: KernelManager;
  let sessions: SessionManager;
  beforeAll(async () => {
    // It tells the console of each connection.
    for (const method of ['debug', 'warn', 'info'] as const) vi.spyOn(console, method).mockImplementation(() => {});
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
    vi.restoreAllMocks();
  });
  beforeEach(async () => {
    serverSettings = await server.settings('editor');
    kernels = new KernelManager({ serverSettings });
    sessions = new SessionManager({ kernelManager: kernels, serverSettings });
    await sessions.ready;
  });
  afterEach(() => {
    sessions.dispose();
    kernels.dispose();
  });

  const start = async (path: string, cells: Record<string, string>): Promise<Kernel.IKernelConnection> => {
    await server.notebook(path, cells);
    const session = await sessions.startNew({ path, name: path, type: 'notebook', kernel: { name: 'trialroom' } });
    if (!session.kernel) throw new Error('a session has no kernel');
    await session.kernel.info;
    return session.kernel;
  };
  const connected = (kernel: Kernel.IKernelConnection): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (kernel.connectionStatus === 'connected') resolve();
      };
      kernel.connectionStatusChanged.connect(look);
      look();
    });
  const run = async (
    kernel: Kernel.IKernelConnection,
    code: string,
    { cellId, ...options }: { cellId?: string; stop_on_error?: boolean } = {},
  ) => {
    const said: Said[] = [];
    const future = kernel.requestExecute({ code, ...options }, false, cellId === undefined ? {} : { cellId });
    future.onIOPub = ({ header, content }) => {
      said.push([header.msg_type, content]);
    };
    const reply = await future.done;
    return { said, content: reply?.content };
  };

  test('finds who it is, what there is and what there is not', async () => {
    const specs = new KernelSpecManager({ serverSettings });
    await specs.ready;
    expect(specs.specs?.default).toBe('trialroom');
    expect(specs.specs?.kernelspecs.trialroom?.language).toBe('typescript');
    const logo = specs.specs?.kernelspecs.trialroom?.resources['logo-svg'] ?? '';
    expect((await server.ask('editor', 'GET', logo)).headers.get('content-type')).toBe('image/svg+xml');
    specs.dispose();
    const asked = encodeURIComponent(
      JSON.stringify({ contents: ['read', 'write'], server: ['execute'], constructor: ['read'] }),
    );
    const me = await (await server.ask('viewer', 'GET', `/api/me?permissions=${asked}`)).json();
    const { id, name } = Person.parse(me);
    expect(me).toMatchObject({
      identity: { username: id, name, display_name: name, initials: expect.stringMatching(/^[A-Z]{1,2}$/) },
      permissions: { contents: ['read'], server: ['execute'], constructor: [] },
    });
    expect(await (await server.ask('viewer', 'GET', '/api/terminals')).json()).toEqual([]);
    expect((await new ConfigSectionManager({ serverSettings }).create({ name: 'notebook' })).data).toEqual({});
  });

  test('runs a cell of the notebook in the very session that browsers see, with who asked', async () => {
    const kernel = await start('seen.ipynb', { a: 'console.log("hi"); 20 + 1', b: '3' });
    const browser = await server.watch('seen.ipynb');
    const { said, content } = await run(kernel, 'console.log("hi"); 20 + 1', { cellId: 'a' });
    expect(content).toMatchObject({ status: 'ok', execution_count: 1 });
    expect(said.map(([type]) => type)).toEqual([...['status', 'execute_input', 'stream', 'execute_result', 'status']]);
    expect(
      said.flatMap(([, { execution_state: state }]: Said & [string, { execution_state?: string }]) => state ?? []),
    ).toEqual(['busy', 'idle']);
    await browser.until(({ session }) => session.cells.a?.validity === 'evaluated');
    const me = Person.parse(await (await server.ask('editor', 'GET', '/api/me')).json());
    expect(browser.session.cells.a?.by).toEqual({ id: me.id, name: me.name, colour: me.colour });
    expect(browser.outputs.a).toMatchObject([{ type: 'stream', text: 'hi\n' }, { type: 'result' }]);
    browser.close();
  });

  test('hears what browsers run, and they see in the console what is no cell', async () => {
    const kernel = await start('both.ipynb', { a: 'const x = 5; x' });
    const browser = await server.watch('both.ipynb');
    const heard: [string, string, unknown][] = [];
    const idle = new Promise<void>((resolve) => {
      kernel.iopubMessage.connect((_, { header, parent_header: parent, content }) => {
        const from = 'session' in parent ? parent.session : '';
        if (from !== kernel.clientId) heard.push([header.msg_type, from ?? '', content]);
        if (from === 'trialroom' && 'execution_state' in content && content.execution_state === 'idle') resolve();
      });
    });
    const { id } = (await (await server.ask('owner', 'GET', '/api/notebooks')).json()).notebooks.find(
      (one: { path: string }) => one.path === 'both.ipynb',
    );
    await server.ask('owner', 'POST', `/api/notebooks/${id}/run`, { cells: ['a'] });
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
    await mkdir(join(server.notebooksDir, 'gone'));
    const kernel = await start('gone/x.ipynb', { a: '1' });
    await rm(join(server.notebooksDir, 'gone'), { recursive: true });
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

  test('answers what is asked while one types', async () => {
    const code = 'const point = { left: 1, right: [2, 3] }';
    const kernel = await start('typing.ipynb', { a: code });
    await run(kernel, code, { cellId: 'a' });
    const complete = await kernel.requestComplete({ code: 'a😀; point.le', cursor_pos: 12 });
    expect(complete.content).toMatchObject({ status: 'ok', matches: ['left'], cursor_start: 10, cursor_end: 12 });
    const top = await kernel.requestComplete({ code: 'poi', cursor_pos: 3 });
    expect(top.content).toMatchObject({ matches: ['point'] });
    const inspect = await kernel.requestInspect({ code: 'point.right', cursor_pos: 11, detail_level: 0 });
    expect(inspect.content).toMatchObject({ status: 'ok', found: true });
    expect(JSON.stringify(inspect.content)).toContain('number[]');
    const whole = async (code: string) => (await kernel.requestIsComplete({ code })).content;
    expect(await whole('1 + 1')).toEqual({ status: 'complete' });
    expect(await whole('if (true) {')).toEqual({ status: 'incomplete', indent: '  ' });
    expect(await whole('}')).toEqual({ status: 'invalid' });
    const search = {
      hist_access_type: 'search',
      pattern: '*point*',
      n: 5,
      unique: true,
      output: false,
      raw: true,
    } as const;
    const past = await kernel.requestHistory(search);
    expect(past.content).toMatchObject({ history: [[0, 1, code]] });
    expect((await kernel.requestCommInfo({})).content).toEqual({ status: 'ok', comms: {} });
    const told = kernel.requestExecute({ code: '', user_expressions: { two: 'point.left', none: 'alert()' } });
    expect((await told.done)?.content).toMatchObject({
      user_expressions: { two: { status: 'ok', data: { 'text/plain': '1' } }, none: { status: 'error' } },
    });
  });

  test('answers what a cell asks for', async () => {
    const kernel = await start('asks.ipynb', { a: '1' });
    const code = 'import { input } from "trialroom"; const name = await input("Name?"); name + "!"';
    const future = kernel.requestExecute({ code, allow_stdin: true });
    future.onStdin = (message) => {
      const { prompt } = message.content as KernelMessage.IInputRequestMsg['content'];
      future.sendInputReply(
        { status: 'ok', value: `Ann of ${prompt}` },
        message.header as KernelMessage.IInputRequestMsg['header'],
      );
    };
    const results: unknown[] = [];
    future.onIOPub = ({ header, content }) => {
      if (header.msg_type === 'execute_result') results.push(content);
    };
    expect((await future.done)?.content).toMatchObject({ status: 'ok' });
    expect(results).toMatchObject([{ data: { 'text/plain': "'Ann of Name?!'" } }]);
  });

  test('shares its widgets with browsers, both ways', async () => {
    const kernel = await start('widgets.ipynb', { a: '1' });
    const opened: [string, Record<string, unknown>][] = [];
    const comms = new Map<string, Kernel.IComm>();
    const updates: [string, unknown][] = [];
    const changed = new Set<() => void>();
    kernel.registerCommTarget('jupyter.widget', (comm, { content }) => {
      const { state } = content.data as { state: Record<string, unknown> };
      opened.push([comm.commId, state]);
      comms.set(comm.commId, comm);
      comm.onMsg = ({ content: { data } }) => {
        updates.push([comm.commId, (data as { state: { value?: unknown } }).state.value]);
        for (const look of changed) look();
      };
    });
    const until = (holds: () => boolean): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (holds()) resolve();
        };
        changed.add(look);
        look();
      });
    const code = 'import { slider } from "trialroom"; const level = slider("Level", { min: 0, max: 9 }); level';
    const { said } = await run(kernel, code);
    const id = opened.at(-1)?.[0] ?? '';
    expect(opened.at(-1)?.[1]).toMatchObject({ _model_name: 'IntSliderModel', description: 'Level', max: 9 });
    expect(said.find(([type]) => type === 'execute_result')?.[1]).toMatchObject({
      data: { 'application/vnd.jupyter.widget-view+json': { model_id: id } },
    });
    expect((await kernel.requestCommInfo({})).content).toMatchObject({
      comms: { [id]: { target_name: 'jupyter.widget' } },
    });
    const list = await (await server.ask('owner', 'GET', '/api/notebooks')).json();
    const notebook = list.notebooks.find(({ path }: { path: string }) => path === 'widgets.ipynb').id;
    await server.ask('owner', 'PUT', `/api/notebooks/${notebook}/widgets/${id}`, { value: 7 });
    await until(() => updates.some(([comm, value]) => comm === id && value === 7));
    comms.get(id)?.send({ method: 'update', state: { value: 3 }, buffer_paths: [] });
    await until(() => updates.some(([from, value]) => from === id && value === 3));
    expect((await run(kernel, 'level.value')).said).toContainEqual([
      'execute_result',
      expect.objectContaining({ data: { 'text/plain': '3' } }),
    ]);
  });

  test('reads, edits and saves the notebook, and browsers’ edits are kept', async () => {
    await server.notebook('saved.ipynb', { a: 'one', b: 'two' });
    const contents = new ContentsManager({ serverSettings });
    const read = await contents.get('saved.ipynb', { type: 'notebook', content: true, hash: true });
    expect(read).toMatchObject({ type: 'notebook', format: 'json', hash_algorithm: 'sha256' });
    read.content.cells[0].source = 'one, by Lab';
    const { id } = (await (await server.ask('owner', 'GET', '/api/notebooks')).json()).notebooks.find(
      (one: { path: string }) => one.path === 'saved.ipynb',
    );
    // Meanwhile someone else saves a change of another cell.
    const other = new ContentsManager({ serverSettings: await server.settings('owner') });
    const theirs = await other.get('saved.ipynb', { type: 'notebook', content: true });
    theirs.content.cells[1].source = 'two, by another';
    await other.save('saved.ipynb', theirs);
    const saved = await contents.save('saved.ipynb', { type: 'notebook', format: 'json', content: read.content });
    expect(saved.hash).not.toBe(read.hash);
    const now = await (await server.ask('owner', 'GET', `/api/notebooks/${id}/ipynb`)).json();
    expect(now.cells.map((cell: { source: string[] }) => cell.source.join(''))).toEqual([
      'one, by Lab',
      'two, by another',
    ]);
    const file = JSON.parse(await readFile(join(server.notebooksDir, 'saved.ipynb'), 'utf8'));
    expect(file.cells).toEqual(now.cells);
    await contents.save('saved.ipynb', { type: 'notebook', format: 'json', content: { nbformat: 3 } }).then(
      () => expect.unreachable(),
      (error: unknown) => expect(String(error)).toContain('nbformat'),
    );
    other.dispose();
    contents.dispose();
  });

  test('sessions without a notebook come and go; kernels end with the last session', async () => {
    const session = await sessions.startNew({
      path: 'console-1',
      name: 'a console',
      type: 'console',
      kernel: { name: 'trialroom' },
    });
    const { kernel } = session;
    if (!kernel) throw new Error('a session has no kernel');
    expect((await run(kernel, '1 + 1')).content).toMatchObject({ status: 'ok' });
    await session.setPath('console-2');
    await session.setName('renamed');
    expect(await sessions.findByPath('console-2')).toMatchObject({ id: session.id, name: 'renamed' });
    await session.shutdown();
    expect((await server.ask('editor', 'GET', `/api/kernels/${kernel.id}`)).status).toBe(404);
    const second = await kernels.startNew({ name: 'trialroom' });
    await second.info;
    expect((await run(second, 'let one = 1; one')).content).toMatchObject({ status: 'ok' });
    await second.shutdown();
    await sessions.shutdownAll();
    expect(await (await server.ask('editor', 'GET', '/api/sessions')).json()).toEqual([]);
    expect(await (await server.ask('editor', 'GET', '/api/kernels')).json()).toEqual([]);
  });
});
