/** The steps that VS Code takes, and what must not get past them. */
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { startTestServer, type TestServer } from './testing.ts';

describe('/login', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server?.close());

  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(server.url + path, { redirect: 'manual', headers });
  const firstCookie = (reply: Response): string => reply.headers.getSetCookie()[0] ?? '';
  const xsrf = async (): Promise<string> => /^_xsrf=([^;]+)/.exec(firstCookie(await get('/login?')))?.[1] ?? '';
  const send = (fields: Record<string, string>, cookie: string, path = '/login?'): Promise<Response> =>
    fetch(server.url + path, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie },
      body: new URLSearchParams(fields),
    });
  /** Headers for everything that follows, as VS Code makes them. */
  const signedIn = async (password: string): Promise<Record<string, string>> => {
    expect((await get('/hub/api')).status).not.toBe(200);
    expect((await get('/tree?')).status).not.toBe(200);
    const form = await get('/login?');
    expect(form.status).toBe(200);
    const token = await xsrf();
    const reply = await send({ _xsrf: token, password }, `_xsrf=${token}`);
    expect([reply.status, reply.headers.get('location')]).toEqual([302, '/']);
    // It takes what is behind the name as it stands, attributes and all.
    return { cookie: `_xsrf=${token}; ${firstCookie(reply)}`, 'x-xsrftoken': token };
  };

  test('lets a program in that was told a token as a password, with its role', async () => {
    for (const role of ['viewer', 'editor'] as const) {
      const token = await server.tokenOf(role);
      const headers = await signedIn(token);
      const me = await (await get('/api/me', headers)).json();
      expect(me).toMatchObject({ role });
      // The same person each time, and the one that the token is.
      expect(await (await get('/api/me', await signedIn(token))).json()).toMatchObject({ id: me.id });
      expect(await (await server.ask(role, 'GET', '/api/me')).json()).toMatchObject({ id: me.id });
      const made = await fetch(`${server.url}/api/kernels`, { method: 'POST', headers, body: '{}' });
      expect(made.status).toBe(role === 'viewer' ? 403 : 201);
      if (role === 'viewer') continue;
      const { id } = z.object({ id: z.string() }).parse(await made.json());
      const socket = new WebSocket(`${server.url.replace(/^http/, 'ws')}/api/kernels/${id}/channels`, { headers });
      await once(socket, 'open');
      socket.close();
    }
  });

  test('goes on to a page of this server alone, and at once for who is signed in', async () => {
    const headers = await signedIn(server.token);
    const there = await get('/login?next=/trials', headers);
    expect([there.status, there.headers.get('location')]).toEqual([302, '/trials']);
    const elsewhere = await get(`/login?next=${encodeURIComponent('//evil.example/x')}`, headers);
    expect(elsewhere.headers.get('location')).toBe('/');
    const token = await xsrf();
    const posted = await send({ _xsrf: token, password: server.token }, `_xsrf=${token}`, '/login?next=//evil.example');
    expect([posted.status, posted.headers.get('location')]).toEqual([302, '/']);
  });

  test('refuses a wrong password, and a form that it did not give out', async () => {
    const token = await xsrf();
    const cookie = `_xsrf=${token}`;
    for (const password of ['', 'wrong', `${server.token}x`]) {
      const reply = await send({ _xsrf: token, password }, cookie);
      expect(reply.status).toBe(401);
      expect(await reply.text()).toContain('password is wrong');
    }
    const password = server.token;
    for (const [fields, sent] of [
      [{ password }, cookie],
      [{ password, _xsrf: 'x'.repeat(token.length) }, cookie],
      [{ password, _xsrf: token }, ''],
      [{ password, _xsrf: '' }, '_xsrf='],
    ] as const) {
      const reply = await send(fields, sent);
      expect(reply.status).toBe(403);
      expect(firstCookie(reply)).not.toContain('trialroom');
    }
    const foreign = await fetch(`${server.url}/login`, {
      method: 'POST',
      headers: { origin: 'https://evil.example', cookie },
      body: new URLSearchParams({ _xsrf: token, password }),
    });
    expect(foreign.status).toBe(403);
    expect((await send({ _xsrf: token, password: 'x'.repeat(20_000) }, cookie)).status).toBe(413);
    const broken = await fetch(`${server.url}/login`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=x', cookie, 'x-xsrftoken': token },
      body: '--y',
    });
    expect(broken.status).toBe(401);
  });
});
