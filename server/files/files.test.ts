import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cellsOf, sourceOf } from '@trialroom/shared/notebook/document';
import { type NotebookFile, newNotebook, parseNotebook, serialiseNotebook } from '@trialroom/shared/notebook/format';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningServer, startServer } from '../app.ts';
import { readConfig } from '../config.ts';
import { connectEditor, type Editor } from '../documents/testing.ts';

const withCode = (sources: Record<string, string>, metadata = newNotebook().metadata): NotebookFile => ({
  ...newNotebook(),
  metadata,
  cells: Object.entries(sources).map(([id, source]) => ({
    ...{ id, cell_type: 'code', source, metadata: {}, execution_count: 3 },
    outputs: [{ output_type: 'stream', name: 'stdout', text: `said by ${id}\n` }],
  })),
});
const python = { kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' } };

describe('files over HTTP', () => {
  let server: RunningServer;
  let notebooksDir: string;
  let dataDir: string;
  const editors: Editor[] = [];
  beforeAll(async () => {
    notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-files-'));
    dataDir = await mkdtemp(join(tmpdir(), 'trialroom-files-data-'));
    server = await startServer(readConfig({ port: 0, dataDir, notebooksDir }, {}));
  });
  afterAll(async () => {
    for (const editor of editors) editor.close();
    await server.close();
    for (const path of [notebooksDir, dataDir]) await rm(path, { recursive: true, force: true });
  });

  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: text.startsWith('{') ? JSON.parse(text) : null,
    };
  };
  const put = async (path: string, content: NotebookFile | string) => {
    const full = join(notebooksDir, path);
    await mkdir(join(full, '..'), { recursive: true });
    await writeFile(full, typeof content === 'string' ? content : serialiseNotebook(content));
    const { body } = await ask('GET', '/api/notebooks');
    return String(body.notebooks.find((one: { path: string }) => one.path === path)?.id);
  };
  const paths = async (): Promise<string[]> =>
    (await ask('GET', '/api/notebooks')).body.notebooks.map(({ path }: { path: string }) => path);
  const edit = async (id: string): Promise<Editor> => {
    const editor = connectEditor(`${server.url.replace('http', 'ws')}/yjs/notebook`, id, server.token);
    editors.push(editor);
    await editor.synced();
    return editor;
  };
  const type = async (editor: Editor, cell: string, text: string): Promise<void> => {
    const found = cellsOf(editor.doc).get(cell);
    if (found) sourceOf(found).insert(0, text);
    await editor.acknowledged();
  };

  test('folders: made, listed when empty, moved with what is in them, and refused where they would clash', async () => {
    expect(await ask('POST', '/api/folders', { path: 'empty/inner' })).toMatchObject({ status: 200 });
    expect((await ask('GET', '/api/folders')).body.folders).toEqual(['empty', 'empty/inner']);
    const id = await put('ideas/first.ipynb', withCode({ a: '1' }));
    const editor = await edit(id);
    expect(await ask('POST', '/api/folders/move', { from: 'ideas', to: 'empty/thoughts' })).toMatchObject({
      status: 200,
    });
    expect(await paths()).toEqual(['empty/thoughts/first.ipynb']);
    await type(editor, 'a', '1 + ');
    await expect.poll(() => readFile(join(notebooksDir, 'empty/thoughts/first.ipynb'), 'utf8')).toContain('1 + 1');
    expect(existsSync(join(notebooksDir, 'ideas'))).toBe(false);
    for (const [to, status] of [
      ['empty/thoughts', 200],
      ['empty/thoughts/deeper', 400],
      ['empty/inner', 409],
      ['Empty/other', 409],
      ['../out', 400],
      ['con', 400],
      ['what?', 400],
      ['dot.', 400],
    ] as const) {
      expect([to, (await ask('POST', '/api/folders/move', { from: 'empty/thoughts', to })).status]).toEqual([
        to,
        status,
      ]);
    }
    expect((await ask('POST', '/api/folders/move', { from: 'nowhere', to: 'x' })).status).toBe(404);
  });

  test('names: composed, not only different in capitals, renamed in capitals alone', async () => {
    const id = await put('names.ipynb', withCode({ a: '1' }));
    const decomposed = 'cafe\u0301.ipynb';
    expect((await ask('POST', '/api/notebooks', { path: decomposed })).body.path).toBe('caf\u00e9.ipynb');
    expect(await ask('POST', '/api/notebooks', { path: 'NAMES' })).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('names.ipynb is there already') },
    });
    expect((await ask('POST', `/api/notebooks/${id}/move`, { path: 'Names.ipynb' })).body).toMatchObject({
      id,
      path: 'Names.ipynb',
    });
    expect((await ask('POST', `/api/notebooks/${id}/move`, { path: 'café.ipynb' })).status).toBe(409);
    expect((await ask('POST', `/api/notebooks/${id}/move`, { path: `${'x'.repeat(260)}.ipynb` })).status).toBe(400);
  });

  test('a link is moved, not what it leads to; one that leads out is refused', async () => {
    await put('real.ipynb', withCode({ a: 'real' }));
    await symlink('real.ipynb', join(notebooksDir, 'alias.ipynb'));
    const id = (await ask('GET', '/api/notebooks')).body.notebooks.find(
      (one: { path: string }) => one.path === 'alias.ipynb',
    ).id;
    expect((await ask('POST', `/api/notebooks/${id}/move`, { path: 'far/alias.ipynb' })).status).toBe(200);
    expect(await paths()).toEqual(expect.arrayContaining(['far/alias.ipynb', 'real.ipynb']));
    expect(await readFile(join(notebooksDir, 'far/alias.ipynb'), 'utf8')).toContain('real');
    await symlink(dataDir, join(notebooksDir, 'out'));
    expect((await ask('POST', `/api/notebooks/${id}/move`, { path: 'out/alias.ipynb' })).status).toBe(400);
  });

  test('a copy has its outputs and an id of its own', async () => {
    const id = await put('copied.ipynb', withCode({ a: 'mine' }));
    const { body } = await ask('POST', `/api/notebooks/${id}/duplicate`, {});
    expect(body).toMatchObject({ path: 'copied 2.ipynb' });
    expect(body.id).not.toBe(id);
    expect(await readFile(join(notebooksDir, 'copied 2.ipynb'), 'utf8')).toContain('said by a');
    expect((await ask('POST', `/api/notebooks/${body.id}/duplicate`, {})).body.path).toBe('copied 3.ipynb');
  });

  test('thrown away while open: edits go on, and all comes back with its id, beside what stands there now', async () => {
    const id = await put('shelf/gone.ipynb', withCode({ a: 'one' }));
    const editor = await edit(id);
    await ask('POST', `/api/notebooks/${id}/annotations`, {
      target: { kind: 'cell', cell: 'a' },
      text: 'Kept',
      request: 'request-1',
    });
    await type(editor, 'a', 'before ');
    const thrown = (await ask('DELETE', `/api/notebooks/${id}`, {})).body;
    expect(thrown).toMatchObject({ path: 'shelf/gone.ipynb', kind: 'notebook' });
    expect(existsSync(join(notebooksDir, 'shelf/gone.ipynb'))).toBe(false);
    expect(await paths()).not.toContain('shelf/gone.ipynb');
    await type(editor, 'a', 'while gone ');
    expect(await ask('POST', `/api/notebooks/${id}/run`, { cells: ['a'] })).toMatchObject({ status: 409 });
    expect(await ask('POST', `/api/notebooks/${id}/move`, { path: 'x.ipynb' })).toMatchObject({ status: 409 });
    expect(await ask('POST', `/api/notebooks/${id}/file`, {})).toMatchObject({ status: 503 });
    const other = (await ask('POST', '/api/notebooks', { path: 'shelf/gone.ipynb' })).body;
    expect(other.id).not.toBe(id);
    expect((await ask('GET', '/api/trash')).body).toMatchObject({ days: 30, trashed: [{ id: thrown.id }] });
    expect((await ask('POST', `/api/trash/${thrown.id}/restore`, {})).body).toEqual({ path: 'shelf/gone 2.ipynb' });
    expect((await ask('GET', `/api/notebooks/${id}/annotations`)).body.annotations).toHaveLength(1);
    await expect
      .poll(() => readFile(join(notebooksDir, 'shelf/gone 2.ipynb'), 'utf8'))
      .toContain('while gone before one');
    expect((await ask('POST', `/api/trash/${thrown.id}/restore`, {})).status).toBe(404);
  });

  test('a folder goes and comes whole, or one notebook of it', async () => {
    const [a, b] = [await put('box/a.ipynb', withCode({ a: 'a' })), await put('box/in/b.ipynb', withCode({ b: 'b' }))];
    await writeFile(join(notebooksDir, 'box/data.csv'), '1,2');
    const thrown = (await ask('POST', '/api/folders/trash', { path: 'box' })).body;
    expect(existsSync(join(notebooksDir, 'box'))).toBe(false);
    expect((await ask('POST', `/api/notebooks/${b}/restore`, {})).body).toEqual({ path: 'box/in/b.ipynb' });
    expect((await ask('POST', `/api/trash/${thrown.id}/restore`, {})).body).toEqual({ path: 'box 2' });
    const { body } = await ask('GET', '/api/notebooks');
    const of = (path: string) => body.notebooks.find((one: { path: string }) => one.path === path)?.id;
    expect([of('box/in/b.ipynb'), of('box 2/a.ipynb')]).toEqual([b, a]);
    expect(await readFile(join(notebooksDir, 'box 2/data.csv'), 'utf8')).toBe('1,2');
  });

  test('erased for good: the file, and what was known of it', async () => {
    const id = await put('erased.ipynb', withCode({ a: 'one' }));
    const editor = await edit(id);
    const thrown = (await ask('DELETE', `/api/notebooks/${id}`, {})).body;
    const closed = new Promise((resolve) => editor.provider.on('connection-close', resolve));
    expect((await ask('DELETE', `/api/trash/${thrown.id}`, {})).status).toBe(200);
    await closed;
    expect((await ask('GET', `/api/notebooks/${id}/as/ipynb`)).status).toBe(404);
    expect(existsSync(join(dataDir, 'trash', thrown.id))).toBe(false);
    expect((await ask('DELETE', `/api/trash/${thrown.id}`, {})).status).toBe(404);
    expect((await ask('DELETE', '/api/trash/..%2Ftoken', {})).status).toBe(404);
    expect(existsSync(join(dataDir, 'token'))).toBe(true);
  });

  test('what is taken away can be brought back', async () => {
    const content = withCode({ a: 'const a = 1;', b: '// %% no marker\na' });
    const id = await put('trip.ipynb', content);
    for (const form of ['ipynb', 'ts', 'md']) {
      const taken = await ask('GET', `/api/notebooks/${id}/as/${form}`);
      expect(taken.headers.get('content-disposition')).toContain(`filename="trip.${form}"`);
      const { body } = await ask('POST', '/api/notebooks/upload', { path: `trip.${form}`, content: taken.text });
      const back = parseNotebook(await readFile(join(notebooksDir, body.path), 'utf8'));
      expect([form, back.cells.map(({ source }) => source)]).toEqual([form, content.cells.map(({ source }) => source)]);
      expect(back.metadata).toEqual(content.metadata);
    }
    expect((await ask('GET', `/api/notebooks/${id}/as/ipynb`)).text).toBe(serialiseNotebook(content));
    expect((await ask('GET', `/api/notebooks/${id}/as/docx`)).status).toBe(404);
    await ask('POST', `/api/notebooks/${id}/annotations`, {
      target: { kind: 'cell', cell: 'a' },
      text: 'Why one?',
      request: 'request-2',
    });
    expect((await ask('GET', `/api/notebooks/${id}/as/md`)).text).not.toContain('Why one?');
    expect((await ask('GET', `/api/notebooks/${id}/as/md?comments=true`)).text).toContain('Why one?');
    expect(await ask('POST', '/api/notebooks/upload', { path: 'bad.ipynb', content: '{' })).toMatchObject({
      status: 400,
      body: {
        message: expect.stringContaining('line 1, column 2'),
        where: 'bad.ipynb: line 1, column 2',
        fix: expect.any(String),
      },
    });
    expect((await ask('POST', '/api/notebooks/upload', { path: 'bad.exe', content: '' })).body.fix).toMatch(/Markdown/);
  });

  test('what cannot be written is said, and leaves nothing', async () => {
    await writeFile(join(notebooksDir, 'a-file'), '');
    expect(await ask('POST', '/api/notebooks', { path: 'a-file/x' })).toMatchObject({
      status: 503,
      body: { error: 'folder-unwritable' },
    });
    const id = await put('stays.ipynb', withCode({ a: 'here' }));
    expect((await ask('POST', `/api/notebooks/${id}/move`, { path: 'a-file/y' })).status).toBe(503);
    expect((await ask('GET', '/api/notebooks')).body.notebooks).toContainEqual(
      expect.objectContaining({ id, path: 'stays.ipynb' }),
    );
    expect((await readdir(notebooksDir)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('search: in files, in documents as they are now, and no expression holds up the server', async () => {
    const open = await put('find/open.ipynb', withCode({ a: 'nothing here' }));
    const shut = await put(
      'find/shut.ipynb',
      withCode({ b: 'const needle = 1;\nneedle + NEEDLE', c: `${'a'.repeat(40)}!` }),
    );
    const editor = await edit(open);
    await type(editor, 'a', 'a needle, ');
    const { body } = await ask('GET', '/api/search?text=needle');
    expect(body).toMatchObject({
      more: false,
      found: [
        { id: open, total: 1, lines: [{ cell: 'a', line: 1, text: 'a needle, nothing here', from: 2, to: 8 }] },
        {
          id: shut,
          total: 3,
          lines: [
            { cell: 'b', line: 1 },
            { cell: 'b', line: 2 },
            { cell: 'b', line: 2 },
          ],
        },
      ],
    });
    expect((await ask('GET', '/api/search?text=NEEDLE&case=true')).body.found).toMatchObject([{ id: shut, total: 1 }]);
    expect((await ask('GET', '/api/search?text=need%5Ba-l%5D%2B&regex=true&limit=2')).body).toMatchObject({
      more: true,
      found: [{}, { total: 3, lines: [{}] }],
    });
    expect((await ask('GET', '/api/search?text=(&regex=true')).body).toMatchObject({ error: 'bad-expression' });
    const slow = ask('GET', `/api/search?text=${encodeURIComponent('(a|a)*(a|a)*(a|aa)+$')}&regex=true`);
    expect((await ask('GET', '/healthz')).status).toBe(200);
    expect((await slow).body).toMatchObject({ error: 'search-too-slow', fix: expect.any(String) });
    expect((await ask('GET', '/api/search?text=needle')).body.found).toHaveLength(2);
  });

  test('another language: listed as such, changed by no door, copied into ours', async () => {
    const content = withCode({ a: 'import numpy as np' }, python);
    const id = await put('snake.ipynb', content);
    const listed = (await ask('GET', '/api/notebooks')).body.notebooks.find((one: { id: string }) => one.id === id);
    expect(listed.language).toBe('Python');
    const editor = await edit(id);
    const refused = expect.poll(() => editor.refusals);
    cellsOf(editor.doc).get('a')?.set('type', 'raw');
    await refused.toEqual([expect.stringContaining('Python notebook')]);
    expect(await ask('POST', `/api/notebooks/${id}/run`, { cells: ['a'] })).toMatchObject({
      status: 409,
      body: { error: 'notebook-foreign' },
    });
    expect(
      await ask('PUT', '/api/contents/snake.ipynb', {
        type: 'notebook',
        format: 'json',
        content: withCode({ a: 'x' }),
      }),
    ).toMatchObject({ status: 409 });
    const copy = (await ask('POST', `/api/notebooks/${id}/duplicate`, { as: 'typescript' })).body;
    expect(copy).toMatchObject({ path: 'snake (TypeScript).ipynb', language: null });
    expect(await readFile(join(notebooksDir, 'snake.ipynb'), 'utf8')).toBe(serialiseNotebook(content));
  });
});
