import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import {
  attach,
  attachmentsOf,
  deleteCells,
  isFolded,
  isHidden,
  mergeCells,
  moveCells,
  readCells,
  setCellTypes,
  setFolded,
  setHidden,
  splitCell,
} from './cell-edits.ts';
import { type CellSeed, cellExtraOf, cellMetadataOf, cellOrder, cellsOf, insertCells } from './document.ts';

let doc: Y.Doc;
const seeds: CellSeed[] = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, type: 'code', source: `${id}1\n${id}2` }));
const cellOf = (id: string): Y.Map<unknown> => {
  const cell = cellsOf(doc).get(id);
  if (!cell) throw new Error(`no cell ${id}`);
  return cell;
};
const sources = (): string[] => readCells(doc, cellOrder(doc)).map(({ source }) => source);
const named = (): (() => string) => {
  let count = 0;
  return () => `new-${++count}`;
};

beforeEach(() => {
  doc = new Y.Doc();
  insertCells(doc, seeds, null);
});

describe('moving cells', () => {
  it('puts them in their own order wherever they came from', () => {
    moveCells(doc, ['e', 'a', 'c'], 'd');
    expect(cellOrder(doc)).toEqual(['b', 'd', 'a', 'c', 'e']);
    moveCells(doc, ['c', 'e'], null);
    expect(cellOrder(doc)).toEqual(['c', 'e', 'b', 'd', 'a']);
  });

  it('does nothing when they would follow themselves', () => {
    moveCells(doc, ['a', 'b'], 'b');
    expect(cellOrder(doc)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('keeps every cell once, whoever moves what at the same time', () => {
    const ids = seeds.map(({ id }) => id);
    const move = fc.record({ ids: fc.subarray(ids, { minLength: 1 }), after: fc.constantFrom(null, ...ids) });
    fc.assert(
      fc.property(move, move, (mine, theirs) => {
        const [one, two] = [new Y.Doc(), new Y.Doc()];
        for (const each of [one, two]) Y.applyUpdate(each, Y.encodeStateAsUpdate(doc));
        moveCells(one, mine.ids, mine.after);
        moveCells(two, theirs.ids, theirs.after);
        Y.applyUpdate(one, Y.encodeStateAsUpdate(two));
        Y.applyUpdate(two, Y.encodeStateAsUpdate(one));
        expect(cellOrder(one)).toEqual(cellOrder(two));
        expect([...cellOrder(one)].sort()).toEqual(ids);
      }),
    );
  });
});

describe('splitting', () => {
  it('keeps the first part and its identity, and drops the line breaks at the cut', () => {
    expect(splitCell(doc, 'b', [2], named())).toEqual(['b', 'new-1']);
    expect(cellOrder(doc)).toEqual(['a', 'b', 'new-1', 'c', 'd', 'e']);
    expect(sources().slice(1, 3)).toEqual(['b1', 'b2']);
  });

  it('cuts at several places, in any order, once each', () => {
    setCellTypes(doc, ['b'], 'markdown');
    expect(splitCell(doc, 'b', [5, 0, 2, 2, 99], named())).toEqual(['b', 'new-1', 'new-2', 'new-3']);
    expect(sources().slice(1, 5)).toEqual(['', 'b1', 'b2', '']);
    expect(readCells(doc, ['new-2'])[0]?.type).toBe('markdown');
  });

  it('gives the same text back when what was split is merged, but for blank lines at the cuts', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.nat({ max: 12 }), { minLength: 1 }), (source, cuts) => {
        doc = new Y.Doc();
        insertCells(doc, [{ id: 'x', type: 'code', source }], null);
        const parts = splitCell(doc, 'x', cuts, named());
        if (parts.length > 1) expect(mergeCells(doc, parts)).toBe('x');
        expect(cellOrder(doc)).toEqual(['x']);
        expect(sources().join('').replaceAll('\n', '')).toBe(source.replaceAll('\n', ''));
      }),
    );
  });
});

describe('merging', () => {
  it('joins texts into the topmost, whatever the order named', () => {
    expect(mergeCells(doc, ['d', 'b', 'c'])).toBe('b');
    expect(cellOrder(doc)).toEqual(['a', 'b', 'e']);
    expect(sources()[1]).toBe('b1\nb2\n\nc1\nc2\n\nd1\nd2');
    expect(mergeCells(doc, ['a'])).toBeUndefined();
  });

  it('takes over attachments', () => {
    attach(doc, 'c', 'plot.png', { 'image/png': 'AAAA' });
    mergeCells(doc, ['b', 'c']);
    expect(attachmentsOf(cellExtraOf(cellOf('b')))).toEqual({ 'plot.png': { 'image/png': 'AAAA' } });
  });

  it('is undone in one step', () => {
    const undo = new Y.UndoManager(cellsOf(doc), { trackedOrigins: new Set(['me']) });
    mergeCells(doc, ['b', 'c', 'd'], 'me');
    undo.undo();
    expect(cellOrder(doc)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(sources()).toEqual(seeds.map(({ source }) => source));
  });
});

describe('what is out of sight', () => {
  it('is kept beside what else the file says of the cell', () => {
    cellMetadataOf(cellOf('a')).set('jupyter', { someone: 'else' });
    setHidden(doc, ['a', 'b'], 'outputs', true);
    setHidden(doc, ['b'], 'source', true);
    expect(isHidden(cellMetadataOf(cellOf('a')), 'outputs')).toBe(true);
    expect(isHidden(cellMetadataOf(cellOf('a')), 'source')).toBe(false);
    expect(cellMetadataOf(cellOf('b')).toJSON()).toEqual({ jupyter: { outputs_hidden: true, source_hidden: true } });
    setHidden(doc, ['a', 'b'], 'outputs', false);
    setHidden(doc, ['b'], 'source', false);
    expect(cellMetadataOf(cellOf('a')).toJSON()).toEqual({ jupyter: { someone: 'else' } });
    expect(cellMetadataOf(cellOf('b')).toJSON()).toEqual({});
  });

  it('folds below a heading', () => {
    setFolded(doc, 'a', true);
    expect(isFolded(cellMetadataOf(cellOf('a')))).toBe(true);
    setFolded(doc, 'a', false);
    expect(cellMetadataOf(cellOf('a')).toJSON()).toEqual({});
  });
});

describe('attachments', () => {
  it('get a name that is free and that Markdown can say', () => {
    expect(attach(doc, 'a', 'my plot (1).png', { 'image/png': 'AAAA' })).toBe('my-plot--1-.png');
    expect(attach(doc, 'a', 'my plot (1).png', { 'image/png': 'BBBB' })).toBe('my-plot--1--2.png');
    expect(attach(doc, 'nobody', 'x.png', {})).toBeUndefined();
    expect(Object.keys(attachmentsOf(cellExtraOf(cellOf('a'))))).toHaveLength(2);
  });

  it('are read as files have them, and odd ones are passed over', () => {
    expect(attachmentsOf({ attachments: { a: { 'image/png': ['AA', 'BB'] }, b: 7, c: { 'image/png': 7 } } })).toEqual({
      a: { 'image/png': 'AABB' },
    });
    expect(attachmentsOf({ attachments: 'none' })).toEqual({});
  });
});

it('reads cells as they could be pasted elsewhere', () => {
  cellMetadataOf(cellOf('b')).set('tags', ['keep']);
  expect(readCells(doc, ['c', 'b', 'nobody'])).toEqual([
    { id: 'b', type: 'code', source: 'b1\nb2', metadata: { tags: ['keep'] } },
    { id: 'c', type: 'code', source: 'c1\nc2' },
  ]);
  deleteCells(doc, ['a', 'b', 'nobody']);
  expect(cellOrder(doc)).toEqual(['c', 'd', 'e']);
});
