import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import {
  cellOrder,
  cellsOf,
  deleteCell,
  insertCells,
  moveCell,
  setCellType,
  setSource,
  sourceOf,
  typeOf,
} from './document.ts';
import { newNotebook, parseNotebook, serialiseNotebook } from './format.ts';
import { fillDocument, readDocument } from './transfer.ts';

type Step =
  | { do: 'insert'; after: number; count: number }
  | { do: 'delete'; at: number }
  | { do: 'move'; at: number; after: number }
  | { do: 'type'; at: number; text: string }
  | { do: 'sync' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('insert' as const), after: fc.nat(20), count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant('delete' as const), at: fc.nat(20) }),
  fc.record({ do: fc.constant('move' as const), at: fc.nat(20), after: fc.nat(20) }),
  fc.record({ do: fc.constant('type' as const), at: fc.nat(20), text: fc.string({ unit: 'grapheme' }) }),
  fc.record({ do: fc.constant('sync' as const) }),
);

let made = 0;
/** Does the step on a document and checks what it promises to one who works alone. */
function apply(doc: Y.Doc, action: Step): void {
  const ids = cellOrder(doc);
  const id = (at: number): string | null => (ids.length === 0 ? null : (ids[at % (ids.length + 1)] ?? null));
  if (action.do === 'insert') {
    const seeds = Array.from({ length: action.count }, () => ({ id: `c${made++}`, type: 'code' as const, source: '' }));
    const after = id(action.after);
    insertCells(doc, seeds, after);
    const at = after === null ? 0 : ids.indexOf(after) + 1;
    expect(cellOrder(doc)).toEqual([...ids.slice(0, at), ...seeds.map((seed) => seed.id), ...ids.slice(at)]);
  } else if (action.do === 'delete') {
    deleteCell(doc, id(action.at) ?? 'none');
  } else if (action.do === 'move') {
    const [moved, after] = [id(action.at), id(action.after)];
    if (moved === null || moved === after) return;
    moveCell(doc, moved, after);
    const others = ids.filter((other) => other !== moved);
    const at = after === null ? 0 : others.indexOf(after) + 1;
    expect(cellOrder(doc)).toEqual([...others.slice(0, at), moved, ...others.slice(at)]);
  } else if (action.do === 'type') {
    const target = id(action.at);
    if (target === null) return;
    setSource(doc, target, action.text);
    expect(cellsOf(doc).get(target)?.get('source')?.toString()).toBe(action.text);
  }
}

function exchange(docs: readonly Y.Doc[]): void {
  for (const from of docs) for (const to of docs) if (from !== to) Y.applyUpdate(to, Y.encodeStateAsUpdate(from));
}

describe('the shared document', () => {
  test('people who insert, move, delete and type at once end with the same cells, none twice', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), step), { maxLength: 60 }), (steps) => {
        const docs = [new Y.Doc(), new Y.Doc(), new Y.Doc()];
        for (const [who, action] of steps) {
          const doc = docs[who];
          if (action.do === 'sync') exchange(docs);
          else if (doc) apply(doc, action);
        }
        exchange(docs);
        const [first, ...others] = docs.map((doc) => serialiseNotebook(readDocument(doc)));
        for (const other of others) expect(other).toBe(first);
        const ids = docs[0] ? cellOrder(docs[0]) : [];
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 300 },
    );
  });

  test('a cell inserted between two that were inserted at one place lands between them', () => {
    const [one, two] = [new Y.Doc(), new Y.Doc()];
    insertCells(one, [{ id: 'a', type: 'code', source: '' }], null);
    insertCells(two, [{ id: 'b', type: 'code', source: '' }], null);
    exchange([one, two]);
    insertCells(one, [{ id: 'between', type: 'code', source: '' }], 'a');
    expect(cellOrder(one)).toEqual(['a', 'between', 'b']);
  });

  test('order keys of a foreign hand do not stop anyone', () => {
    const doc = new Y.Doc();
    insertCells(
      doc,
      ['a', 'b', 'c'].map((id) => ({ id, type: 'code', source: '' })),
      null,
    );
    cellsOf(doc).get('b')?.set('order', 'not a key');
    cellsOf(doc).get('c')?.set('order', 7);
    const ids = cellOrder(doc);
    insertCells(doc, [{ id: 'd', type: 'code', source: '' }], ids[0] ?? null);
    expect(cellOrder(doc)).toEqual([ids[0], 'd', ids[1], ids[2]]);
  });

  test('odd values read as the plainest cell', () => {
    const doc = new Y.Doc();
    const cell = new Y.Map<unknown>();
    cellsOf(doc).set('odd', cell);
    cell.set('type', 'widget');
    cell.set('source', 5);
    expect(typeOf(cell)).toBe('code');
    expect(sourceOf(cell).toString()).toBe('');
    expect(readDocument(doc).cells).toMatchObject([{ id: 'odd', cell_type: 'code', source: '' }]);
  });

  test('moving and changing the type keep what another types meanwhile', () => {
    const [one, two] = [new Y.Doc(), new Y.Doc()];
    insertCells(
      one,
      [
        { id: 'a', type: 'code', source: 'x' },
        { id: 'b', type: 'code', source: '' },
      ],
      null,
    );
    exchange([one, two]);
    moveCell(one, 'a', 'b');
    setCellType(one, 'a', 'markdown');
    setSource(two, 'a', 'xyz');
    exchange([one, two]);
    expect(readDocument(one).cells).toMatchObject([{ id: 'b' }, { id: 'a', cell_type: 'markdown', source: 'xyz' }]);
  });

  test('a file goes in and comes out unchanged', () => {
    const notebook = newNotebook();
    notebook.metadata = { ...notebook.metadata, mine: { deep: [1, null, 'x'] } };
    notebook.cells.push({
      id: 'm',
      cell_type: 'markdown',
      source: '![](attachment:a)',
      metadata: { tags: ['t'] },
      attachments: { a: { 'image/png': 'AAAA' } },
      odd: { kept: true },
    });
    const doc = new Y.Doc();
    fillDocument(doc, parseNotebook(serialiseNotebook(notebook)));
    expect(serialiseNotebook(readDocument(doc))).toBe(serialiseNotebook(notebook));
  });
});
