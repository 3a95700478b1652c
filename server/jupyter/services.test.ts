/** What surrounds the running of cells, driven by the client library that JupyterLab itself is built on. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ConfigSectionManager,
  ContentsManager,
  type Kernel,
  type KernelMessage,
  KernelSpecManager,
} from '@jupyterlab/services';
import { Person } from '@trialroom/shared/policy/policy';
import { describe, expect, test } from 'vitest';
import { useLab } from './testing-lab.ts';

describe('JupyterLab’s own client', () => {
  const lab = useLab();
  const { start, run } = lab;

  test('finds who it is, what there is and what there is not', async () => {
    const specs = new KernelSpecManager({ serverSettings: lab.serverSettings });
    await specs.ready;
    expect(specs.specs?.default).toBe('trialroom');
    expect(specs.specs?.kernelspecs.trialroom?.language).toBe('typescript');
    for (const [name, type] of [
      ['logo-svg', 'image/svg+xml'],
      ['logo-64x64', 'image/png'],
      ['logo-32x32', 'image/png'],
    ] as const) {
      const logo = await lab.server.ask('editor', 'GET', specs.specs?.kernelspecs.trialroom?.resources[name] ?? '');
      expect([logo.status, logo.headers.get('content-type')]).toEqual([200, type]);
      expect((await logo.bytes()).length).toBeGreaterThan(100);
    }
    specs.dispose();
    const asked = encodeURIComponent(
      JSON.stringify({ contents: ['read', 'write'], server: ['execute'], constructor: ['read'] }),
    );
    const me = await (await lab.server.ask('viewer', 'GET', `/api/me?permissions=${asked}`)).json();
    const { id, name } = Person.parse(me);
    expect(me).toMatchObject({
      identity: { username: id, name, display_name: name, initials: expect.stringMatching(/^[A-Z]{1,2}$/) },
      permissions: { contents: ['read'], server: ['execute'], constructor: [], updatable_fields: [] },
    });
    expect(await (await lab.server.ask('viewer', 'GET', '/api/terminals')).json()).toEqual([]);
    expect(await (await lab.server.ask('viewer', 'GET', '/api/nbconvert')).json()).toEqual({});
    // Of what there is none, a program hears so, and gets no page.
    const servers = await lab.server.ask('viewer', 'GET', '/lsp/status');
    expect([servers.status, await servers.json()]).toMatchObject([404, { error: 'no-such-endpoint' }]);
    expect(
      (await new ConfigSectionManager({ serverSettings: lab.serverSettings }).create({ name: 'notebook' })).data,
    ).toEqual({});
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
    expect(past.content).toMatchObject({ history: [[1, 1, code]] });
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
    const list = await (await lab.server.ask('owner', 'GET', '/api/notebooks')).json();
    const notebook = list.notebooks.find(({ path }: { path: string }) => path === 'widgets.ipynb').id;
    await lab.server.ask('owner', 'PUT', `/api/notebooks/${notebook}/widgets/${id}`, { value: 7 });
    await until(() => updates.some(([comm, value]) => comm === id && value === 7));
    comms.get(id)?.send({ method: 'update', state: { value: 3 }, buffer_paths: [] });
    await until(() => updates.some(([from, value]) => from === id && value === 3));
    expect((await run(kernel, 'level.value')).said).toContainEqual([
      'execute_result',
      expect.objectContaining({ data: { 'text/plain': '3' } }),
    ]);
  });

  test('reads, edits and saves the notebook, and browsers’ edits are kept', async () => {
    await lab.server.notebook('saved.ipynb', { a: 'one', b: 'two' });
    const contents = new ContentsManager({ serverSettings: lab.serverSettings });
    const read = await contents.get('saved.ipynb', { type: 'notebook', content: true, hash: true });
    expect(read).toMatchObject({ type: 'notebook', format: 'json', hash_algorithm: 'sha256' });
    read.content.cells[0].source = 'one, by Lab';
    const { id } = (await (await lab.server.ask('owner', 'GET', '/api/notebooks')).json()).notebooks.find(
      (one: { path: string }) => one.path === 'saved.ipynb',
    );
    // Meanwhile someone else saves a change of another cell.
    const other = new ContentsManager({ serverSettings: await lab.server.settings('owner') });
    const theirs = await other.get('saved.ipynb', { type: 'notebook', content: true });
    theirs.content.cells[1].source = 'two, by another';
    await other.save('saved.ipynb', theirs);
    const saved = await contents.save('saved.ipynb', { type: 'notebook', format: 'json', content: read.content });
    expect(saved.hash).not.toBe(read.hash);
    const now = await (await lab.server.ask('owner', 'GET', `/api/notebooks/${id}/ipynb`)).json();
    expect(now.cells.map((cell: { source: string[] }) => cell.source.join(''))).toEqual([
      'one, by Lab',
      'two, by another',
    ]);
    const file = JSON.parse(await readFile(join(lab.server.notebooksDir, 'saved.ipynb'), 'utf8'));
    expect(file.cells).toEqual(now.cells);
    await contents.save('saved.ipynb', { type: 'notebook', format: 'json', content: { nbformat: 3 } }).then(
      () => expect.unreachable(),
      (error: unknown) => expect(String(error)).toContain('nbformat'),
    );
    other.dispose();
    contents.dispose();
  });

  test('a session as JupyterLab itself asks for one is the notebook’s', async () => {
    await mkdir(join(lab.server.notebooksDir, 'deep'));
    await lab.server.notebook('deep/asked.ipynb', { a: '6 * 7' });
    const asked = `deep/${randomUUID()}`;
    const session = await lab.sessions.startNew({
      ...{ path: asked, name: 'asked.ipynb', type: 'notebook', kernel: { name: 'trialroom' } },
    });
    expect(session.path).toBe(asked);
    await session.setPath('deep/asked.ipynb');
    await session.setName('asked.ipynb');
    const { kernel } = session;
    if (!kernel) throw new Error('a session has no kernel');
    const browser = await lab.server.watch('deep/asked.ipynb');
    await run(kernel, '6 * 7', { cellId: 'a' });
    await browser.until(({ outputs }) => outputs.a?.[0]?.type === 'result');
    browser.close();
    const list = async (): Promise<{ path: string }[]> =>
      (await (await lab.server.ask('editor', 'GET', '/api/sessions')).json()).filter(({ path }: { path: string }) =>
        path.startsWith('deep/'),
      );
    expect(await list()).toMatchObject([{ id: session.id, path: 'deep/asked.ipynb', kernel: { id: kernel.id } }]);
    const contents = new ContentsManager({ serverSettings: lab.serverSettings });
    await contents.rename('deep/asked.ipynb', 'deep/moved.ipynb');
    contents.dispose();
    expect(await list()).toMatchObject([{ id: session.id, path: 'deep/moved.ipynb' }]);
    await session.shutdown();
    expect(await list()).toEqual([]);
  });

  test('to end a notebook’s session is to end its kernel, whoever else has it', async () => {
    const kernel = await start('shared.ipynb', { a: '1' });
    const ask = async (method: string, path: string, body?: unknown): Promise<Response> =>
      lab.server.ask('editor', method, path, body);
    const listed = async (): Promise<{ id: string; type: string; kernel: { id: string } }[]> =>
      (await (await ask('GET', '/api/sessions')).json()).filter(
        (session: { kernel: { id: string } }) => session.kernel.id === kernel.id,
      );
    const attach = async (path: string): Promise<string> =>
      (await (await ask('POST', '/api/sessions', { path, type: 'console', kernel: { id: kernel.id } })).json()).id;
    const [first, second] = [await attach('console-a'), await attach('console-b')];
    expect((await ask('DELETE', `/api/sessions/${first}`)).status).toBe(204);
    expect((await ask('GET', `/api/kernels/${kernel.id}`)).status).toBe(200);
    const own = (await listed()).find(({ type }) => type === 'notebook')?.id;
    expect((await ask('DELETE', `/api/sessions/${own}`)).status).toBe(204);
    expect(await listed()).toEqual([]);
    expect((await ask('GET', `/api/kernels/${kernel.id}`)).status).toBe(404);
    expect((await ask('DELETE', `/api/sessions/${second}`)).status).toBe(404);
  });

  test('sessions without a notebook come and go; kernels end with the last session', async () => {
    const session = await lab.sessions.startNew({
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
    expect(await lab.sessions.findByPath('console-2')).toMatchObject({ id: session.id, name: 'renamed' });
    await session.shutdown();
    expect((await lab.server.ask('editor', 'GET', `/api/kernels/${kernel.id}`)).status).toBe(404);
    const second = await lab.kernels.startNew({ name: 'trialroom' });
    await second.info;
    expect((await run(second, 'let one = 1; one')).content).toMatchObject({ status: 'ok' });
    await second.shutdown();
    await lab.sessions.shutdownAll();
    expect(await (await lab.server.ask('editor', 'GET', '/api/sessions')).json()).toEqual([]);
    expect(await (await lab.server.ask('editor', 'GET', '/api/kernels')).json()).toEqual([]);
  });
});
