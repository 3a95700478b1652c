import { mergeCells, splitCell } from '@trialroom/shared/notebook/cell-edits';
import { cellsOf, deleteCell, insertCells, sourceOf } from '@trialroom/shared/notebook/document';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { type WriterNotes, Writers } from './writers.ts';

/** A server's document, and people whose updates reach it. */
function workshop() {
  const server = new Y.Doc();
  insertCells(server, [{ id: 'c', type: 'code', source: '' }], null);
  const writers = new Writers(server);
  const all: WriterNotes = { authors: [], returned: [], deleted: [], moved: [], joined: [] };
  const person = (name: string) => {
    const doc = new Y.Doc();
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(server));
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== server) Y.applyUpdate(server, update, name);
    });
    server.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== name) Y.applyUpdate(doc, update, server);
    });
    return doc;
  };
  server.on('update', (update: Uint8Array, origin: unknown) => {
    const notes = writers.take(update, typeof origin === 'string' ? origin : null);
    all.authors.push(...notes.authors);
    all.returned.push(...notes.returned);
    all.deleted.push(...notes.deleted);
    all.moved.push(...notes.moved);
    all.joined.push(...notes.joined);
  });
  return { all, person };
}

const textOf = (doc: Y.Doc): Y.Text => {
  const cell = cellsOf(doc).get('c');
  if (!cell) throw new Error('no cell');
  return sourceOf(cell);
};

test('a client id is noted once, with whoever wrote first under it', () => {
  const { all, person } = workshop();
  const [ada, ben] = [person('ada'), person('ben')];
  textOf(ada).insert(0, 'a');
  textOf(ben).insert(1, 'b');
  textOf(ada).insert(0, 'c');
  textOf(ben).delete(0, 1);
  expect(all.authors).toEqual([
    { client: ada.clientID, person: 'ada' },
    { client: ben.clientID, person: 'ben' },
  ]);
});

test('what an undo brings back is known to be what it was, piece by piece', () => {
  const { all, person } = workshop();
  const [ada, ben] = [person('ada'), person('ben')];
  textOf(ada).insert(0, 'written by ada');
  const undo = new Y.UndoManager(cellsOf(ben), { captureTimeout: 10_000 });
  // Backspaces, one character at a time, as people delete.
  for (const at of [6, 5, 4, 3]) textOf(ben).delete(at, 1);
  undo.undo();
  expect(textOf(ada).toString()).toBe('written by ada');
  const clocks = all.returned.flatMap(({ fromClock, length }) =>
    Array.from({ length }, (_, index) => fromClock + index),
  );
  expect(clocks.sort((a, b) => a - b)).toHaveLength(4);
  expect(all.returned.every(({ client, fromClient }) => client === ben.clientID && fromClient === ada.clientID)).toBe(
    true,
  );
  // Typing something else where text was deleted is not a return.
  const before = all.returned.length;
  textOf(ben).delete(0, 7);
  textOf(ben).insert(0, 'another');
  expect(all.returned).toHaveLength(before);
});

test('a cell that is deleted and brought back keeps whose text it was', () => {
  const { all, person } = workshop();
  const [ada, ben] = [person('ada'), person('ben')];
  textOf(ada).insert(0, 'one\n');
  textOf(ada).insert(4, 'two');
  const undo = new Y.UndoManager(cellsOf(ben));
  deleteCell(ben, 'c');
  undo.undo();
  expect(textOf(ada).toString()).toBe('one\ntwo');
  expect(all.returned.reduce((sum, { length }) => sum + length, 0)).toBe(7);
  expect(all.returned.every(({ fromClient }) => fromClient === ada.clientID)).toBe(true);
  // And when it is made anew with the same words.
  all.returned.length = 0;
  deleteCell(ben, 'c');
  insertCells(ben, [{ id: 'c', type: 'code', source: 'one\ntwo' }], null);
  expect(all.returned.reduce((sum, { length }) => sum + length, 0)).toBe(7);
});

test('text that a split or a join takes to another cell keeps whose it was', () => {
  const { all, person } = workshop();
  const [ada, ben] = [person('ada'), person('ben')];
  textOf(ada).insert(0, 'above\nbelow');
  splitCell(ben, 'c', [6], () => 'd');
  expect(all.moved).toEqual([
    { cell: 'd', client: ben.clientID, clock: expect.any(Number), length: 5, fromClient: ada.clientID, fromClock: 6 },
  ]);
  const [moved] = all.moved;
  expect(all.returned).toEqual([{ ...moved, cell: undefined }]);
  mergeCells(ben, ['c', 'd']);
  expect(all.joined).toEqual([{ cell: 'd', into: 'c' }]);
  expect(all.moved.at(-1)).toMatchObject({ cell: 'c', length: 5, fromClient: ben.clientID, fromClock: moved?.clock });
});

test('who only took something away is noted', () => {
  const { all, person } = workshop();
  const [ada, ben] = [person('ada'), person('ben')];
  textOf(ada).insert(0, 'a word');
  expect(all.deleted).toEqual([]);
  textOf(ben).delete(0, 2);
  deleteCell(ben, 'c');
  expect(all.deleted.map((one) => one.person)).toEqual(['ben', 'ben']);
});
