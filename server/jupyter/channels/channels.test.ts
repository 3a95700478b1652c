import { once } from 'node:events';
import { type JupyterMessage, MessageMaker, parentId } from '@trialroom/shared/jupyter/messages';
import { chooseFormat, decodeWebSocket, encodeWebSocket, WEBSOCKET_V1 } from '@trialroom/shared/jupyter/websocket';
import type { Role } from '@trialroom/shared/policy/policy';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startTestServer, type TestServer } from '../testing.ts';

/** A client that speaks the protocol and nothing more. */
async function connect(
  server: TestServer,
  kernel: string,
  options: {
    role?: Role;
    protocols?: string[];
    session?: string;
    headers?: Record<string, string>;
    token?: string;
  } = {},
) {
  const { role = 'editor', protocols = [], session = 'client', headers = {} } = options;
  const token = options.token ?? (await server.tokenOf(role));
  const url = `${server.url.replace('http', 'ws')}/api/kernels/${kernel}/channels?session_id=${session}&token=${token}`;
  const socket = new WebSocket(url, protocols, { headers });
  const heard: JupyterMessage[] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data: Buffer, binary: boolean) => {
    heard.push(decodeWebSocket(chooseFormat([socket.protocol]), binary ? new Uint8Array(data) : data.toString()));
    for (const check of [...waiting]) check();
  });
  await once(socket, 'open');
  const maker = new MessageMaker(session, 'ann');
  const until = (holds: (message: JupyterMessage) => boolean): Promise<JupyterMessage> =>
    new Promise((resolve) => {
      const check = (): void => {
        const found = heard.find(holds);
        if (!found) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });
  return {
    socket,
    heard,
    until,
    /** Sends a request and waits for its idle; what came of it, by type. */
    ask: async (type: string, content: Record<string, unknown> = {}, channel: 'shell' | 'control' = 'shell') => {
      const message = maker.message(channel, type, content);
      socket.send(encodeWebSocket(chooseFormat([socket.protocol]), message));
      const mine = (one: JupyterMessage): boolean => parentId(one.parent_header) === message.header.msg_id;
      await until((one) => mine(one) && one.content.execution_state === 'idle');
      return Object.fromEntries(
        heard.filter(mine).map((one) => [`${one.channel} ${one.header.msg_type}`, one.content]),
      );
    },
    send: (type: string, content: Record<string, unknown>) =>
      socket.send(encodeWebSocket(chooseFormat([socket.protocol]), maker.message('shell', type, content))),
  };
}

describe('the channels of a kernel', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());
  const kernelOf = async (path: string, cells: Record<string, string> = { a: '1' }): Promise<string> => {
    await server.notebook(path, cells);
    const body = { path, type: 'notebook', name: '', kernel: { name: 'trialroom' } };
    const session = await (await server.ask('editor', 'POST', '/api/sessions', body)).json();
    return session.kernel.id;
  };
  const detached = async (): Promise<string> =>
    (await (await server.ask('editor', 'POST', '/api/kernels', { name: 'trialroom' })).json()).id;

  test.each([
    ['text', [], ''],
    ['the newer one', [WEBSOCKET_V1, 'something.else'], WEBSOCKET_V1],
  ])('speak both formats: %s', async (_, protocols, agreed) => {
    const client = await connect(server, await detached(), { protocols });
    expect(client.socket.protocol).toBe(agreed);
    expect(await client.ask('kernel_info_request')).toMatchObject({
      'iopub status': { execution_state: 'idle' },
      'shell kernel_info_reply': { status: 'ok', protocol_version: '5.4', language_info: { name: 'typescript' } },
    });
    const ran = await client.ask('execute_request', { code: 'console.log("hé😀"); 6 * 7' });
    expect(ran).toMatchObject({
      'iopub execute_input': { code: 'console.log("hé😀"); 6 * 7', execution_count: 1 },
      'iopub stream': { name: 'stdout', text: 'hé😀\n' },
      'iopub execute_result': { execution_count: 1, data: { 'text/plain': '42' } },
      'shell execute_reply': { status: 'ok', execution_count: 1, user_expressions: {}, payload: [] },
    });
    expect(await client.ask('interrupt_request', {}, 'control')).toMatchObject({
      'control interrupt_reply': { status: 'ok' },
    });
    expect(await client.ask('comm_open', { comm_id: 'c', target_name: 'nobody', data: {} })).toMatchObject({
      'iopub comm_close': { comm_id: 'c' },
    });
    expect(await client.ask('debug_request', { seq: 3, command: 'attach' }, 'control')).toMatchObject({
      'control debug_reply': { request_seq: 3, success: false },
    });
    expect(await client.ask('debug_request', { seq: 4, command: 'debugInfo' }, 'control')).toMatchObject({
      'control debug_reply': { request_seq: 4, success: true, body: { isStarted: false, breakpoints: [] } },
    });
    expect(await client.ask('sing_request')).toMatchObject({ 'shell sing_reply': { status: 'error' } });
    // What is no request gets no reply, whatever it is called.
    expect(Object.keys(await client.ask('constructor'))).toEqual(['iopub status']);
    const closed = once(client.socket, 'close');
    client.send('shutdown_request', { restart: false });
    await closed;
    expect(await (await server.ask('editor', 'GET', '/api/kernels')).json()).toEqual([]);
  });

  test('what a kernel without a notebook holds can be completed and looked at', async () => {
    const client = await connect(server, await detached());
    await client.ask('execute_request', { code: 'const point = { left: 1, right: [2, 3] }' });
    expect(await client.ask('complete_request', { code: '"😀"; point.le', cursor_pos: 13 })).toMatchObject({
      'shell complete_reply': { matches: ['left'], cursor_start: 11, cursor_end: 13 },
    });
    expect(await client.ask('complete_request', { code: 'poi', cursor_pos: 3 })).toMatchObject({
      'shell complete_reply': { matches: ['point'] },
    });
    const seen = await client.ask('inspect_request', { code: 'point.right', cursor_pos: 11, detail_level: 0 });
    expect(JSON.stringify(seen['shell inspect_reply'])).toContain('Array(2)');
    expect(await client.ask('inspect_request', { code: 'nothing()', cursor_pos: 9 })).toMatchObject({
      'shell inspect_reply': { status: 'ok', found: false },
    });
  });

  test('a question mark behind a name asks about it', async () => {
    const client = await connect(server, await detached());
    await client.ask('execute_request', { code: 'const point = { left: 1 }' });
    expect(await client.ask('execute_request', { code: 'point?' })).toMatchObject({
      'shell execute_reply': {
        ...{ status: 'ok', execution_count: 1 },
        payload: [{ source: 'page', start: 0, data: { 'text/plain': expect.stringContaining('point: object') } }],
      },
    });
    expect(await client.ask('execute_request', { code: '?nobody' })).toMatchObject({
      'shell execute_reply': { payload: [{ data: { 'text/plain': 'Nothing is known about nobody.' } }] },
    });
  });

  test('silent code leaves no trace for others', async () => {
    const kernel = await detached();
    const [client, other] = [await connect(server, kernel), await connect(server, kernel, { session: 'other' })];
    const quiet = await client.ask('execute_request', { code: 'var quiet = 1; quiet', silent: true });
    expect(quiet).not.toHaveProperty('iopub execute_input');
    expect(quiet).not.toHaveProperty('iopub execute_result');
    await other.ask('execute_request', { code: 'quiet' });
    expect(await client.ask('history_request', { hist_access_type: 'tail', n: 5 })).toMatchObject({
      'shell history_reply': { history: [[1, 2, 'quiet']] },
    });
    // What one runs the others hear, as what it is: the other's.
    const input = await client.until(
      ({ header, content }) => header.msg_type === 'execute_input' && content.code === 'quiet',
    );
    expect(input.parent_header).toMatchObject({ session: 'other' });
  });

  test('who lets nobody be asked has its cell told so, and what is not to be remembered is not', async () => {
    const client = await connect(server, await detached());
    const asked = await client.ask('execute_request', { code: 'await input("name?")', allow_stdin: false });
    expect(asked['shell execute_reply']).toMatchObject({
      status: 'error',
      evalue: expect.stringContaining('allow_stdin'),
    });
    await client.ask('execute_request', { code: '"aside"', store_history: false });
    const { history } = (await client.ask('history_request', { hist_access_type: 'tail', n: 5 }))[
      'shell history_reply'
    ] as { history: unknown[] };
    expect(history).toEqual([[1, 1, 'await input("name?")']]);
  });

  test('viewers look on, and run, stop and answer nothing', async () => {
    const kernel = await kernelOf('seen.ipynb');
    const viewer = await connect(server, kernel, { role: 'viewer', session: 'viewer' });
    const editor = await connect(server, kernel);
    expect(await viewer.ask('kernel_info_request')).toMatchObject({ 'shell kernel_info_reply': { status: 'ok' } });
    expect(await viewer.ask('execute_request', { code: 'globalThis.bad = 1' })).toMatchObject({
      'shell execute_reply': { status: 'error', ename: 'NotAllowed' },
      'iopub error': { ename: 'NotAllowed' },
    });
    for (const type of ['interrupt_request', 'shutdown_request']) {
      expect(await viewer.ask(type, { restart: true }, 'control')).toMatchObject({
        [`control ${type.replace('request', 'reply')}`]: { status: 'error', ename: 'NotAllowed' },
      });
    }
    await editor.ask('execute_request', { code: 'typeof globalThis.bad' });
    const result = await viewer.until(({ header }) => header.msg_type === 'execute_result');
    expect(result.content).toMatchObject({ data: { 'text/plain': "'undefined'" } });
    const session = kernel;
    for (const [method, path, body] of [
      ['POST', '/api/kernels', {}],
      ['DELETE', `/api/kernels/${kernel}`],
      ['POST', `/api/kernels/${kernel}/interrupt`],
      ['POST', `/api/kernels/${kernel}/restart`],
      ['POST', '/api/sessions', { path: 'x' }],
      ['PATCH', `/api/sessions/${session}`, { name: 'x' }],
      ['DELETE', `/api/sessions/${session}`],
    ] as const) {
      expect([path, (await server.ask('viewer', method, path, body)).status]).toEqual([path, 403]);
      expect([path, (await server.ask(null, method, path, body)).status]).toEqual([path, 401]);
    }
    expect((await server.ask('viewer', 'GET', `/api/kernels/${kernel}`)).status).toBe(200);
  });

  test('strangers, foreign pages and unknown kernels are refused before there is a connection', async () => {
    const kernel = await detached();
    const refused = async (id: string, token: string, headers: Record<string, string> = {}): Promise<string> =>
      connect(server, id, { token, headers }).then(
        ({ socket }) => {
          socket.close();
          return 'connected';
        },
        (error: Error) => error.message,
      );
    const token = await server.tokenOf('editor');
    expect(await refused(kernel, 'wrong')).toContain('401');
    expect(await refused(kernel, '')).toContain('401');
    expect(await refused('01234567-0123-0123-0123-0123456789ab', token)).toContain('404');
    expect(await refused('nonsense', token)).toContain('404');
    // With a cookie a page of another origin could be anyone's; a token says that it is meant.
    const entered = await fetch(`${server.url}/?token=${server.token}`, { redirect: 'manual' });
    const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? '';
    const origin = 'http://evil.example';
    expect(await refused(kernel, '', { cookie })).toBe('connected');
    expect(await refused(kernel, '', { cookie, origin })).toContain('403');
    expect(await refused(kernel, token, { origin })).toBe('connected');
    const post = (headers: Record<string, string>) =>
      fetch(`${server.url}/api/kernels`, { method: 'POST', headers: { origin, ...headers } });
    expect((await post({ cookie })).status).toBe(403);
    const meant = await post({ authorization: `token ${token}` });
    expect([meant.status, meant.headers.get('access-control-allow-origin')]).toEqual([201, '*']);
    expect((await fetch(`${server.url}/api/kernels?token=${token}`)).status).toBe(200);
    const asked = { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization' };
    expect((await fetch(`${server.url}/api/contents/x`, { method: 'OPTIONS', headers: asked })).status).toBe(204);
  });

  test('who asks for events is let in, and hears nothing', async () => {
    const subscribe = (token: string) =>
      new WebSocket(`${server.url.replace('http', 'ws')}/api/events/subscribe?token=${token}`);
    const socket = subscribe(await server.tokenOf('viewer'));
    await once(socket, 'open');
    socket.close();
    expect(String((await once(subscribe('wrong'), 'error'))[0])).toContain('401');
  });

  test('what is no message ends the connection, and nothing else', async () => {
    const kernel = await detached();
    const garbage: [string[], string | Uint8Array][] = [
      [[], 'nonsense'],
      [[], '{"channel":"sofa","header":{}}'],
      [[], new Uint8Array([1, 2, 3])],
      [[WEBSOCKET_V1], '{}'],
      [[WEBSOCKET_V1], new Uint8Array(64).fill(255)],
    ];
    for (const [protocols, data] of garbage) {
      const client = await connect(server, kernel, { protocols });
      const closed = once(client.socket, 'close');
      client.socket.send(data);
      expect((await closed)[0]).toBe(1007);
    }
    expect(await (await connect(server, kernel)).ask('kernel_info_request')).toHaveProperty('shell kernel_info_reply');
  });

  test('who connects anew hears the end of what it had asked for', async () => {
    const kernel = await detached();
    const first = await connect(server, kernel, { session: 'same' });
    first.send('execute_request', {
      code: 'console.log("in"); await new Promise((go) => { globalThis.go = go; }); "out"',
    });
    first.send('execute_request', { code: '"behind"' });
    await first.until(({ header }) => header.msg_type === 'stream');
    first.socket.terminate();
    const other = await connect(server, kernel, { session: 'other' });
    const second = await connect(server, kernel, { session: 'same' });
    await second.ask('interrupt_request', {}, 'control');
    await second.until(({ header, content }) => header.msg_type === 'execute_reply' && content.status === 'error');
    await second.until(({ header, content }) => header.msg_type === 'execute_reply' && content.status === 'aborted');
    expect(other.heard.filter(({ header }) => header.msg_type === 'execute_reply')).toEqual([]);
  });

  test('what ended while nobody was connected is not told as running to who comes next', async () => {
    const kernel = await kernelOf('alone.ipynb', { a: 'await new Promise((go) => { globalThis.go = go; })' });
    const seen = await server.watch('alone.ipynb');
    const first = await connect(server, kernel);
    const post = (path: string, body: object) =>
      server.ask('editor', 'POST', `/api/notebooks/${seen.notebook}/${path}`, body);
    expect((await post('run', { cells: ['a'] })).status).toBe(200);
    await first.until(({ header }) => header.msg_type === 'execute_input');
    first.socket.close();
    for (let left = 1; left > 0; ) {
      left = (await (await server.ask('editor', 'GET', `/api/kernels/${kernel}`)).json()).connections;
    }
    await post('interrupt', {});
    await seen.until(({ session }) => session.running === null);
    const second = await connect(server, kernel, { session: 'second' });
    await second.ask('kernel_info_request');
    await second.ask('kernel_info_request');
    expect(second.heard.filter(({ content }) => content.execution_state).at(-1)?.content).toEqual({
      execution_state: 'idle',
    });
    seen.close();
  });

  test('a notebook that is deleted for good takes its kernel along', async () => {
    const kernel = await kernelOf('gone.ipynb');
    const client = await connect(server, kernel);
    const closed = once(client.socket, 'close');
    expect((await server.ask('editor', 'DELETE', '/api/contents/gone.ipynb')).status).toBe(204);
    const { trashed } = await (await server.ask('editor', 'GET', '/api/trash')).json();
    const entry = trashed.find(({ path }: { path: string }) => path === 'gone.ipynb');
    expect((await server.ask('owner', 'DELETE', `/api/trash/${entry.id}`)).status).toBe(200);
    await closed;
    const listed = await (await server.ask('editor', 'GET', '/api/kernels')).json();
    expect(listed.map(({ id }: { id: string }) => id)).not.toContain(kernel);
  });

  test('expressions that nobody can look at any more are told as such', async () => {
    const kernel = await detached();
    const client = await connect(server, kernel);
    const ask = () => client.ask('execute_request', { code: '', user_expressions: { a: '1 + 1' } });
    expect(await ask()).toMatchObject({
      'shell execute_reply': { status: 'ok', user_expressions: { a: { status: 'error', ename: 'NotKnown' } } },
    });
  });

  test('a client that reads nothing costs the others nothing', async () => {
    const kernel = await detached();
    const [slow, client] = [await connect(server, kernel, { session: 'slow' }), await connect(server, kernel)];
    slow.socket.pause();
    const ran = await client.ask('execute_request', {
      code: 'for (let i = 0; i < 300000; i++) console.log("line", i, "-".repeat(40)); "end"',
    });
    expect(ran['iopub execute_result']).toMatchObject({ data: { 'text/plain': "'end'" } });
    const text = (heard: JupyterMessage[]) =>
      heard.flatMap(({ header, content }) => (header.msg_type === 'stream' ? [String(content.text)] : [])).join('');
    expect(text(client.heard)).toMatch(/^line 0 -+\n/);
    expect(text(client.heard)).toMatch(/line 299999 -+\n$/);
    slow.socket.resume();
    await slow.until(({ header }) => header.msg_type === 'execute_result');
    expect(text(slow.heard)).toMatch(/^line 0 -+\n/);
    expect(text(slow.heard)).toMatch(/line 299999 -+\n$/);
  });

  test('a kernel is found again by its id after the server has ended its session', async () => {
    const kernel = await kernelOf('again.ipynb');
    expect((await server.ask('editor', 'DELETE', `/api/kernels/${kernel}`)).status).toBe(204);
    expect((await server.ask('editor', 'GET', `/api/kernels/${kernel}`)).status).toBe(404);
    const client = await connect(server, kernel);
    expect(await client.ask('execute_request', { code: '1 + 1' })).toMatchObject({
      'shell execute_reply': { status: 'ok' },
    });
    const sessions = await (await server.ask('viewer', 'GET', '/api/sessions')).json();
    expect(sessions).toContainEqual(
      expect.objectContaining({
        ...{ id: kernel, path: 'again.ipynb', type: 'notebook' },
        kernel: expect.objectContaining({ id: kernel, connections: 1, execution_state: 'idle' }),
      }),
    );
    const status = await (await server.ask('viewer', 'GET', '/api/status')).json();
    expect(status.connections).toBeGreaterThan(0);
    expect(status).toMatchObject({ started: expect.any(String), last_activity: expect.any(String) });
  });
});
