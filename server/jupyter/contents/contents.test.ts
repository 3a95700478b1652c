import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Model, useContents } from './testing.ts';

describe('contents over HTTP', () => {
  const contents = useContents();
  const { ask, model, sources } = contents;

  test('what is new may come without type or content, and every answer says where it is', async () => {
    const made = await ask('PUT', 'bare.txt', { format: 'text' });
    expect([made.status, Model.parse(made.value)]).toMatchObject([201, { type: 'file', size: 0 }]);
    expect((await ask('PUT', 'bare.txt', { format: 'text' })).status).toBe(400);
    expect(await model('PUT', 'bare.ipynb', { type: 'notebook' })).toMatchObject({ type: 'notebook' });
    expect(await model('PUT', 'bare2.ipynb', {})).toMatchObject({ type: 'notebook' });
    expect(await sources('bare.ipynb')).toEqual(await sources('bare2.ipynb'));
    const moved = await ask('PATCH', 'bare.txt', { path: 'bäre.txt' });
    expect(moved.headers.get('location')).toBe('/api/contents/b%C3%A4re.txt');
    const kept = await ask('POST', 'b%C3%A4re.txt/checkpoints');
    expect([kept.status, kept.headers.get('location')]).toEqual([
      201,
      '/api/contents/b%C3%A4re.txt/checkpoints/checkpoint',
    ]);
    expect((await ask('DELETE', 'b%C3%A4re.txt/checkpoints/checkpoint')).status).toBe(204);
    expect(await model('GET', 'bare.ipynb?type=file&format=text')).toMatchObject({
      mimetype: 'application/x-ipynb+json',
    });
  });

  test('folders, texts and bytes are made, read, replaced and removed', async () => {
    const made = await ask('PUT', 'things', { type: 'directory' });
    expect([made.status, made.headers.get('location')]).toEqual([201, '/api/contents/things']);
    const saved = await ask('PUT', 'things/a%20b.txt', { type: 'file', format: 'text', content: 'héllo\n' });
    expect([saved.status, Model.parse(saved.value)]).toMatchObject([
      201,
      { type: 'file', content: null, format: null, size: 7 },
    ]);
    const again = await ask('PUT', 'things/a%20b.txt', { type: 'file', format: 'text', content: 'hello\n' });
    expect([again.status, again.headers.get('location')]).toEqual([200, '/api/contents/things/a%20b.txt']);
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

  test('what is deleted lies in the trash, and comes back with all that was in it', async () => {
    const { server } = contents;
    const json = async (method: string, path: string, body?: unknown) =>
      (await server.ask('editor', method, path, body)).json();
    const editor = (await json('GET', '/api/me')).name;
    const restored = async (path: string): Promise<unknown> => {
      const { trashed } = await json('GET', '/api/trash');
      expect(trashed[0]).toMatchObject({ path, by: editor });
      return (await json('POST', `/api/trash/${trashed[0].id}/restore`, {})).path;
    };
    await ask('PUT', 'bin', { type: 'directory' });
    await ask('PUT', 'bin/data.csv', { type: 'file', format: 'text', content: '1,2' });
    await server.notebook('bin/one.ipynb', { a: 'first' });
    await ask('POST', 'bin/one.ipynb/checkpoints');
    expect((await ask('DELETE', 'bin/one.ipynb')).status).toBe(204);
    expect((await ask('GET', 'bin/one.ipynb')).status).toBe(404);
    expect(await restored('bin/one.ipynb')).toBe('bin/one.ipynb');
    expect((await ask('GET', 'bin/one.ipynb/checkpoints')).value).toHaveLength(1);
    expect((await ask('DELETE', 'bin/data.csv')).status).toBe(204);
    await ask('PUT', 'bin/data.csv', { type: 'file', format: 'text', content: 'in its place' });
    expect(await restored('bin/data.csv')).toBe('bin/data 2.csv');
    expect(await model('GET', 'bin/data%202.csv')).toMatchObject({ content: '1,2' });
    await symlink('data.csv', join(server.notebooksDir, 'bin/link.csv'));
    expect((await ask('DELETE', 'bin/link.csv')).status).toBe(204);
    expect(await model('GET', 'bin/data.csv')).toMatchObject({ content: 'in its place' });
    expect((await ask('DELETE', 'bin')).status).toBe(204);
    expect((await ask('GET', 'bin')).status).toBe(404);
    expect(await restored('bin')).toBe('bin');
    expect(await sources('bin/one.ipynb')).toEqual(['first']);
    // Erased for good, its checkpoint goes, too.
    await ask('DELETE', 'bin/one.ipynb');
    const { trashed } = await json('GET', '/api/trash');
    const kept = () => readdir(join(server.dataDir, 'checkpoints'));
    expect(await kept()).toHaveLength(1);
    await json('DELETE', `/api/trash/${trashed[0].id}`, {});
    expect(await kept()).toEqual([]);
  });

  test('who asks at once gets a name of its own, and may save the same thing', async () => {
    await ask('PUT', 'crowd', { type: 'directory' });
    const ten = Array.from({ length: 10 });
    for (const type of ['notebook', 'file', 'directory']) {
      const made = await Promise.all(ten.map(() => ask('POST', 'crowd', { type })));
      expect(made.map(({ status }) => status)).toEqual(ten.map(() => 201));
      expect(new Set(made.map(({ value }) => Model.parse(value).path)).size).toBe(10);
    }
    const copied = await Promise.all(ten.map(() => ask('POST', 'crowd', { copy_from: 'crowd/Untitled.ipynb' })));
    expect(new Set(copied.map(({ value }) => Model.parse(value).path)).size).toBe(10);
    const saved = await Promise.all(ten.map(() => ask('PUT', 'crowd/same.ipynb', { type: 'notebook' })));
    expect(saved.map(({ status }) => status < 300)).toEqual(ten.map(() => true));
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

  test('a checkpoint is one copy, to go back to', async () => {
    await contents.server.notebook('back.ipynb', { a: 'first' });
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

  test('a question that nobody understands is answered by what is wrong with it', async () => {
    const { status, value } = await ask('GET', '?type=chair');
    expect(status).toBe(400);
    expect(value).toMatchObject({
      error: 'bad-input',
      where: 'query.type',
      message: expect.stringContaining('query.type'),
    });
    expect((await ask('GET', '?type=directory&content=0')).status).toBe(200);
  });

  test('a link is given another name itself, and what it leads to stays', async () => {
    const folder = contents.server.notebooksDir;
    await ask('PUT', 'target.txt', { type: 'file', format: 'text', content: 'kept' });
    await symlink('target.txt', join(folder, 'link.txt'));
    expect(await model('PATCH', 'link.txt', { path: 'renamed.txt' })).toMatchObject({ path: 'renamed.txt' });
    expect(await readlink(join(folder, 'renamed.txt'))).toBe('target.txt');
    expect(await model('GET', 'target.txt')).toMatchObject({ content: 'kept' });
  });

  test('nothing is given from outside, from hidden places, or from the data folder', async () => {
    await mkdir(join(contents.server.notebooksDir, '.git'));
    await writeFile(join(contents.server.notebooksDir, '.git/config'), 'secret');
    await symlink(contents.server.dataDir, join(contents.server.notebooksDir, 'way-out'));
    await symlink('.git/config', join(contents.server.notebooksDir, 'way-in.txt'));
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
        const response = await contents.server.ask('editor', 'GET', door + path);
        expect([400, 404], `${door}${path}`).toContain(response.status);
        expect(await response.text()).not.toMatch(/secret|[0-9a-f]{64}/);
      }
      const body = { type: 'file', format: 'text', content: 'x' };
      expect([400, 404, 405], path).toContain(
        (await contents.server.ask('editor', 'PUT', `/api/contents/${path}`, body)).status,
      );
    }
    const listed = z.array(Model).parse((await model('GET', '')).content);
    expect(listed.map(({ name }) => name).filter((name) => /^\.|way/.test(name))).toEqual([]);
    expect(await readFile(join(contents.server.dataDir, 'token'), 'utf8')).toContain(contents.server.token);
  });

  test('viewers read and change nothing; strangers see nothing', async () => {
    await contents.server.notebook('kept.ipynb', { a: 'kept' });
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
    expect((await contents.server.ask(null, 'GET', '/files/kept.ipynb')).status).toBe(401);
    expect(await sources('kept.ipynb')).toEqual(['kept']);
  });

  test('raw files run nothing in the app’s origin', async () => {
    const page = '<script>alert(1)</script>';
    await ask('PUT', 'page.html', { type: 'file', format: 'text', content: page });
    const raw = await contents.server.ask('viewer', 'GET', '/files/page.html');
    expect(await raw.text()).toBe(page);
    expect(raw.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
    expect(raw.headers.get('x-content-type-options')).toBe('nosniff');
    const download = await contents.server.ask('viewer', 'GET', '/files/page.html?download=1');
    expect(download.headers.get('content-disposition')).toMatch(/^attachment/);
    expect((await contents.server.ask('viewer', 'HEAD', '/files/page.html')).headers.get('content-length')).toBe('25');
    expect((await contents.server.ask('viewer', 'GET', '/files/nothing.html')).status).toBe(404);
  });
});
