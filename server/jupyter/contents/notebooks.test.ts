import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newNotebook } from '@trialroom/shared/notebook/format';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { useContents } from './testing.ts';

describe('notebooks as contents over HTTP', () => {
  const contents = useContents();
  const { ask, model, sources } = contents;

  test('a notebook that is saved is merged with what browsers wrote meanwhile, and its outputs stay the server’s', async () => {
    await contents.server.notebook('merged.ipynb', { a: '1', b: '2', c: '3' });
    const read = await model('GET', 'merged.ipynb?hash=1');
    const content = z
      .looseObject({ cells: z.array(z.looseObject({ id: z.string(), source: z.string() })) })
      .parse(read.content);
    // Another person edits through the same interface, another cell; a third program writes the file.
    const theirs = structuredClone(content);
    theirs.cells[1] = { ...theirs.cells[1], id: 'b', source: '2 by another' };
    await contents.server.ask('owner', 'GET', '/api/contents/merged.ipynb');
    const other = await contents.server.ask('owner', 'PUT', '/api/contents/merged.ipynb', {
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
    const file = JSON.parse(await readFile(join(contents.server.notebooksDir, 'merged.ipynb'), 'utf8'));
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

  test('what is saved, and a checkpoint gone back to, is an edit by whoever did it', async () => {
    await contents.server.notebook('signed.ipynb', { a: 'first' });
    const nameOf = async (role: 'editor' | 'owner'): Promise<string> =>
      (await (await contents.server.ask(role, 'GET', '/api/me')).json()).name;
    const [editor, owner] = [await nameOf('editor'), await nameOf('owner')];
    const list = await (await contents.server.ask('editor', 'GET', '/api/notebooks')).json();
    const { id } = list.notebooks.find(({ path }: { path: string }) => path === 'signed.ipynb');
    await ask('POST', 'signed.ipynb/checkpoints');
    const { content } = await model('GET', 'signed.ipynb');
    const changed = JSON.parse(JSON.stringify(content).replace('first', 'first\\nsecond'));
    await model('PUT', 'signed.ipynb', { type: 'notebook', format: 'json', content: changed });
    const lines = await (await contents.server.ask('editor', 'GET', `/api/notebooks/${id}/cells/a/authors`)).json();
    expect(lines.lines.map(({ author }: { author: { name: string } | null }) => author?.name)).toEqual([
      undefined,
      editor,
    ]);
    const keep = async (name: string): Promise<{ authors: { name: string }[] }> =>
      (await contents.server.ask('editor', 'POST', `/api/notebooks/${id}/versions`, { name })).json();
    expect((await keep('saved')).authors.map(({ name }) => name)).toEqual([editor]);
    await contents.server.ask('owner', 'POST', '/api/contents/signed.ipynb/checkpoints/checkpoint');
    expect((await keep('gone back')).authors.map(({ name }) => name)).toEqual([owner]);
  });

  test('the hash and time of a notebook change with what people write, not with what a kernel says', async () => {
    await contents.server.notebook('hash.ipynb', { a: '1 + 1' });
    const before = await model('GET', 'hash.ipynb?content=0&hash=1');
    const browser = await contents.server.watch('hash.ipynb');
    const list = await (await contents.server.ask('editor', 'GET', '/api/notebooks')).json();
    const { id } = list.notebooks.find(({ path }: { path: string }) => path === 'hash.ipynb');
    await contents.server.ask('editor', 'POST', `/api/notebooks/${id}/run`, { cells: ['a'] });
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
      const list = await (await contents.server.ask('editor', 'GET', '/api/notebooks')).json();
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
      await contents.server.notebook('reborn.ipynb', { [text]: text });
      expect(await sources('reborn.ipynb')).toEqual([text]);
      await contents.server.watch('reborn.ipynb').then((browser) => browser.close());
      expect((await ask('DELETE', 'reborn.ipynb')).status).toBe(204);
      expect((await ask('GET', 'reborn.ipynb')).status).toBe(404);
    }
  });
});
