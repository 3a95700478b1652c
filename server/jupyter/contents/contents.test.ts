import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newNotebook } from '@trialroom/shared/notebook/format';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startTestServer, type TestServer } from '../testing.ts';

/** What clients may rely on. */
const Model = z.strictObject({
  name: z.string(),
  path: z.string(),
  type: z.enum(['directory', 'file', 'notebook']),
  writable: z.boolean(),
  created: z.iso.datetime(),
  last_modified: z.iso.datetime(),
  mimetype: z.string().nullable(),
  format: z.enum(['json', 'text', 'base64']).nullable(),
  content: z.unknown(),
  size: z.number().int().nullable(),
  hash: z.string().length(64).optional(),
  hash_algorithm: z.literal('sha256').optional(),
});
const Problem = z.object({ message: z.string(), reason: z.string(), error: z.string() });

describe('contents over HTTP', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  const ask = async (method: string, path: string, body?: unknown, role: 'editor' | 'viewer' | null = 'editor') => {
    const response = await server.ask(role, method, `/api/contents/${path}`, body);
    const text = await response.text();
    const value: unknown = text === '' ? null : JSON.parse(text);
    if (!response.ok) expect(Problem.safeParse(value).error).toBeUndefined();
    return { status: response.status, value, headers: response.headers };
  };
  const model = async (method: string, path: string, body?: unknown) => {
    const { value } = await ask(method, path, body);
    if (Model.safeParse(value).success) return Model.parse(value);
    throw new Error(`${method} ${path} gave no model: ${JSON.stringify(value)}`);
  };
  const sources = async (path: string): Promise<string[]> => {
    const { content } = await model('GET', `${path}?type=notebook`);
    return z
      .object({ cells: z.array(z.object({ source: z.string() })) })
      .parse(content)
      .cells.map(({ source }) => source);
  };

  test('folders, texts and bytes are made, read, replaced and removed', async () => {
    const made = await ask('PUT', 'things', { type: 'directory' });
    expect([made.status, made.headers.get('location')]).toEqual([201, '/api/contents/things']);
    const saved = await ask('PUT', 'things/a%20b.txt', { type: 'file', format: 'text', content: 'héllo\n' });
    expect([saved.status, Model.parse(saved.value)]).toMatchObject([
      201,
      { type: 'file', content: null, format: null, size: 7 },
    ]);
    const again = await ask('PUT', 'things/a%20b.txt', { type: 'file', format: 'text', content: 'hello\n' });
    expect(again.status).toBe(200);
    expect(await model('GET', 'things/a%20b.txt?hash=1')).toMatchObject({
      ...{
        name: 'a b.txt',
        path: 'things/a b.txt',
        content: 'hello\n',
        format: 'text',
        mimetype: 'text/plain',
        writable: true,
      },
      hash: '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03',
    });
    const bytes = Buffer.from([0xff, 0xfe, 0, 1]).toString('base64');
    await ask('PUT', 'things/raw.bin', { type: 'file', format: 'base64', content: bytes });
    expect(await model('GET', 'things/raw.bin')).toMatchObject({ format: 'base64', content: bytes });
    expect((await ask('GET', 'things/raw.bin?format=text')).status).toBe(400);
    expect(await model('GET', 'things/a%20b.txt?content=0')).toMatchObject({ content: null, format: null });
    const listed = await model('GET', 'things');
    expect(
      z
        .array(Model)
        .parse(listed.content)
        .map(({ name, content }) => [name, content]),
    ).toEqual([
      ['a b.txt', null],
      ['raw.bin', null],
    ]);
    expect((await ask('GET', 'things?type=file')).status).toBe(400);
    expect((await ask('GET', 'things/raw.bin?type=directory')).status).toBe(400);
    expect((await ask('DELETE', 'things')).status).toBe(409);
    expect((await ask('DELETE', 'things/raw.bin')).status).toBe(204);
    expect((await ask('DELETE', 'things/raw.bin')).status).toBe(404);
    expect(await model('PATCH', 'things/a%20b.txt', { path: 'things/c.txt' })).toMatchObject({ path: 'things/c.txt' });
    expect(await model('POST', 'things', { copy_from: 'things/c.txt' })).toMatchObject({ path: 'things/c-Copy1.txt' });
    expect(await model('POST', 'things', { copy_from: 'things/c-Copy1.txt' })).toMatchObject({
      path: 'things/c-Copy2.txt',
    });
    expect(await model('POST', 'things', { type: 'file', ext: '.ts' })).toMatchObject({ path: 'things/untitled.ts' });
    expect(await model('POST', 'things', { type: 'directory' })).toMatchObject({ path: 'things/Untitled Folder' });
    expect(await model('POST', 'things', { type: 'directory' })).toMatchObject({ path: 'things/Untitled Folder 1' });
    expect((await ask('DELETE', 'things/Untitled%20Folder')).status).toBe(204);
    expect((await ask('DELETE', '')).status).toBe(400);
    expect((await ask('GET', 'nowhere')).status).toBe(404);
    expect((await ask('PUT', 'nowhere/x.txt', { type: 'file', format: 'text', content: '' })).status).toBe(404);
    expect((await ask('PUT', 'x.txt', { type: 'file', format: 'base64', content: '?' })).status).toBe(400);
    expect((await ask('PUT', 'x.txt', { type: 'sofa' })).status).toBe(400);
    expect((await ask('PUT', 'x.txt', { type: 'file', format: 'text', content: 7 })).status).toBe(400);
  });

  test('large files come in parts, and are there when the last is', async () => {
    const part = (chunk: number, content: string) =>
      ask('PUT', 'parts.txt', { type: 'file', format: 'text', content, chunk });
    expect((await part(2, 'no first')).status).toBe(409);
    await part(1, 'one ');
    expect((await ask('GET', 'parts.txt')).status).toBe(404);
    await part(2, 'two ');
    await part(-1, 'three');
    expect(await model('GET', 'parts.txt')).toMatchObject({ content: 'one two three' });
    const root = z.array(Model).parse((await model('GET', '')).content);
    expect(root.map(({ name }) => name)).not.toContainEqual(expect.stringMatching(/^\./));
  });

  test('a notebook that is saved is merged with what browsers wrote meanwhile, and its outputs stay the server’s', async () => {
    await server.notebook('merged.ipynb', { a: '1', b: '2', c: '3' });
    const read = await model('GET', 'merged.ipynb?hash=1');
    const content = z
      .looseObject({ cells: z.array(z.looseObject({ id: z.string(), source: z.string() })) })
      .parse(read.content);
    // Another person edits through the same interface, another cell; a third program writes the file.
    const theirs = structuredClone(content);
    theirs.cells[1] = { ...theirs.cells[1], id: 'b', source: '2 by another' };
    await server.ask('owner', 'GET', '/api/contents/merged.ipynb');
    const other = await server.ask('owner', 'PUT', '/api/contents/merged.ipynb', {
      type: 'notebook',
      format: 'json',
      content: theirs,
    });
    expect(other.status).toBe(200);
    const mine = structuredClone(content);
    mine.cells[0] = {
      ...mine.cells[0],
      ...{ id: 'a', source: '1 by me', metadata: { trusted: true, tags: ['x'] } },
      outputs: [{ output_type: 'stream', name: 'stdout', text: 'made up' }],
    };
    mine.cells = mine.cells.filter(({ id }) => id !== 'c');
    mine.cells.push({ id: 'd', cell_type: 'markdown', source: '# New', metadata: {} });
    const saved = await model('PUT', 'merged.ipynb', { type: 'notebook', format: 'json', content: mine });
    expect(saved.hash).not.toBe(read.hash);
    expect(await sources('merged.ipynb')).toEqual(['1 by me', '2 by another', '# New']);
    const file = JSON.parse(await readFile(join(server.notebooksDir, 'merged.ipynb'), 'utf8'));
    expect(file.cells[0]).toMatchObject({ source: ['1 by me'], metadata: { tags: ['x'] }, outputs: [] });
    expect(file.cells[0].metadata).not.toHaveProperty('trusted');
    // Saving the same again, with what the client knows, takes nothing of the others’ back.
    await model('PUT', 'merged.ipynb', { type: 'notebook', format: 'json', content: mine });
    expect(await sources('merged.ipynb')).toEqual(['1 by me', '2 by another', '# New']);
    const asFile = await model('GET', 'merged.ipynb?type=file&format=text');
    expect(JSON.parse(String(asFile.content)).cells).toHaveLength(3);
    const broken = await ask('PUT', 'merged.ipynb', {
      type: 'notebook',
      format: 'json',
      content: { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [{ cell_type: 'cake' }] },
    });
    expect([broken.status, broken.value]).toMatchObject([
      400,
      { message: expect.stringContaining('cells[0].cell_type') },
    ]);
    expect((await ask('PUT', 'merged.ipynb', { type: 'notebook', content: {}, chunk: 1 })).status).toBe(400);
  });

  test('the hash and time of a notebook change with what people write, not with what a kernel says', async () => {
    await server.notebook('hash.ipynb', { a: '1 + 1' });
    const before = await model('GET', 'hash.ipynb?content=0&hash=1');
    const browser = await server.watch('hash.ipynb');
    const list = await (await server.ask('editor', 'GET', '/api/notebooks')).json();
    const { id } = list.notebooks.find(({ path }: { path: string }) => path === 'hash.ipynb');
    await server.ask('editor', 'POST', `/api/notebooks/${id}/run`, { cells: ['a'] });
    await browser.until(({ session, outputs }) => session.kernel === 'idle' && (outputs.a?.length ?? 0) > 0);
    browser.close();
    const after = await model('GET', 'hash.ipynb?hash=1');
    expect([after.hash, after.last_modified]).toEqual([before.hash, before.last_modified]);
    expect(after.content).toMatchObject({
      cells: [{ outputs: [{ data: { 'text/plain': '2' } }], execution_count: 1 }],
    });
  });

  test('a new notebook keeps the outputs it comes with; its id outlives a new name, and its folder’s', async () => {
    const content = {
      ...newNotebook(),
      cells: [
        {
          ...{ id: 'a', cell_type: 'code', source: '1', metadata: {}, execution_count: 4 },
          outputs: [{ output_type: 'stream', name: 'stdout', text: 'said before\n' }],
        },
      ],
    };
    const saved = await ask('PUT', 'up.ipynb', { type: 'notebook', format: 'json', content });
    expect(saved.status).toBe(201);
    expect((await model('GET', 'up.ipynb')).content).toMatchObject({ cells: content.cells });
    const idOf = async (path: string) => {
      const list = await (await server.ask('editor', 'GET', '/api/notebooks')).json();
      return list.notebooks.find((one: { path: string }) => one.path === path)?.id;
    };
    const id = await idOf('up.ipynb');
    await ask('POST', 'up.ipynb/checkpoints');
    await ask('PUT', 'shelf', { type: 'directory' });
    expect(await model('PATCH', 'up.ipynb', { path: 'shelf/named.ipynb' })).toMatchObject({
      path: 'shelf/named.ipynb',
    });
    expect(await idOf('shelf/named.ipynb')).toBe(id);
    expect(await model('PATCH', 'shelf', { path: 'rack' })).toMatchObject({ path: 'rack', type: 'directory' });
    expect(await idOf('rack/named.ipynb')).toBe(id);
    expect(await model('POST', 'rack', { type: 'notebook' })).toMatchObject({
      path: 'rack/Untitled.ipynb',
      type: 'notebook',
    });
    expect(await model('POST', 'rack', { type: 'notebook' })).toMatchObject({ path: 'rack/Untitled1.ipynb' });
    expect(await model('POST', 'rack', { copy_from: 'rack/named.ipynb' })).toMatchObject({
      path: 'rack/named-Copy1.ipynb',
    });
    expect((await ask('PATCH', 'rack/named.ipynb', { path: 'rack/Untitled.ipynb' })).status).toBe(409);
    expect((await ask('PATCH', 'rack/named.ipynb', { path: 'rack/named.txt' })).status).toBe(400);
    expect((await ask('PATCH', 'rack/named.ipynb', { path: '../named.ipynb' })).status).toBe(400);
    expect((await ask('DELETE', 'rack/named-Copy1.ipynb')).status).toBe(204);
    expect((await ask('PUT', 'odd.txt', { type: 'notebook', format: 'json', content })).status).toBe(400);
  });

  test('what is made where something was deleted is new, at once', async () => {
    for (const text of ['first', 'second', 'third']) {
      await server.notebook('reborn.ipynb', { [text]: text });
      expect(await sources('reborn.ipynb')).toEqual([text]);
      await server.watch('reborn.ipynb').then((browser) => browser.close());
      expect((await ask('DELETE', 'reborn.ipynb')).status).toBe(204);
      expect((await ask('GET', 'reborn.ipynb')).status).toBe(404);
    }
  });

  test('a checkpoint is one copy, to go back to', async () => {
    await server.notebook('back.ipynb', { a: 'first' });
    expect((await ask('GET', 'back.ipynb/checkpoints')).value).toEqual([]);
    const kept = await ask('POST', 'back.ipynb/checkpoints');
    expect([kept.status, kept.value]).toEqual([201, { id: 'checkpoint', last_modified: expect.any(String) }]);
    const { content } = await model('GET', 'back.ipynb');
    const changed = JSON.parse(JSON.stringify(content).replace('first', 'second'));
    await model('PUT', 'back.ipynb', { type: 'notebook', format: 'json', content: changed });
    expect(await sources('back.ipynb')).toEqual(['second']);
    expect((await ask('POST', 'back.ipynb/checkpoints/checkpoint')).status).toBe(204);
    expect(await sources('back.ipynb')).toEqual(['first']);
    expect((await ask('POST', 'back.ipynb/checkpoints/other')).status).toBe(404);
    expect((await ask('DELETE', 'back.ipynb/checkpoints/checkpoint')).status).toBe(204);
    expect((await ask('DELETE', 'back.ipynb/checkpoints/checkpoint')).status).toBe(404);
    await ask('PUT', 'back.txt', { type: 'file', format: 'text', content: 'one' });
    await ask('POST', 'back.txt/checkpoints');
    await ask('PUT', 'back.txt', { type: 'file', format: 'text', content: 'two' });
    await ask('POST', 'back.txt/checkpoints/checkpoint');
    expect(await model('GET', 'back.txt')).toMatchObject({ content: 'one' });
  });

  test('nothing is given from outside, from hidden places, or from the data folder', async () => {
    await mkdir(join(server.notebooksDir, '.git'));
    await writeFile(join(server.notebooksDir, '.git/config'), 'secret');
    await symlink(server.dataDir, join(server.notebooksDir, 'way-out'));
    await symlink('.git/config', join(server.notebooksDir, 'way-in.txt'));
    const paths = [
      '..%2fdata%2ftoken',
      '.git/config',
      'way-out/token',
      'way-in.txt',
      '%2fetc%2fpasswd',
      'a%00b',
      '%ff',
    ];
    for (const path of paths) {
      for (const door of ['/api/contents/', '/files/']) {
        const response = await server.ask('editor', 'GET', door + path);
        expect([400, 404], `${door}${path}`).toContain(response.status);
        expect(await response.text()).not.toMatch(/secret|[0-9a-f]{64}/);
      }
      const body = { type: 'file', format: 'text', content: 'x' };
      expect([400, 404, 405], path).toContain(
        (await server.ask('editor', 'PUT', `/api/contents/${path}`, body)).status,
      );
    }
    const listed = z.array(Model).parse((await model('GET', '')).content);
    expect(listed.map(({ name }) => name).filter((name) => /^\.|way/.test(name))).toEqual([]);
    expect(await readFile(join(server.dataDir, 'token'), 'utf8')).toContain(server.token);
  });

  test('viewers read and change nothing; strangers see nothing', async () => {
    await server.notebook('kept.ipynb', { a: 'kept' });
    const body = { type: 'file', format: 'text', content: 'x', path: 'z.ipynb' };
    const tries: [string, string][] = [
      ['PUT', 'kept.ipynb'],
      ['POST', ''],
      ['PATCH', 'kept.ipynb'],
      ['DELETE', 'kept.ipynb'],
      ['POST', 'kept.ipynb/checkpoints'],
      ['POST', 'kept.ipynb/checkpoints/checkpoint'],
      ['DELETE', 'kept.ipynb/checkpoints/checkpoint'],
    ];
    for (const [method, path] of tries) {
      expect([method, path, (await ask(method, path, body, 'viewer')).status]).toEqual([method, path, 403]);
      expect([method, path, (await ask(method, path, body, null)).status]).toEqual([method, path, 401]);
    }
    expect(Model.parse((await ask('GET', 'kept.ipynb', undefined, 'viewer')).value).writable).toBe(false);
    expect((await ask('GET', '', undefined, null)).status).toBe(401);
    expect((await server.ask(null, 'GET', '/files/kept.ipynb')).status).toBe(401);
    expect(await sources('kept.ipynb')).toEqual(['kept']);
  });

  test('raw files run nothing in the app’s origin', async () => {
    const page = '<script>alert(1)</script>';
    await ask('PUT', 'page.html', { type: 'file', format: 'text', content: page });
    const raw = await server.ask('viewer', 'GET', '/files/page.html');
    expect(await raw.text()).toBe(page);
    expect(raw.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
    expect(raw.headers.get('x-content-type-options')).toBe('nosniff');
    const download = await server.ask('viewer', 'GET', '/files/page.html?download=1');
    expect(download.headers.get('content-disposition')).toMatch(/^attachment/);
    expect((await server.ask('viewer', 'HEAD', '/files/page.html')).headers.get('content-length')).toBe('25');
    expect((await server.ask('viewer', 'GET', '/files/nothing.html')).status).toBe(404);
  });
});
