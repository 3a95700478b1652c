import { cellOrder, cellsOf, deleteCell, insertCells, setSource, sourceOf } from '@trialroom/shared/notebook/document';
import { newNotebook } from '@trialroom/shared/notebook/format';
import { fillDocument, readDocument } from '@trialroom/shared/notebook/transfer';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { adoptDraft } from './drafts.ts';

const seeded = (...sources: string[]): Y.Doc => {
  const doc = new Y.Doc();
  const cells = sources.map((source, index) => ({
    ...{ id: `c${index}`, cell_type: 'code' as const, source, metadata: {}, outputs: [], execution_count: null },
  }));
  fillDocument(doc, { ...newNotebook(), cells });
  return doc;
};
const copyOf = (doc: Y.Doc): Y.Doc => {
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
  return copy;
};
const texts = (doc: Y.Doc): string[] => readDocument(doc).cells.map(({ source }) => source);

/** What a page without a connection keeps of what it does to the document. */
function draftOf(doc: Y.Doc, edit: (doc: Y.Doc) => void): { base: Uint8Array; edits: Uint8Array } {
  const page = copyOf(doc);
  const base = Y.encodeStateAsUpdate(page);
  const vector = Y.encodeStateVector(page);
  edit(page);
  return { base, edits: Y.encodeStateAsUpdate(page, vector) };
}

const away = (doc: Y.Doc): void => {
  setSource(doc, 'c0', 'one, away');
  insertCells(doc, [{ id: 'mine', type: 'code', source: 'mine' }], 'c0');
  deleteCell(doc, 'c2');
};

test('a draft merges with what others did meanwhile, and once', () => {
  const server = seeded('one', 'two', 'three');
  const draft = draftOf(server, away);
  setSource(server, 'c0', 'ONE: one');
  insertCells(server, [{ id: 'theirs', type: 'code', source: 'theirs' }], 'c1');
  const page = copyOf(server);
  adoptDraft(page, draft, 'draft');
  adoptDraft(page, draft, 'draft');
  expect(texts(page)).toEqual(['ONE: one, away', 'mine', 'two', 'theirs']);
  expect(cellOrder(page)).toEqual(['c0', 'mine', 'c1', 'theirs']);
});

test('a draft of a document that was made anew since merges as text, and duplicates no cell', () => {
  const draft = draftOf(seeded('one', 'two', 'three'), away);
  const renewed = seeded('ONE: one', 'two', 'three');
  adoptDraft(renewed, draft, 'draft');
  adoptDraft(renewed, draft, 'draft');
  expect(texts(renewed)).toEqual(['ONE: one, away', 'mine', 'two']);
  expect([...cellsOf(renewed).keys()].sort()).toEqual(['c0', 'c1', 'mine']);
});

test('a draft that the server has already changes nothing', () => {
  const server = seeded('one');
  const draft = draftOf(server, (doc) => setSource(doc, 'c0', 'two'));
  adoptDraft(server, draft, 'draft');
  const before = Y.encodeStateAsUpdate(server);
  let told = 0;
  server.on('update', () => told++);
  adoptDraft(server, draft, 'draft');
  expect(told).toBe(0);
  expect(Y.encodeStateAsUpdate(server)).toEqual(before);
  expect(sourceOf(cellsOf(server).get('c0') ?? new Y.Map()).toString()).toBe('two');
});
