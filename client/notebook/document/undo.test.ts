import { deleteCells, mergeCells } from '@trialroom/shared/notebook/cell-edits';
import { cellOrder, cellsOf, insertCells, setCellType, sourceOf } from '@trialroom/shared/notebook/document';
import { beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createUndo } from './undo.ts';

const MINE = Symbol('mine');
let doc: Y.Doc;
let undo: Y.UndoManager;
let shown: string[][];

const text = (id: string): Y.Text => {
  const cell = cellsOf(doc).get(id);
  if (!cell) throw new Error(`no cell ${id}`);
  return sourceOf(cell);
};
const write = (id: string, at: number, what: string): void => doc.transact(() => text(id).insert(at, what), MINE);
const others = (change: (other: Y.Doc) => void): void => {
  const other = new Y.Doc();
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
  change(other);
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
};

beforeEach(() => {
  doc = new Y.Doc();
  insertCells(doc, [{ id: 'a', type: 'code', source: 'one' }], null);
  shown = [];
  undo = createUndo(doc, [MINE], (cells) => shown.push([...cells]));
});

describe('undo', () => {
  it('says which cells it has changed', () => {
    insertCells(doc, [{ id: 'b', type: 'code', source: '' }], 'a', MINE);
    undo.stopCapturing();
    write('a', 0, 'x');
    undo.undo();
    expect(shown).toEqual([['a']]);
    undo.undo();
    expect(shown[1]).toEqual(['b']);
    undo.redo();
    expect(shown[2]).toContain('b');
  });

  it('keeps a cell of mine that somebody else has written in, with what they wrote', () => {
    insertCells(doc, [{ id: 'b', type: 'markdown', source: 'mine ' }], 'a', MINE);
    others((other) => sourceOf(cellsOf(other).get('b') ?? new Y.Map()).insert(5, 'theirs'));
    undo.undo();
    expect(cellOrder(doc)).toEqual(['a', 'b']);
    expect(text('b').toString()).toBe('theirs');
    expect(cellsOf(doc).get('b')?.get('type')).toBe('markdown');
  });

  it('takes a cell of mine away that only I have written in', () => {
    insertCells(doc, [{ id: 'b', type: 'code', source: 'mine' }], 'a', MINE);
    others((other) => setCellType(other, 'a', 'raw'));
    undo.undo();
    expect(cellOrder(doc)).toEqual(['a']);
  });

  it('takes back my words from among those of others, and no others', () => {
    write('a', 3, ' mine');
    others((other) => sourceOf(cellsOf(other).get('a') ?? new Y.Map()).insert(4, 'theirs '));
    undo.undo();
    expect(text('a').toString()).toContain('one');
    expect(text('a').toString()).toContain('theirs');
    expect(text('a').toString()).not.toContain('mine');
  });

  it('parts what was merged, though others have written in it since', () => {
    insertCells(doc, [{ id: 'b', type: 'code', source: 'two' }], 'a');
    mergeCells(doc, ['a', 'b'], MINE);
    others((other) => sourceOf(cellsOf(other).get('a') ?? new Y.Map()).insert(0, '// theirs\n'));
    undo.undo();
    expect(cellOrder(doc)).toEqual(['a', 'b']);
    expect([text('a').toString(), text('b').toString()]).toEqual(['// theirs\none', 'two']);
    deleteCells(doc, ['b'], MINE);
    undo.undo();
    expect(text('b').toString()).toBe('two');
  });
});
