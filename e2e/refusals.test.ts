/** What cannot work is refused in words that say what was wrong, where, and what to do; and nothing is harmed by it. */

import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call, notebookId } from './api.ts';
import { trialroom } from './command.ts';
import { writeNotebook } from './notebook-file.ts';
import { type RunningServer, startServer } from './server.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialroom-refusals-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const start = (...args: string[]): string[] => ['start', '--port', '0', '--notebooks', folder, ...args];

describe('starting', () => {
  it('on a port in use names the port and the way out', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const { code, stderr } = await trialroom([
      'start',
      '--port',
      String(port),
      '--notebooks',
      folder,
      '--data',
      join(folder, 'd1'),
    ]);
    other.close();
    expect(code).toBe(1);
    expect(stderr).toContain(String(port));
    expect(stderr).toContain('--port');
  });

  it('over a data folder that another server holds names its process; the first goes on', async () => {
    const first = await startServer({ dataDir: join(folder, 'd2'), notebooksDir: folder });
    const { code, stderr } = await trialroom(start('--data', join(folder, 'd2')));
    expect(code).toBe(1);
    expect(stderr).toMatch(/\b\d{2,}\b/);
    expect(stderr).toContain('--data');
    expect((await fetch(`${first.url}/healthz`)).status).toBe(200);
    await first.stop();
  });

  it('over a corrupt data folder says so and deletes nothing', async () => {
    const data = join(folder, 'd3');
    const first = await startServer({ dataDir: data, notebooksDir: folder });
    await first.stop();
    const control = (await readdir(data, { recursive: true })).find((name) => name.endsWith('pg_control'));
    if (!control) throw new Error('no database files in the data folder');
    await writeFile(join(data, control), 'this was a database');
    const { code, stderr } = await trialroom(start('--data', data));
    expect(code).toBe(1);
    expect(stderr).toContain(data);
    expect(stderr).toMatch(/corrupt|damaged|cannot be read/i);
    expect(await readFile(join(data, control), 'utf8')).toBe('this was a database');
  });

  it('with a port that is no port says what one is', async () => {
    const { code, stderr } = await trialroom(['start', '--port', 'eighty']);
    expect(code).toBe(1);
    expect(stderr).toContain('port');
  });
});

describe('a running server', () => {
  let server: RunningServer;
  beforeAll(async () => {
    await writeNotebook(join(folder, 'ok.ipynb'), [{ id: 'a', source: '1 + 1' }]);
    server = await startServer({ dataDir: join(folder, 'd4'), notebooksDir: folder });
  });
  afterAll(async () => {
    await server?.stop();
  });

  it('refuses a wrong token, in words, at every door', async () => {
    const page = await fetch(`${server.url}/?token=wrong`, { headers: { accept: 'text/html' }, redirect: 'manual' });
    expect(page.status).toBe(401);
    expect(await page.text()).toMatch(/token/i);
    const api = await fetch(`${server.url}/api/notebooks`, { headers: { authorization: 'Bearer wrong' } });
    expect(api.status).toBe(401);
    expect(z.object({ message: z.string() }).parse(await api.json()).message).toMatch(/token|sign/i);
    const live = await fetch(`${server.url}/socket.io/?EIO=4&transport=websocket`, {
      headers: { authorization: 'Bearer wrong', connection: 'Upgrade', upgrade: 'websocket' },
    }).catch(() => undefined);
    expect(live?.status ?? 401).not.toBe(101);
    const id = await notebookId(server, 'ok.ipynb');
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/yjs/notebook/${id}?token=wrong`);
    const [event] = await Promise.race([once(socket, 'error'), once(socket, 'open')]);
    expect(event.type).toBe('error');
  });

  it('keeps secrets out of its logs', async () => {
    const logs = (await readdir(join(folder, 'd4'), { recursive: true })).filter((name) => name.endsWith('.log'));
    expect(logs.length).toBeGreaterThan(0);
    for (const name of logs) expect(await readFile(join(folder, 'd4', name), 'utf8')).not.toContain(server.token);
  });

  it('refuses paths outside the notebooks folder and bad parameters, naming the field', async () => {
    await expect(call(server, 'POST', '/api/notebooks', z.unknown(), { path: '../../escape.ipynb' })).rejects.toThrow(
      /4\d\d/,
    );
    await expect(call(server, 'POST', '/api/notebooks', z.unknown(), { path: 7 })).rejects.toThrow(/path/);
    await expect(call(server, 'GET', '/api/trials/nothing', z.unknown())).rejects.toThrow(/404/);
  });

  it('says when a new notebook cannot be written', async () => {
    await writeFile(join(folder, 'wall'), 'a file where a folder is needed');
    await expect(call(server, 'POST', '/api/notebooks', z.unknown(), { path: 'wall/new.ipynb' })).rejects.toThrow(
      /wall/,
    );
    await mkdir(join(folder, 'room'), { recursive: true });
    await call(server, 'POST', '/api/notebooks', z.object({ id: z.string() }), { path: 'room/new.ipynb' });
  });
});
