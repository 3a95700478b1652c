/** Who is let in to the channels of a kernel, and what becomes of it and of them when lines break. */
import { once } from 'node:events';
import type { JupyterMessage } from '@trialroom/shared/jupyter/messages';
import { WEBSOCKET_V1 } from '@trialroom/shared/jupyter/websocket';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startTestServer, type TestServer } from '../testing.ts';
import { connect, detachedKernel, kernelOf } from './testing-client.ts';

describe('connections to a kernel', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  test('viewers look on, and run, stop and answer nothing', async () => {
    const kernel = await kernelOf(server, 'seen.ipynb');
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
    const kernel = await detachedKernel(server);
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
    const kernel = await detachedKernel(server);
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
    const kernel = await detachedKernel(server);
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
    const kernel = await kernelOf(server, 'alone.ipynb', { a: 'await new Promise((go) => { globalThis.go = go; })' });
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
    const kernel = await kernelOf(server, 'gone.ipynb');
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

  test('a client that reads nothing costs the others nothing', async () => {
    const kernel = await detachedKernel(server);
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
    const kernel = await kernelOf(server, 'again.ipynb');
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
