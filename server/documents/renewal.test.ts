import { once } from 'node:events';
import {
  cellOrder,
  cellsOf,
  deleteCell,
  insertCells,
  moveCell,
  setCellType,
  sourceOf,
} from '@trialroom/shared/notebook/document';
import { fillDocument, readDocument } from '@trialroom/shared/notebook/transfer';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { AnnotationRow } from '../annotations/entities.ts';
import { keepPlaces } from '../annotations/renewal.ts';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { authorsFrom, renewDocument } from './renewal.ts';
import { createDocumentStore, DocumentReplaced } from './store.ts';
import { connectEditor, type Editor, notebookOf, startDocuments, type TestServer } from './testing.ts';

const cellText = (doc: Y.Doc, id: string): Y.Text => {
  const cell = cellsOf(doc).get(id);
  if (!cell) throw new Error(`no cell ${id}`);
  return sourceOf(cell);
};

test('a renewed document says the same, and every character keeps its author', () => {
  const edit = fc.record({ who: fc.nat(2), cell: fc.nat(3), at: fc.nat(30), text: fc.string(), cut: fc.nat(5) });
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 60 }), (edits) => {
      const doc = new Y.Doc();
      fillDocument(doc, notebookOf('one', 'two', 'three', 'four'));
      const people = new Map([11, 22, 33].map((client) => [client, `person ${client}`]));
      for (const { who, cell, at, text, cut } of edits) {
        doc.clientID = [11, 22, 33][who] ?? 11;
        const source = cellText(doc, `c${cell}`);
        source.insert(Math.min(at, source.length), text);
        source.delete(0, Math.min(cut, source.length));
        moveCell(doc, `c${cell}`, cellOrder(doc).filter((id) => id !== `c${cell}`)[at % 3] ?? null);
      }
      const authorOf = authorsFrom(people, []);
      const { doc: renewed, authors } = renewDocument(doc, authorOf);
      expect(readDocument(renewed)).toEqual(readDocument(doc));
      const after = authorsFrom(new Map(authors.map(({ client, person }) => [client, person])), []);
      for (const id of cellOrder(doc)) {
        expect(writersOf(cellText(renewed, id), after)).toEqual(writersOf(cellText(doc, id), authorOf));
      }
    }),
    { numRuns: 100 },
  );
});

function writersOf(text: Y.Text, authorOf: (client: number, clock: number) => string | null): (string | null)[] {
  const writers: (string | null)[] = [];
  for (let item = text._start; item; item = item.right) {
    if (item.deleted || !(item.content instanceof Y.ContentString)) continue;
    for (let at = 0; at < item.length; at++) writers.push(authorOf(item.id.client, item.id.clock + at));
  }
  return writers;
}

test('text that came back stays with who wrote it first', () => {
  const authorOf = authorsFrom(
    new Map([
      [1, 'Ada'],
      [2, 'Ben'],
    ]),
    [{ client: 2, clock: 5, length: 3, fromClient: 1, fromClock: 0 }],
  );
  expect([4, 5, 7, 8].map((clock) => authorOf(2, clock))).toEqual(['Ben', 'Ada', 'Ada', 'Ben']);
});

describe.each(testDatabases())('growth on $name', (kind) => {
  let database: Database;
  let server: TestServer;
  let files = 0;
  const store = () => createDocumentStore(database);

  beforeAll(async () => {
    database = await kind.open();
    server = await startDocuments({ database });
    server.documents.onRenew(keepPlaces);
  });
  afterAll(async () => {
    await server.close();
    await database.close();
  });

  /** A new notebook, worn by edits, insertions, deletions and moves without end. */
  const worn = async (rounds: number): Promise<{ id: string; path: string; before: unknown }> => {
    const path = `worn-${++files}.ipynb`;
    await server.put(path, notebookOf(...Array.from({ length: 40 }, (_, index) => `const cell${index} = ${index};`)));
    const id = await server.id(path);
    const open = await server.documents.open(id);
    const { doc } = open;
    for (let round = 0; round < rounds; round++) {
      // As updates of one turn each, so that the server stores what people would send.
      doc.transact(() => {
        const text = cellText(doc, `c${round % 40}`);
        text.insert((round * 7) % (text.length + 1), `${round}`);
        text.delete((round * 13) % 8, Math.min(`${round}`.length, 6));
        insertCells(doc, [{ id: `new${round}`, type: 'markdown', source: `passing ${round}` }], `c${round % 40}`);
        deleteCell(doc, `new${round}`);
        moveCell(doc, `c${round % 40}`, `c${(round * 3 + 1) % 40}`);
        setCellType(doc, `c${(round * 5) % 40}`, round % 2 ? 'code' : 'markdown');
      });
      if (text40(doc) > 4000) for (let cell = 0; cell < 40; cell++) cellText(doc, `c${cell}`).delete(20, 1e6);
    }
    const before = readDocument(doc);
    await open.stored();
    open.release();
    return { id, path, before };
  };
  const text40 = (doc: Y.Doc): number => cellText(doc, 'c7').length * 40;

  /** Resolves once nobody is in the document any more and it has been made anew. */
  const renewed = (id: string, generation: number): Promise<void> =>
    expect.poll(async () => (await store().load(id))?.generation, { timeout: 20_000 }).not.toBe(generation);

  test('stored size stays within three times of what a new document with the same cells takes', async () => {
    const { id, before } = await worn(4_000);
    const old = await store().load(id);
    await renewed(id, old?.generation ?? 0);
    const stored = await store().load(id);
    const fresh = new Y.Doc();
    fillDocument(fresh, before as ReturnType<typeof readDocument>);
    const size = (stored?.size.snapshot ?? 0) + (stored?.size.pending ?? 0);
    expect(size).toBeLessThanOrEqual(3 * Y.encodeStateAsUpdate(fresh).byteLength);
    const again = await server.documents.open(id);
    expect(readDocument(again.doc)).toEqual(before);
    again.release();
  }, 240_000);

  test('a thread on a range of text stays on it', async () => {
    const path = 'pinned.ipynb';
    await server.put(path, notebookOf('the quick brown fox'));
    const id = await server.id(path);
    const open = await server.documents.open(id);
    const { doc } = open;
    const text = cellText(doc, 'c0');
    const at = (index: number): string =>
      Buffer.from(Y.encodeRelativePosition(Y.createRelativePositionFromTypeIndex(text, index))).toString('base64');
    const target = { kind: 'text', cell: 'c0', start: at(4), end: at(9), quote: 'quick' };
    await database.em().insert(AnnotationRow, {
      id: 'thread',
      ...{ kind: 'notebook', subject: id, number: 1 },
      target: JSON.stringify(target),
      createdAt: 1,
      revision: 0,
      resolvedBy: null,
      resolvedAt: null,
    });
    for (let round = 0; round < 3_000; round++) {
      moveCell(doc, 'c0', null);
      setCellType(doc, 'c0', round % 2 ? 'code' : 'raw');
    }
    text.insert(0, '>> ');
    const old = await store().load(id);
    await open.stored();
    open.release();
    await renewed(id, old?.generation ?? 0);
    const row = await database.em().findOneOrFail(AnnotationRow, { id: 'thread' });
    const after = await server.documents.open(id);
    const kept = JSON.parse(row.target);
    const places = [kept.start, kept.end].map((place: string) => {
      const found = Y.createAbsolutePositionFromRelativePosition(
        Y.decodeRelativePosition(Buffer.from(place, 'base64')),
        after.doc,
      );
      return found?.index ?? -1;
    });
    expect(
      cellText(after.doc, 'c0')
        .toString()
        .slice(...places),
    ).toBe('quick');
    after.release();
  }, 240_000);

  test('a copy of the old document is turned away and duplicates nothing; nothing more is stored into it', async () => {
    const path = `stale-${++files}.ipynb`;
    await server.put(path, notebookOf('one', 'two'));
    const id = await server.id(path);
    const away = new Y.Doc();
    const first = connectEditor(server.url, id, await server.token('editor'), away);
    await first.synced();
    const stale = Y.encodeStateAsUpdate(away);
    const generation = (await store().load(id))?.generation ?? 0;
    for (let round = 0; round < 3_000; round++) {
      moveCell(first.doc, 'c0', round % 2 ? 'c1' : null);
      setCellType(first.doc, 'c0', round % 2 ? 'code' : 'raw');
    }
    await first.acknowledged();
    first.close();
    await renewed(id, generation);
    await expect(store().append(id, stale, generation)).rejects.toThrow(DocumentReplaced);

    const back = new Y.Doc();
    Y.applyUpdate(back, stale);
    insertCells(back, [{ id: 'c2', type: 'code', source: 'written away' }], 'c1');
    const second = connectEditor(server.url, id, await server.token('editor'), back);
    const closed = await closing(second);
    expect(closed).toMatchObject({ code: 4409 });
    second.close();
    const now = await server.documents.open(id);
    expect(cellOrder(now.doc).sort()).toEqual(['c0', 'c1']);
    now.release();
  }, 240_000);

  test('a document that was filled twice from one file is not merged with itself', async () => {
    const path = `twice-${++files}.ipynb`;
    await server.put(path, notebookOf('one', 'two'));
    const id = await server.id(path);
    const mine = new Y.Doc();
    fillDocument(mine, notebookOf('one', 'two'));
    const editor = connectEditor(server.url, id, await server.token('editor'), mine);
    const closed = await closing(editor);
    expect(closed).toMatchObject({ code: 4409 });
    editor.close();
    expect((await server.read(path)).cells.map(({ source }) => source)).toEqual(['one', 'two']);
  });

  test('updates of someone who never said what they have are not taken', async () => {
    const path = `mute-${++files}.ipynb`;
    await server.put(path, notebookOf('one'));
    const id = await server.id(path);
    const socket = new WebSocket(`${server.url}/${id}`, {
      headers: { authorization: `Bearer ${await server.token('editor')}` },
    });
    await once(socket, 'open');
    const doc = new Y.Doc();
    fillDocument(doc, notebookOf('another'));
    const update = Y.encodeStateAsUpdate(doc);
    socket.send(new Uint8Array([0, 2, ...varUint(update.length), ...update]));
    const [code] = await once(socket, 'close');
    expect(code).toBe(1007);
  });
});

function varUint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varUint(value >>> 7)];
}

/** Resolves when the server has closed the editor for good. */
const closing = (editor: Editor): Promise<{ code: number; reason: string }> =>
  new Promise((resolve) => editor.provider.once('closed', resolve));
