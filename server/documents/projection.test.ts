import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cellOrder, cellsOf, deleteCell, insertCells, setSource, sourceOf } from '@trialroom/shared/notebook/document';
import { serialiseNotebook } from '@trialroom/shared/notebook/format';
import { readDocument } from '@trialroom/shared/notebook/transfer';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type * as Y from 'yjs';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import type { OpenDocument } from './documents.ts';
import { connectEditor, notebookOf, startDocuments, type TestServer } from './testing.ts';

const sources = (doc: Y.Doc): string[] => readDocument(doc).cells.map(({ source }) => source);
const changed = (doc: Y.Doc, fits: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (!fits()) return;
      doc.off('update', look);
      resolve();
    };
    doc.on('update', look);
    look();
  });

describe.each(testDatabases())('document and file on $name', (kind) => {
  let database: Database;
  let server: TestServer;
  let files = 0;
  let path = '';
  let id = '';
  let open: OpenDocument;

  beforeAll(async () => {
    database = await kind.open();
  });
  afterAll(() => database.close());

  beforeEach(async () => {
    path = `${++files}.ipynb`;
    server = await startDocuments({ database });
    await server.put(path, notebookOf('alpha', 'beta'));
    id = await server.id(path);
    open = await server.documents.open(id);
  });
  afterEach(async () => {
    open.release();
    await server.close();
    expect(server.errors).toEqual([]);
  });

  const full = (): string => join(server.folder, path);
  const edit = (cell: string, source: string): void => setSource(open.doc, cell, source);
  const reach = (state: string) => server.fileState(id, (now) => now.state === state);
  /** The server again, on the same database and folder, as after a crash or a restart. */
  const again = async (meanwhile: () => Promise<void>): Promise<void> => {
    const { folder } = server;
    const kept = `${folder}-kept`;
    open.release();
    await server.documents.flush();
    await rename(folder, kept);
    await server.close();
    await rename(kept, folder);
    await meanwhile();
    server = await startDocuments({ database, folder });
    open = await server.documents.open(id);
  };

  test('edits reach the file, written as Jupyter would, mode and unknown keys kept', async () => {
    const file = { ...notebookOf('alpha'), metadata: { mine: { kept: [1] } }, odd: true };
    await writeFile(full(), serialiseNotebook(file), { mode: 0o640 });
    await changed(open.doc, () => cellOrder(open.doc).length === 1);
    edit('c0', 'alpha, edited');
    expect(server.documents.fileState(id).state).toBe('pending');
    await reach('synced');
    expect(await readFile(full(), 'utf8')).toBe(serialiseNotebook({ ...file, cells: readDocument(open.doc).cells }));
    expect((await readdir(server.folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('the mode of the file stays', async () => {
    await rm(full());
    await writeFile(full(), serialiseNotebook(notebookOf('alpha', 'beta')), { mode: 0o600 });
    edit('c0', 'x');
    await server.documents.flush();
    expect(await server.read(path)).toMatchObject({ cells: [{ source: 'x' }, { source: 'beta' }] });
    expect((await stat(full())).mode & 0o777).toBe(0o600);
  });

  test('a file is not written when nothing changed, however it is formatted', async () => {
    const odd = JSON.stringify(notebookOf('alpha', 'beta'));
    await writeFile(full(), odd);
    server.documents.touch(id);
    await reach('synced');
    await server.documents.flush();
    expect(await readFile(full(), 'utf8')).toBe(odd);
  });

  test("a file in another hand's manner keeps it, also after a restart", async () => {
    const { cells, ...rest } = notebookOf('alpha', 'grüße');
    const metadata = { zeta: 1, alpha: 'ü' };
    const text = JSON.stringify({ ...rest, metadata, cells }, null, 4)
      .replace('"zeta": 1', '"zeta": 1.0')
      .replaceAll('ü', '\\u00fc')
      .replaceAll('ß', '\\u00df');
    await writeFile(full(), text);
    server.documents.touch(id);
    await reach('synced');
    edit('c0', 'alpha ü');
    await server.documents.flush();
    const edited = text.replace('"alpha",', '"alpha \\u00fc",');
    expect(await readFile(full(), 'utf8')).toBe(edited);
    await again(async () => {});
    edit('c1', 'other');
    await server.documents.flush();
    expect(await readFile(full(), 'utf8')).toBe(edited.replace('gr\\u00fc\\u00dfe', 'other'));
    await rm(full());
    await reach('missing');
    await server.documents.restoreFile(id);
    expect(await readFile(full(), 'utf8')).toContain('"zeta": 1.0');
  });

  test('an edit of one cell changes its lines, and nothing that only another program understands', async () => {
    const text = `{
  "nbformat": 4, "nbformat_minor": 5,
  "x-vendor": {"version": 1.0, "spelled": [1e3, 2.50]},
  "cells": [
    {"id": "a", "cell_type": "code", "metadata": {"vendor": {"lr": 1E-3}}, "vendor": [1, 2.0],
      "source": [
        "const a = 1;\\n",
        "a"
      ],
      "execution_count": 7,
      "outputs": [
        {"output_type": "stream", "name": "log", "text": "of no stream of ours", "vendor": 1.0},
        {"output_type": "execute_result", "execution_count": null, "vendor": {"z": 0, "a": -0.0}, "metadata": {"n": 1.0},
          "data": {"text/plain": ["1"], "application/vnd.x+json": {"big": 12345678901234567890}}},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\\u001b[31mE\\u001b[0m"], "vendor": true}
      ]},
    {"id": "b", "cell_type": "markdown", "metadata": {}, "source": "two \\/ three"}
  ],
  "metadata": {"language_info": {"name": "typescript", "version": "5.0"}}
}`;
    await writeFile(full(), text);
    await changed(open.doc, () => cellOrder(open.doc).includes('a') && cellOrder(open.doc).length === 2);
    setSource(open.doc, 'a', 'const a = 2;\na');
    await server.documents.flush();
    const edited = text.replace('"const a = 1;', '"const a = 2;');
    expect(await readFile(full(), 'utf8')).toBe(edited);
    await again(async () => {});
    setSource(open.doc, 'b', 'two / four');
    await server.documents.flush();
    expect(await readFile(full(), 'utf8')).toBe(edited.replace('two \\/ three', 'two / four'));
  });

  test('outputs come from where sessions say, and are in the file', async () => {
    server.documents.outputsFrom(async () => ({
      c1: { outputs: [{ type: 'stream', name: 'stdout', text: 'hello\n' }], count: 4 },
    }));
    server.documents.touch(id);
    await server.documents.flush();
    expect((await server.read(path)).cells).toMatchObject([
      { outputs: [], execution_count: null },
      { outputs: [{ output_type: 'stream', text: 'hello\n' }], execution_count: 4 },
    ]);
    expect(await server.notebooks.readFileOutputs(id)).toMatchObject({
      c1: { count: 4, outputs: [{ text: 'hello\n' }] },
    });
  });

  test("another program's change merges with what people type", async () => {
    const editor = connectEditor(server.url, id, await server.token('editor'));
    await editor.synced();
    setSource(editor.doc, 'c0', 'alpha, ours');
    await editor.acknowledged();
    await server.put(path, notebookOf('theirs, alpha', 'beta', 'gamma'));
    await editor.sees((doc) => sources(doc).length === 3);
    expect(sources(editor.doc)).toEqual(['theirs, alpha, ours', 'beta', 'gamma']);
    await reach('synced');
    expect((await server.read(path)).cells.map(({ source }) => source)).toEqual([
      'theirs, alpha, ours',
      'beta',
      'gamma',
    ]);
    editor.close();
  });

  test('a change made while no server ran is merged at the next opening, ours kept', async () => {
    edit('c0', 'alpha, ours');
    await again(async () => {
      const file = await server.read(path);
      const [first, ...others] = file.cells;
      if (first) await server.put(path, { ...file, cells: [{ ...first, source: 'theirs alpha, ours' }, ...others] });
    });
    expect(sources(open.doc)).toEqual(['theirs alpha, ours', 'beta']);
  });

  test('a file that other programs gave new ids is still the same notebook', async () => {
    const cell = cellsOf(open.doc).get('c0');
    const file = notebookOf('alpha', 'beta, changed');
    await server.put(path, { ...file, cells: file.cells.map((one) => ({ ...one, id: `x-${one.id}` })) });
    await changed(open.doc, () => sources(open.doc)[1] === 'beta, changed');
    expect(cellOrder(open.doc)).toEqual(['c0', 'c1']);
    expect(cellsOf(open.doc).get('c0')).toBe(cell);
  });

  test('a document is never filled twice: a deleted cell stays deleted', async () => {
    deleteCell(open.doc, 'c0');
    await again(async () => {});
    expect(sources(open.doc)).toEqual(['beta']);
  });

  test('a crash between writing the file and noting it does not double the text', async () => {
    edit('c0', 'alpha, edited');
    await server.documents.flush();
    const { bases } = server.notebooks;
    const text = serialiseNotebook(readDocument(open.doc));
    const file = await server.notebooks.folder.read(path);
    // As it is in that moment: the old base confirmed, the new one only planned, the file written.
    const old = serialiseNotebook(notebookOf('alpha', 'beta'));
    await again(async () => {
      await bases.confirm(id, { hash: 'old', text: old });
      await bases.plan(id, { hash: file?.hash ?? '', text });
    });
    expect(sources(open.doc)).toEqual(['alpha, edited', 'beta']);
  });

  test('a file that becomes broken is not written over; valid again, it is merged', async () => {
    await server.put(path, '{"cells": [\n<<<<<<< HEAD');
    const broken = await reach('broken');
    expect(broken.message).toBe(
      `${path}: line 2, column 1: expected a value but found "<". The file holds the marks of a merge conflict: resolve it and save the file. Until then it is not written over.`,
    );
    edit('c0', 'alpha, meanwhile');
    await server.documents.flush();
    expect(await readFile(full(), 'utf8')).toBe('{"cells": [\n<<<<<<< HEAD');
    await server.put(path, notebookOf('alpha', 'beta, repaired'));
    await reach('synced');
    expect((await server.read(path)).cells.map(({ source }) => source)).toEqual(['alpha, meanwhile', 'beta, repaired']);
  });

  test('an unknown cell type is named', async () => {
    await server.put(
      path,
      JSON.stringify({ nbformat: 4, nbformat_minor: 5, cells: [{ cell_type: 'widget', source: '' }] }),
    );
    const { message } = await reach('broken');
    expect(message).toContain('cells[0].cell_type is "widget"; expected code, markdown or raw');
    expect((await server.notebooks.list()).find((one) => one.path === path)?.problem).toContain('cells[0].cell_type');
  });

  test('a broken file can be written over when a person says so', async () => {
    await server.put(path, 'no');
    await reach('broken');
    await server.documents.restoreFile(id);
    expect(server.documents.fileState(id)).toMatchObject({ state: 'synced', message: null });
    expect((await server.read(path)).cells.map(({ source }) => source)).toEqual(['alpha', 'beta']);
  });

  test('a file deleted while open is missing, not made again, until someone restores it', async () => {
    await rm(full());
    const missing = await reach('missing');
    expect(missing.message).toContain(`${path} was deleted or moved`);
    edit('c0', 'alpha, kept');
    await server.documents.flush();
    expect(await readdir(server.folder)).toEqual([]);
    await server.documents.restoreFile(id);
    expect((await server.read(path)).cells.map(({ source }) => source)).toEqual(['alpha, kept', 'beta']);
    expect(server.documents.fileState(id).state).toBe('synced');
  });

  test('a file that is moved while it is edited goes on at its new place', async () => {
    edit('c0', 'alpha, before');
    await server.documents.move(id, 'moved.ipynb');
    edit('c1', 'beta, after');
    await open.saved();
    // Whoever watches the folder may look in the middle of the move; what could not be written then is written after.
    await reach('synced');
    expect((await server.read('moved.ipynb')).cells.map(({ source }) => source)).toEqual([
      'alpha, before',
      'beta, after',
    ]);
    await expect(readFile(full())).rejects.toMatchObject({ code: 'ENOENT' });
    expect(server.documents.fileState(id)).toMatchObject({ path: 'moved.ipynb', state: 'synced' });
  });

  test('a deleted file that comes back is merged', async () => {
    await rm(full());
    await reach('missing');
    edit('c0', 'alpha, kept');
    await server.put(path, notebookOf('alpha', 'beta, back'));
    await reach('synced');
    expect((await server.read(path)).cells.map(({ source }) => source)).toEqual(['alpha, kept', 'beta, back']);
  });

  test('a file that cannot be written is said, edits are kept, and it is written when it can be', async () => {
    // A folder in the file's place stops even a process that no permission binds.
    await rename(full(), `${full()}.aside`);
    await mkdir(full());
    edit('c0', 'alpha, kept');
    const { message } = await reach('unwritable');
    expect(message).toContain(`${path} cannot be written: EISDIR`);
    await expect(server.documents.restoreFile(id)).rejects.toThrow('cannot be written');
    await rm(full(), { recursive: true });
    await rename(`${full()}.aside`, full());
    await reach('synced');
    expect((await server.read(path)).cells.map(({ source }) => source)).toEqual(['alpha, kept', 'beta']);
  });

  test('changes of the state are told to those who watch the notebook', async () => {
    await rm(full());
    await reach('missing');
    await server.documents.restoreFile(id);
    const told = server.sent.flatMap(({ topic, event, payload }) =>
      topic === `notebook:${id}` && event === 'file' ? [payload] : [],
    );
    expect(told).toMatchObject([{ notebook: id, file: { state: 'missing' } }, { file: { state: 'synced', path } }]);
  });

  test('a new cell and its order reach the file; a big text does too', async () => {
    insertCells(open.doc, [{ id: 'big', type: 'raw', source: 'line\n'.repeat(50_000) }], 'c0');
    await server.documents.flush();
    const { cells } = await server.read(path);
    expect(cells.map(({ id: cell }) => cell)).toEqual(['c0', 'big', 'c1']);
    const big = cellsOf(open.doc).get('big');
    expect(cells[1]?.source).toBe(big ? sourceOf(big).toString() : '');
  });
});
