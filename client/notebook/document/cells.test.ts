import { attach, deleteCells, moveCells, setCellTypes, setHidden } from '@trialroom/shared/notebook/cell-edits';
import { cellOrder, cellsOf, insertCells, sourceOf } from '@trialroom/shared/notebook/document';
import { createRoot } from 'solid-js';
import { beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { type Cells, createCells, STRUCTURE } from './cells.ts';

let doc: Y.Doc;
let cells: Cells;

beforeEach(() => {
  doc = new Y.Doc();
  insertCells(
    doc,
    ['a', 'b', 'c'].map((id) => ({ id, type: 'code' as const, source: `// ${id}`, metadata: { tags: [`t-${id}`] } })),
    null,
  );
  cells = createRoot(() => createCells(doc));
});

const remote = (change: (other: Y.Doc) => void): void => {
  const other = new Y.Doc();
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
  change(other);
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
};

describe('createCells', () => {
  it('gives the cells that are there', () => {
    expect(cells.ids()).toEqual(['a', 'b', 'c']);
    expect(cells.get('b')?.text.toString()).toBe('// b');
    expect(cells.get('b')?.look().tags).toEqual(['t-b']);
    expect(cells.get('nobody')).toBeUndefined();
  });

  it('keeps the same order and the same cell through a keystroke', () => {
    const before = { ids: cells.ids(), cell: cells.get('b') };
    cells.get('b')?.text.insert(0, 'x');
    expect(cells.ids()).toBe(before.ids);
    expect(cells.get('b')).toBe(before.cell);
  });

  it('follows what is made, changed and moved', () => {
    const [id = ''] = cells.insert([{ type: 'markdown', source: '# Title' }], 'a');
    expect(cells.ids()).toEqual(['a', id, 'b', 'c']);
    expect(cells.get(id)?.type()).toBe('markdown');
    cells.change(() => setCellTypes(doc, [id], 'raw', STRUCTURE));
    expect(cells.get(id)?.type()).toBe('raw');
    setHidden(doc, [id, 'b'], 'outputs', true);
    expect(cells.get('b')?.look()).toMatchObject({ outputsHidden: true, sourceHidden: false, tags: ['t-b'] });
    attach(doc, id, 'x.png', { 'image/png': 'AA' });
    expect(cells.get(id)?.look().attachments).toEqual({ 'x.png': { 'image/png': 'AA' } });
    cells.change(() => moveCells(doc, [id], 'b', STRUCTURE));
    expect(cells.ids()).toEqual(['a', 'b', id, 'c']);
    cells.change(() => deleteCells(doc, [id], STRUCTURE));
    expect(cells.ids()).toEqual(['a', 'b', 'c']);
    expect(cells.get(id)).toBeUndefined();
  });

  it('undoes what was done here, step by step, and nothing of others', () => {
    const [id = ''] = cells.insert([{ type: 'code', source: 'mine' }], 'c');
    remote((other) => insertCells(other, [{ id: 'theirs', type: 'code', source: '' }], 'a'));
    cells.change(() => deleteCells(doc, ['b'], STRUCTURE));
    expect(cells.ids()).toEqual(['a', 'theirs', 'c', id]);
    cells.undo.undo();
    expect(cells.ids()).toEqual(['a', 'theirs', 'b', 'c', id]);
    expect(cells.get('b')?.text.toString()).toBe('// b');
    cells.undo.undo();
    expect(cells.ids()).toEqual(['a', 'theirs', 'b', 'c']);
    expect(cells.undo.undo()).toBeNull();
    expect(cells.ids()).toContain('theirs');
    cells.undo.redo();
    expect(cells.ids()).toEqual(['a', 'theirs', 'b', 'c', id]);
  });

  it('gives the new text when someone put another object under the id', () => {
    const old = cells.get('b')?.text;
    doc.transact(() => {
      cellsOf(doc).delete('b');
      insertCells(doc, [{ id: 'b', type: 'markdown', source: 'again' }], 'a');
    });
    expect(cells.get('b')?.text).not.toBe(old);
    expect(cells.get('b')?.text.toString()).toBe('again');
    expect(cells.get('b')?.type()).toBe('markdown');
  });

  it('undo brings a deleted cell back with the text others can go on writing', () => {
    cells.change(() => deleteCells(doc, ['b'], STRUCTURE));
    cells.undo.undo();
    remote((other) => {
      const cell = cellsOf(other).get('b');
      if (cell) sourceOf(cell).insert(0, 'more ');
    });
    expect(cells.get('b')?.text.toString()).toBe('more // b');
    expect(cellOrder(doc)).toEqual(['a', 'b', 'c']);
  });
});
