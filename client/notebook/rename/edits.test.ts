import { cellsOf, insertCells, sourceOf } from '@trialroom/shared/notebook/document';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { applyEdits, changedLines, type TextEdit } from './edits.ts';

function documentOf(sources: readonly string[]): Y.Doc {
  const doc = new Y.Doc();
  insertCells(
    doc,
    sources.map((source, index) => ({ id: `c${index}`, type: 'code', source })),
    null,
  );
  return doc;
}
const read = (doc: Y.Doc, index: number): string => {
  const cell = cellsOf(doc).get(`c${index}`);
  return cell ? sourceOf(cell).toString() : '';
};
function every(source: string, cell: string, name: string, insert: string): TextEdit[] {
  return [...source.matchAll(new RegExp(`\\b${name}\\b`, 'g'))].map(({ index }) => ({
    cell,
    from: index,
    to: index + name.length,
    insert,
  }));
}

describe('applyEdits', () => {
  it('replaces every stretch in every cell, in whatever order they come', () => {
    const token = fc.constantFrom('loss', ' ', '+', 'lossy', '(', ')', '\n', 'x.');
    const source = fc.array(token, { maxLength: 12 }).map((parts) => parts.join(' '));
    fc.assert(
      fc.property(fc.array(source, { minLength: 1, maxLength: 4 }), fc.infiniteStream(fc.nat()), (sources, order) => {
        const doc = documentOf(sources);
        const edits = sources
          .flatMap((text, index) => every(text, `c${index}`, 'loss', 'valueLoss'))
          .map((edit) => ({ edit, key: order.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ edit }) => edit);
        const problem = applyEdits(doc, edits, 'loss', 'me');
        expect(problem === null).toBe(edits.length > 0);
        sources.forEach((text, index) => {
          expect(read(doc, index)).toBe(text.replace(/\bloss\b/g, 'valueLoss'));
        });
      }),
      { numRuns: 200 },
    );
  });

  it('is one step of undo over all cells', () => {
    const sources = ['let x = 1;', 'x + x'];
    const doc = documentOf(sources);
    const undo = new Y.UndoManager(cellsOf(doc), { trackedOrigins: new Set(['me']) });
    const edits = sources.flatMap((text, index) => every(text, `c${index}`, 'x', 'width'));
    expect(applyEdits(doc, edits, 'x', 'me')).toBeNull();
    expect(read(doc, 1)).toBe('width + width');
    undo.undo();
    expect([read(doc, 0), read(doc, 1)]).toEqual(sources);
  });

  it('leaves what is pinned to the ends of the name around the new one', () => {
    const doc = documentOf(['1 + loss + 1']);
    const cell = cellsOf(doc).get('c0');
    if (!cell) throw new Error('no cell');
    const start = Y.createRelativePositionFromTypeIndex(sourceOf(cell), 4);
    const end = Y.createRelativePositionFromTypeIndex(sourceOf(cell), 8, -1);
    applyEdits(doc, [{ cell: 'c0', from: 4, to: 8, insert: 'valueLoss' }], 'loss', 'me');
    expect(read(doc, 0)).toBe('1 + valueLoss + 1');
    const places = [start, end].map((place) => Y.createAbsolutePositionFromRelativePosition(place, doc)?.index);
    expect(places).toEqual([4, 13]);
  });

  it('does nothing at all when one stretch no longer reads the name, or its cell is gone', () => {
    const doc = documentOf(['let x = 1;', 'x + 1']);
    const good = { cell: 'c0', from: 4, to: 5, insert: 'y' };
    expect(applyEdits(doc, [good, { cell: 'c1', from: 4, to: 5, insert: 'y' }], 'x', 'me')).toMatch(/changing/);
    expect(applyEdits(doc, [good, { cell: 'gone', from: 0, to: 1, insert: 'y' }], 'x', 'me')).toMatch(/changing/);
    expect(applyEdits(doc, [good, good], 'x', 'me')).toMatch(/changing/);
    expect(read(doc, 0)).toBe('let x = 1;');
  });
});

describe('changedLines', () => {
  it('says each line before and after, by cell in their order', () => {
    const sources = new Map([
      ['b', 'const y = 1;\r\nx + x;\r\n({ x })'],
      ['a', 'let x = 1'],
      ['c', 'nothing'],
    ]);
    const edits = [...sources].flatMap(([cell, source]) => every(source, cell, 'x', 'width'));
    const found = changedLines(edits.reverse(), sources, ['a', 'b', 'c']);
    const texts = found.map(({ cell, places, lines }) => ({
      cell,
      places,
      lines: lines.map(({ line, before, after }) => [line, ...[before, after].map((parts) => plain(parts))]),
    }));
    expect(texts).toEqual([
      { cell: 'a', places: 1, lines: [[1, 'let [x] = 1', 'let [width] = 1']] },
      {
        cell: 'b',
        places: 3,
        lines: [
          [2, '[x] + [x];', '[width] + [width];'],
          [3, '({ [x] })', '({ [width] })'],
        ],
      },
    ]);
  });
});

const plain = (parts: readonly { text: string; marked: boolean }[]): string =>
  parts.map(({ text, marked }) => (marked ? `[${text}]` : text)).join('');
