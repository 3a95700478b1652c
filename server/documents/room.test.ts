import { once } from 'node:events';
import { cellOrder, cellsOf, deleteCell, insertCells, setSource, sourceOf } from '@trialroom/shared/notebook/document';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { createHub } from '../live/socket-hub.ts';
import { createDocumentStore, type DocumentStore } from './store.ts';
import { connectEditor, type Editor, notebookOf, startDocuments, type TestServer } from './testing.ts';

const text = (doc: Y.Doc, cell: string): string => {
  const found = cellsOf(doc).get(cell);
  return found ? sourceOf(found).toString() : '';
};

describe.each(testDatabases())('rooms on $name', (kind) => {
  let database: Database;
  let server: TestServer;
  let editors: Editor[] = [];
  let store: DocumentStore;
  let broken = false;
  // One database for all tests here, and a file of its own for each.
  let files = 0;
  let path = '';

  beforeAll(async () => {
    database = await kind.open();
  });
  afterAll(() => database.close());

  beforeEach(async () => {
    path = `${++files}.ipynb`;
    broken = false;
    const real = createDocumentStore(database);
    store = {
      ...real,
      append: async (...parts) => {
        if (broken) throw new Error('the disk is full');
        await real.append(...parts);
      },
    };
    server = await startDocuments({ database, store });
    await server.put(path, notebookOf('one', 'two'));
  });

  afterEach(async () => {
    for (const editor of editors) editor.close();
    editors = [];
    await server.close();
  });

  const join = async (role: 'viewer' | 'editor'): Promise<Editor> => {
    const editor = connectEditor(server.url, await server.id(path), await server.token(role));
    editors.push(editor);
    await editor.synced();
    return editor;
  };

  test('two people edit at once, and see each other', async () => {
    const [first, second] = [await join('editor'), await join('editor')];
    expect(cellOrder(first.doc)).toEqual(['c0', 'c1']);
    setSource(first.doc, 'c0', 'one, edited');
    insertCells(second.doc, [{ id: 'new', type: 'markdown', source: '# hi' }], 'c0');
    first.provider.awareness.setLocalStateField('user', { name: 'Ada' });
    await first.sees((doc) => cellsOf(doc).has('new'));
    await second.sees((doc) => text(doc, 'c0') === 'one, edited');
    await second.sees(() => second.provider.awareness.getStates().has(first.doc.clientID));
    expect(cellOrder(second.doc)).toEqual(['c0', 'new', 'c1']);
    first.close();
    await second.sees(() => !second.provider.awareness.getStates().has(first.doc.clientID));
  });

  test('what was acknowledged is there when the document is loaded anew', async () => {
    const editor = await join('editor');
    setSource(editor.doc, 'c0', 'kept');
    deleteCell(editor.doc, 'c1');
    await editor.acknowledged();
    const loaded = await store.load(await server.id(path));
    const doc = new Y.Doc();
    for (const update of loaded?.updates ?? []) Y.applyUpdate(doc, update);
    expect([cellOrder(doc), text(doc, 'c0')]).toEqual([['c0'], 'kept']);
    expect(Y.decodeStateVector(editor.saved.vector).get(editor.doc.clientID)).toBe(
      Y.decodeStateVector(Y.encodeStateVector(editor.doc)).get(editor.doc.clientID),
    );
  });

  test('while the store fails others see the edit, nothing is acknowledged, and nothing is lost', async () => {
    const [first, second] = [await join('editor'), await join('editor')];
    await first.acknowledged();
    const before = first.saved.count;
    broken = true;
    setSource(first.doc, 'c0', 'not yet safe');
    await second.sees((doc) => text(doc, 'c0') === 'not yet safe');
    await expect(server.documents.flush()).rejects.toThrow('the database does not take the edits');
    expect(first.saved.count).toBe(before);
    expect(await server.read(path)).toMatchObject({ cells: [{ source: 'one' }, { source: 'two' }] });
    broken = false;
    await first.acknowledged();
    expect(first.saved.count).toBe(before + 1);
    const loaded = await store.load(await server.id(path));
    const doc = new Y.Doc();
    for (const update of loaded?.updates ?? []) Y.applyUpdate(doc, update);
    expect(text(doc, 'c0')).toBe('not yet safe');
  });

  test("a viewer's edits are not applied, and the viewer is told", async () => {
    const [viewer, editor] = [await join('viewer'), await join('editor')];
    setSource(viewer.doc, 'c0', 'mischief');
    deleteCell(viewer.doc, 'c1');
    await viewer.sees(() => viewer.refusals.length > 0);
    expect(viewer.refusals[0]).toBe('as viewer you may read this notebook but not change it');
    setSource(editor.doc, 'c1', 'two, edited');
    await viewer.sees((doc) => cellOrder(doc).length === 1);
    await editor.acknowledged();
    expect([text(editor.doc, 'c0'), text(editor.doc, 'c1')]).toEqual(['one', 'two, edited']);
    // Only the greeting, which brought nothing new.
    expect(viewer.saved.count).toBe(1);
    expect(viewer.sent).toBe(3);
  });

  test("nobody moves another person's cursor", async () => {
    const [first, second, third] = [await join('editor'), await join('editor'), await join('editor')];
    first.provider.awareness.setLocalStateField('user', { name: 'Ada' });
    await second.sees(() => second.provider.awareness.getStates().has(first.doc.clientID));
    // The second speaks with the first's client number.
    second.provider.awareness.states.set(first.doc.clientID, { user: { name: 'Mallory' } });
    second.provider.awareness.meta.set(first.doc.clientID, { clock: 1000, lastUpdated: Date.now() });
    second.provider.awareness.emit('update', [{ added: [], updated: [first.doc.clientID], removed: [] }, 'local']);
    setSource(second.doc, 'c0', 'after');
    await third.sees((doc) => text(doc, 'c0') === 'after');
    expect(third.provider.awareness.getStates().get(first.doc.clientID)).toEqual({ user: { name: 'Ada' } });
  });

  test('messages sent before the document is loaded count', async () => {
    const socket = new WebSocket(`${server.url}/${await server.id(path)}`, {
      headers: { authorization: `Bearer ${await server.token('editor')}` },
    });
    socket.binaryType = 'arraybuffer';
    const answers: Uint8Array[] = [];
    const answered = new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        if (!(data instanceof ArrayBuffer)) return;
        answers.push(new Uint8Array(data));
        // Greeting (step 1) and the answer to ours (step 2).
        if (answers.length === 2) resolve();
      });
    });
    await once(socket, 'open');
    socket.send(new Uint8Array([0, 0, 1, 0]));
    await answered;
    expect(answers.map((answer) => [...answer.slice(0, 2)])).toEqual([
      [0, 0],
      [0, 1],
    ]);
    socket.terminate();
  });

  test.each([
    ['a stranger', 401, {}, true],
    ['a foreign page', 403, { origin: 'https://elsewhere.example' }, true],
    ['an unknown notebook', 404, {}, false],
  ])('%s is refused with %i', async (_who, status, headers, known) => {
    const token = await server.token('editor');
    const id = known ? await server.id(path) : 'nothing';
    const socket = new WebSocket(`${server.url}/${id}`, {
      headers: { ...headers, ...(status === 401 ? {} : { authorization: `Bearer ${token}` }) },
    });
    const [, reply] = await once(socket, 'unexpected-response');
    expect(reply.statusCode).toBe(status);
    socket.on('error', () => {});
    socket.terminate();
  });

  test('a message that is no message ends that connection only', async () => {
    const editor = await join('editor');
    const socket = new WebSocket(`${server.url}/${await server.id(path)}`, {
      headers: { authorization: `Bearer ${await server.token('editor')}` },
    });
    await once(socket, 'open');
    socket.send(new Uint8Array([0, 2, 5, 255, 255, 255, 255, 255]));
    const [code] = await once(socket, 'close');
    expect(code).toBe(1007);
    setSource(editor.doc, 'c0', 'still here');
    await editor.acknowledged();
  });

  test('a broken notebook says where it is broken and does not make the client try for ever', async () => {
    await server.put('bad.ipynb', '{"nbformat": 4,');
    const socket = new WebSocket(`${server.url}/${await server.id('bad.ipynb')}`, {
      headers: { authorization: `Bearer ${await server.token('editor')}` },
    });
    const [code, reason] = await once(socket, 'close');
    expect([code, String(reason)]).toEqual([4422, expect.stringContaining('bad.ipynb: line 1, column 16')]);
  });

  test('two servers that open a notebook for the first time at once have one content', async () => {
    const other = await startDocuments({ database, folder: server.folder });
    try {
      const id = await server.id(path);
      const [here, there] = await Promise.all([server.documents.open(id), other.documents.open(id)]);
      expect(Y.encodeStateAsUpdate(here.doc)).toEqual(Y.encodeStateAsUpdate(there.doc));
      expect(cellOrder(here.doc)).toEqual(['c0', 'c1']);
      here.release();
      there.release();
    } finally {
      await other.close();
    }
  });

  test('people on two servers edit one notebook; its file says what both wrote, once', async () => {
    const hub = await createHub({ log: pino({ level: 'silent' }) });
    const here = await startDocuments({ database, folder: server.folder, hub });
    const there = await startDocuments({ database, folder: server.folder, hub });
    try {
      const id = await here.id(path);
      const first = connectEditor(here.url, id, await here.token('editor'));
      const second = connectEditor(there.url, id, await there.token('editor'));
      editors.push(first, second);
      await Promise.all([first.synced(), second.synced()]);
      for (let round = 0; round < 5; round++) {
        setSource(first.doc, 'c0', `${text(first.doc, 'c0')} here${round}`);
        setSource(second.doc, 'c1', `${text(second.doc, 'c1')} there${round}`);
        await first.sees((doc) => text(doc, 'c1').endsWith(`there${round}`));
        await second.sees((doc) => text(doc, 'c0').endsWith(`here${round}`));
        await Promise.all([here.documents.flush(), there.documents.flush()]);
      }
      await Promise.all([first.acknowledged(), second.acknowledged()]);
      await here.documents.flush();
      await there.documents.flush();
      await here.documents.flush();
      const expected = ['one here0 here1 here2 here3 here4', 'two there0 there1 there2 there3 there4'];
      expect([text(first.doc, 'c0'), text(first.doc, 'c1')]).toEqual(expected);
      expect([text(second.doc, 'c0'), text(second.doc, 'c1')]).toEqual(expected);
      expect((await here.read(path)).cells.map(({ source }) => source)).toEqual(expected);
      expect([...here.errors, ...there.errors]).toEqual([]);
    } finally {
      await here.close();
      await there.close();
      await hub.close();
    }
  });

  test('what is stored stays within three times what lives, through growth and deletion', async () => {
    const id = await server.id(path);
    const { doc, release } = await server.documents.open(id);
    const ratio = async (): Promise<number> => {
      const loaded = await store.load(id);
      if (!loaded) throw new Error('nothing stored');
      return (loaded.size.snapshot + loaded.size.pending) / Y.encodeStateAsUpdate(doc).byteLength;
    };
    for (let round = 0; round < 120; round++) {
      for (let word = 0; word < 10; word++) {
        const cell = cellsOf(doc).get('c0');
        if (cell) sourceOf(cell).insert((round * 7) % (sourceOf(cell).length + 1), `word ${round}.${word} `);
      }
      await server.documents.flush();
      expect(await ratio()).toBeLessThanOrEqual(3);
    }
    setSource(doc, 'c0', '');
    release();
    await server.documents.close();
    expect(await ratio()).toBeLessThanOrEqual(3);
  });

  test('sessions hear of edited and deleted cells, from whoever', async () => {
    const heard: string[] = [];
    server.documents.onCellChange((_notebook, cell, change) => heard.push(`${cell} ${change}`));
    const editor = await join('editor');
    setSource(editor.doc, 'c0', 'x');
    deleteCell(editor.doc, 'c1');
    await editor.acknowledged();
    expect(heard).toEqual(['c0 edited', 'c1 deleted']);
  });
});
