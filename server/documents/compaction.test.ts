import { cellOrder, cellsOf, insertCells, sourceOf } from '@trialroom/shared/notebook/document';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { createDocumentStore } from './store.ts';
import { connectEditor, notebookOf, startDocuments, type TestServer } from './testing.ts';

const MB = 1024 * 1024;

describe.each(testDatabases())('a long history on $name', (kind) => {
  let database: Database;
  let server: TestServer;
  beforeAll(async () => {
    database = await kind.open();
    server = await startDocuments({ database });
  });
  afterAll(async () => {
    await server.close();
    await database.close();
  });

  test('28 MB of it are compacted while people edit; nothing acknowledged is lost, no cell is there twice', async () => {
    await server.put('long.ipynb', notebookOf('one', 'two'));
    const id = await server.id('long.ipynb');
    (await server.documents.open(id)).release();
    await server.documents.flush();
    const store = createDocumentStore(database);
    const first = await store.load(id);
    if (!first) throw new Error('nothing stored');
    // Someone pasted and deleted a megabyte, again and again.
    const doc = new Y.Doc();
    for (const update of first.updates) Y.applyUpdate(doc, update);
    const history: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => history.push(update));
    const cell = cellsOf(doc).get('c0');
    if (!cell) throw new Error('the first cell is gone');
    for (let round = 0; round < 28; round++) {
      sourceOf(cell).insert(0, String(round % 10).repeat(MB));
      sourceOf(cell).delete(0, MB);
    }
    for (const update of history) await store.append(id, update, first.generation);
    expect((await store.load(id))?.size.pending).toBeGreaterThan(28 * MB);

    const editors = [0, 1].map(async (number) => {
      const editor = connectEditor(server.url, id, await server.token('editor'));
      await editor.synced();
      for (let round = 0; round < 40; round++) {
        insertCells(editor.doc, [{ id: `e${number}-${round}`, type: 'code', source: `<${number}.${round}>` }], 'c0');
        await new Promise((turn) => setImmediate(turn));
        if (round % 10 === 0) await editor.acknowledged();
      }
      await editor.acknowledged();
      return editor;
    });
    const compacting = store.compact(id);
    const [here, there] = await Promise.all(editors);
    await compacting;
    await Promise.all([here, there].map((editor) => editor?.sees((one) => cellOrder(one).length === 82)));
    const loaded = await store.load(id);
    const stored = new Y.Doc();
    for (const update of loaded?.updates ?? []) Y.applyUpdate(stored, update);
    expect(cellOrder(stored)).toEqual(cellOrder(here?.doc ?? stored));
    expect(cellOrder(there?.doc ?? stored)).toEqual(cellOrder(here?.doc ?? stored));
    expect(new Set(cellOrder(stored)).size).toBe(82);
    expect((loaded?.size.snapshot ?? 0) + (loaded?.size.pending ?? 0)).toBeLessThan(MB);
    expect(server.errors).toEqual([]);
    here?.close();
    there?.close();
  }, 240_000);
});
