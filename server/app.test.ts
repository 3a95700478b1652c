import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Person } from '@trialroom/shared/policy/policy';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { type RunningServer, startServer } from './app.ts';
import { type Config, readConfig } from './config.ts';

const folders: string[] = [];
const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'trialroom-app-'));
  folders.push(path);
  return path;
};
const settings = (): Config => ({ ...readConfig({ port: 0, dataDir: folder(), notebooksDir: folder() }, {}) });

describe('a running server', () => {
  let server: RunningServer;
  let config: Config;
  beforeAll(async () => {
    config = settings();
    server = await startServer(config);
  });
  afterAll(async () => {
    await server.close();
    for (const path of folders) rmSync(path, { recursive: true, force: true });
  });
  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(server.url + path, { headers, redirect: 'manual' });
  const bearer = (): Record<string, string> => ({ authorization: `Bearer ${server.token}` });

  test('keeps its token where only its user can read it', () => {
    expect(readFileSync(join(config.dataDir, 'token'), 'utf8').trim()).toBe(server.token);
    expect(statSync(join(config.dataDir, 'token')).mode & 0o777).toBe(0o600);
  });

  test('tells anyone that it is healthy, and only those signed in what it runs on', async () => {
    expect(await (await get('/healthz')).json()).toEqual({ ok: true });
    expect((await get('/api/status')).status).toBe(401);
    expect(await (await get('/api/status', bearer())).json()).toMatchObject({
      database: 'embedded',
      jobs: 'in-process',
    });
  });

  test('signs a browser in by the address, hides the token, and knows the person again', async () => {
    const entered = await get(`/notebooks/x?token=${server.token}&cell=2`);
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '/notebooks/x?cell=2']);
    const set = entered.headers.get('set-cookie') ?? '';
    expect(set).toMatch(/HttpOnly/);
    expect(set).toMatch(/SameSite=Lax/);
    expect(set).not.toContain(server.token);
    const cookie = set.split(';')[0] ?? '';
    const me = Person.parse(await (await get('/api/me', { cookie })).json());
    expect(me.role).toBe('owner');
    const again = await get(`/?token=${server.token}`, { cookie });
    expect(again.headers.get('set-cookie')).toBeNull();
    expect(Person.parse(await (await get('/api/me', { cookie })).json())).toEqual(me);
    const other = await get(`/?token=${server.token}`);
    const second = Person.parse(
      await (await get('/api/me', { cookie: other.headers.get('set-cookie')?.split(';')[0] ?? '' })).json(),
    );
    expect(second.id).not.toBe(me.id);
    expect(second.colour).not.toBe(me.colour);
    expect(second.name).not.toBe(me.name);
  });

  test('never sends a browser elsewhere after signing in', async () => {
    for (const path of ['//evil.example/', '/%5Cevil.example', '///evil.example/x']) {
      const { headers, status } = await rawGet(server.url, `${path}?token=${server.token}`);
      expect(status).toBe(303);
      expect(headers.location).toMatch(/^\/(?![/\\])/);
    }
  });

  test('asks strangers for the token, and says what to do with a wrong one', async () => {
    const page = await get('/notebooks/x', { accept: 'text/html' });
    expect(page.status).toBe(401);
    expect(await page.text()).toContain('<form method="post" action="/signin">');
    const wrong = await get('/?token=<b>wrong</b>');
    expect(wrong.status).toBe(401);
    const text = await wrong.text();
    expect(text).toContain('wrong');
    expect(text).not.toContain('<b>wrong');
    const api = await get('/api/me', { authorization: 'Bearer wrong' });
    expect([api.status, await api.json()]).toMatchObject([401, { error: 'not-signed-in', fix: expect.any(String) }]);
  });

  test('takes the token from the form too', async () => {
    const send = (token: string): Promise<Response> =>
      fetch(`${server.url}/signin`, {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ token, next: '/trials/1' }),
      });
    expect((await send('nonsense')).status).toBe(401);
    const good = await send(server.token);
    expect([good.status, good.headers.get('location')]).toEqual([303, '/trials/1']);
  });

  test('knows a program by its token: one person, at the first requests too', async () => {
    const all = await Promise.all(
      Array.from({ length: 5 }, async () => Person.parse(await (await get('/api/me', bearer())).json()).id),
    );
    const later = await (await get('/api/me', { authorization: `token ${server.token}` })).json();
    expect(new Set([...all, Person.parse(later).id]).size).toBe(1);
  });

  const post = (path: string, body: unknown, headers: Record<string, string>, method = 'POST'): Promise<Response> =>
    fetch(server.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  test('invites people into roles, who may do no more than these allow', async () => {
    const invited = await post('/api/invites', { role: 'viewer' }, bearer());
    const { url } = z.object({ url: z.string() }).parse(await invited.json());
    expect(url.startsWith(server.url)).toBe(true);
    const entered = await fetch(url, { redirect: 'manual' });
    const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect(await (await get('/api/me', { cookie })).json()).toMatchObject({ role: 'viewer' });
    const refused = await post('/api/invites', { role: 'owner' }, { cookie });
    expect([refused.status, await refused.json()]).toMatchObject([403, { error: 'not-allowed' }]);
    const renamed = await post('/api/me', { name: '  Grace ', colour: 'c' }, { cookie }, 'PATCH');
    expect(await renamed.json()).toMatchObject({ name: 'Grace', colour: 'c' });
    expect(await (await get('/api/me', { cookie })).json()).toMatchObject({ name: 'Grace', role: 'viewer' });
  });

  test('refuses changes that come from pages of other sites', async () => {
    for (const origin of ['http://evil.example', 'null', server.url.replace('127.0.0.1', 'localhost')]) {
      const refused = await post('/api/me', { name: 'Mallory' }, { ...bearer(), origin }, 'PATCH');
      expect([refused.status, await refused.json()]).toMatchObject([403, { error: 'foreign-origin' }]);
    }
    expect((await post('/api/me', { name: 'Fine' }, { ...bearer(), origin: server.url }, 'PATCH')).status).toBe(200);
  });

  test('says where a request is wrong', async () => {
    const wrong = await post('/api/invites', { role: 'king' }, bearer());
    expect([wrong.status, await wrong.json()]).toMatchObject([400, { where: 'body.role' }]);
    const broken = await post('/api/invites', '{"role":', bearer());
    expect(broken.status).toBe(400);
    expect(await broken.json()).toMatchObject({ error: expect.any(String), message: expect.any(String) });
    const nowhere = await get('/api/nowhere', bearer());
    expect([nowhere.status, await nowhere.json()]).toMatchObject([404, { error: 'no-such-endpoint' }]);
    const huge = await post('/api/invites', { role: 'x'.repeat(33 * 1024 * 1024) }, bearer());
    expect([huge.status, await huge.json()]).toMatchObject([413, { error: 'too-large' }]);
  });

  test('lets scripts come from nowhere else, on every reply', async () => {
    for (const path of ['/healthz', '/api/me', '/', '/nothing.js']) {
      const { headers } = await get(path);
      expect(headers.get('content-security-policy')).toContain("script-src 'self'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  test('ends upgrades that nobody owns', async () => {
    const { port } = new URL(server.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const [chunk] = await once(socket, 'data');
    expect(String(chunk)).toContain('404');
    await once(socket, 'close');
  });

  test('a second server says that the port is taken, or the data folder', async () => {
    const port = Number(new URL(server.url).port);
    const taken = await startServer({ ...settings(), port }).catch((error: unknown) => error);
    expect(taken).toMatchObject({ problem: { error: 'port-in-use', message: expect.stringContaining(String(port)) } });
    expect(taken).toMatchObject({ problem: { fix: expect.stringContaining('--port') } });
    await expect(startServer({ ...settings(), dataDir: config.dataDir })).rejects.toThrow(
      new RegExp(`in use by process ${process.pid}`),
    );
  });

  test('never writes a token into its log', async () => {
    await get(`/?token=${server.token}`);
    await get('/api/me', bearer());
    expect(readFileSync(join(config.dataDir, 'logs', 'server.log'), 'utf8')).not.toContain(server.token);
  });
});

test('people and their sessions outlive a restart', async () => {
  const config = settings();
  const first = await startServer(config);
  const entered = await fetch(`${first.url}/?token=${first.token}`, { redirect: 'manual' });
  const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? '';
  const before = await (await fetch(`${first.url}/api/me`, { headers: { cookie } })).json();
  await first.close();
  const second = await startServer(config);
  expect(second.token).toBe(first.token);
  expect(await (await fetch(`${second.url}/api/me`, { headers: { cookie } })).json()).toEqual(before);
  await second.close();
});

test('ends at once though browsers are connected, and they hear of it', async () => {
  const server = await startServer(settings());
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' };
  const made = await fetch(`${server.url}/api/notebooks`, { method: 'POST', headers, body: '{"path":"a.ipynb"}' });
  const { id } = z.object({ id: z.string() }).parse(await made.json());
  const live = io(server.url, { transports: ['websocket'], reconnection: false, extraHeaders: headers });
  const editor = new WebSocket(`${server.url.replace('http', 'ws')}/yjs/notebook/${id}`, { headers });
  await Promise.all([connected(live), once(editor, 'message')]);
  const left = Promise.all([new Promise((resolve) => live.once('disconnect', resolve)), once(editor, 'close')]);
  await Promise.all([server.close(), server.close()]);
  await left;
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
});

test('a new name is told to whoever looks', async () => {
  const server = await startServer(settings());
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' };
  const live = io(server.url, { transports: ['websocket'], reconnection: false, extraHeaders: headers });
  const heard = new Promise<void>((resolve) => {
    live.on('present', (event: unknown) => JSON.stringify(event).includes('"Grace Hopper"') && resolve());
  });
  await connected(live);
  await fetch(`${server.url}/api/me`, { method: 'PATCH', headers, body: '{"name":"Grace Hopper"}' });
  await heard;
  live.close();
  await server.close();
});

test('a notebooks folder that cannot even be made is refused, with what to do', async () => {
  const config = settings();
  const file = join(config.dataDir, 'file');
  writeFileSync(file, '');
  await expect(startServer({ ...config, notebooksDir: join(file, 'notebooks') })).rejects.toMatchObject({
    problem: { error: 'notebooks-folder', fix: expect.stringContaining('--notebooks') },
  });
});

// Root may write anywhere but here.
test.runIf(process.platform === 'linux')(
  'a notebooks folder that cannot be written is said, and the server starts',
  async () => {
    const server = await startServer({ ...settings(), notebooksDir: '/proc/tty' });
    expect(server.warnings).toHaveLength(1);
    expect(server.warnings[0]).toContain('--notebooks');
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    await server.close();
  },
);

/** A GET whose path is sent as it is; `fetch` would tidy it first. */
function rawGet(base: string, path: string): Promise<{ status: number; headers: { location?: string | undefined } }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base);
    request({ hostname, port, path }, (reply) => {
      reply.resume();
      resolve({ status: reply.statusCode ?? 0, headers: { location: reply.headers.location } });
    })
      .on('error', reject)
      .end();
  });
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
}
