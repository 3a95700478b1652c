import {
  cellMetadataOf,
  cellOrder,
  cellsOf,
  deleteCell,
  insertCells,
  moveCell,
  setCellType,
  sourceOf,
} from '@trialroom/shared/notebook/document';
import { beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { watchCells } from './cell-watch.ts';

let doc: Y.Doc;
let said: string[];
let stop: () => void;

const cellNamed = (id: string) => {
  const cell = cellsOf(doc).get(id);
  if (!cell) throw new Error(`no cell ${id}`);
  return cell;
};

beforeEach(() => {
  doc = new Y.Doc();
  said = [];
  insertCells(
    doc,
    ['a', 'b', 'c'].map((id) => ({ id, type: 'code' as const, source: `// ${id}` })),
    null,
  );
  stop = watchCells(doc, {
    order: (ids) => said.push(`order ${ids.join('')}`),
    type: (id, type) => said.push(`type ${id} ${type}`),
    metadata: (id) => said.push(`metadata ${id}`),
    replaced: (id) => said.push(`replaced ${id}`),
  });
});

describe('watchCells', () => {
  it('says nothing of a keystroke', () => {
    sourceOf(cellNamed('b')).insert(0, 'x');
    expect(said).toEqual([]);
  });

  it('says the new order once, for one change or many', () => {
    moveCell(doc, 'c', null);
    expect(said).toEqual(['order cab']);
    doc.transact(() => {
      deleteCell(doc, 'a');
      insertCells(doc, [{ id: 'd', type: 'markdown', source: '' }], 'b');
    });
    expect(said).toEqual(['order cab', 'order cbd']);
  });

  it('stays silent when a move leaves everything in its place', () => {
    moveCell(doc, 'b', 'a');
    expect(said).toEqual([]);
  });

  it('names the one cell whose kind or metadata changed', () => {
    setCellType(doc, 'b', 'markdown');
    cellMetadataOf(cellNamed('c')).set('tags', ['parameters']);
    expect(said).toEqual(['type b markdown', 'metadata c']);
  });

  it('says when an id stands for another object', () => {
    doc.transact(() => {
      deleteCell(doc, 'b');
      insertCells(doc, [{ id: 'b', type: 'code', source: 'again' }], 'a');
    });
    expect(said).toEqual(['replaced b']);
  });

  it('hears of changes made elsewhere', () => {
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    insertCells(other, [{ id: 'z', type: 'code', source: '' }], 'c');
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
    expect(said).toEqual(['order abcz']);
    expect(cellOrder(doc)).toEqual(['a', 'b', 'c', 'z']);
  });

  it('is silent after it was ended', () => {
    stop();
    deleteCell(doc, 'a');
    expect(said).toEqual([]);
  });
});
