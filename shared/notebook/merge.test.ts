import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { cellsOf, deleteCell, insertCells, moveCell, setSource, sourceOf } from './document.ts';
import { type FileCell, type NotebookFile, newNotebook, withoutOutputs } from './format.ts';
import { mergeNotebook, mergeText } from './merge.ts';
import { fillDocument, readDocument } from './transfer.ts';

const cell = (id: string, source: string, metadata: Record<string, unknown> = {}): FileCell => ({
  id,
  cell_type: 'code',
  source,
  metadata,
  outputs: [],
  execution_count: null,
});
const notebook = (...cells: FileCell[]): NotebookFile => ({ ...newNotebook(), metadata: {}, cells });
const open = (file: NotebookFile): Y.Doc => {
  const doc = new Y.Doc();
  fillDocument(doc, file);
  return doc;
};
const shown = (doc: Y.Doc): string[][] => readDocument(doc).cells.map(({ id, source }) => [id, source]);

describe('text', () => {
  test('both sides are kept, in their places', () => {
    expect(mergeText('one two three', 'one 1 two three', 'one two three 3')).toBe('one 1 two three 3');
    expect(mergeText('a\nb\n', 'a\nb\nours\n', 'theirs\na\nb\n')).toBe('theirs\na\nb\nours\n');
  });

  test('the same change on both sides is made once', () => {
    expect(mergeText('x = 1', 'x = 12', 'x = 12')).toBe('x = 12');
    expect(mergeText('x = 1;y', 'x = 12;y', 'x = 12;yz')).toBe('x = 12;yz');
  });

  test('nothing that either side inserted is lost, nothing is made up', () => {
    const word = fc.constantFrom('a', 'b', ' ', '\n', 'é', '🙂', '👩‍🔬');
    const text = fc.array(word, { maxLength: 30 }).map((parts) => parts.join(''));
    // Inserted letters are of an alphabet of their own on each side, so that their survival can be counted.
    const insertions = (letters: string) =>
      fc.array(fc.tuple(fc.nat(40), fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 4 })), {
        maxLength: 5,
      });
    const put = (base: string, changes: [number, string][]) => {
      const characters = [...base];
      for (const [at, part] of changes) characters.splice(at % (characters.length + 1), 0, ...part);
      return characters.join('');
    };
    const only = (merged: string, letters: string) => [...merged].filter((letter) => letters.includes(letter)).join('');
    fc.assert(
      fc.property(text, insertions('XYZ'), insertions('123'), (base, left, right) => {
        const [ours, theirs] = [put(base, left), put(base, right)];
        const merged = mergeText(base, ours, theirs);
        expect(only(merged, 'XYZ')).toBe(only(ours, 'XYZ'));
        expect(only(merged, '123')).toBe(only(theirs, '123'));
        expect([...merged].filter((letter) => !'XYZ123'.includes(letter)).join('')).toBe(base);
      }),
      { numRuns: 500 },
    );
  });

  test('any three texts merge, sides unchanged give the other, and the result is the same each time', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 });
    fc.assert(
      fc.property(text, text, text, (base, ours, theirs) => {
        expect(mergeText(base, base, theirs)).toBe(theirs);
        expect(mergeText(base, ours, base)).toBe(ours);
        const merged = mergeText(base, ours, theirs);
        expect(mergeText(base, ours, theirs)).toBe(merged);
        expect(merged).not.toContain('\uFFFD');
      }),
      { numRuns: 500 },
    );
  });
});

describe('notebooks', () => {
  const base = notebook(cell('a', 'alpha'), cell('b', 'beta'), cell('c', 'gamma'));

  test('an outside edit joins what people typed', () => {
    const doc = open(base);
    setSource(doc, 'a', 'alpha ours');
    mergeNotebook(doc, base, notebook(cell('a', 'theirs alpha'), cell('b', 'beta!'), cell('c', 'gamma')));
    expect(shown(doc)).toEqual([
      ['a', 'theirs alpha ours'],
      ['b', 'beta!'],
      ['c', 'gamma'],
    ]);
  });

  test('cells added, removed and moved outside are so here', () => {
    const doc = open(base);
    mergeNotebook(doc, base, notebook(cell('c', 'gamma'), cell('new', 'delta'), cell('a', 'alpha')));
    expect(shown(doc)).toEqual([
      ['c', 'gamma'],
      ['new', 'delta'],
      ['a', 'alpha'],
    ]);
  });

  test('live cells keep their place among outside changes', () => {
    const doc = open(base);
    insertCells(doc, [{ id: 'live', type: 'code', source: 'mine' }], 'a');
    moveCell(doc, 'c', null);
    mergeNotebook(doc, base, notebook(cell('a', 'alpha'), cell('b', 'beta'), cell('new', 'n'), cell('c', 'gamma')));
    expect(shown(doc).map(([id]) => id)).toEqual(['c', 'a', 'live', 'b', 'new']);
  });

  test('a cell deleted on one side and edited on the other stays', () => {
    const doc = open(base);
    setSource(doc, 'a', 'alpha edited');
    deleteCell(doc, 'b');
    mergeNotebook(doc, base, notebook(cell('b', 'beta edited'), cell('c', 'gamma')));
    expect(shown(doc).toSorted()).toEqual([
      ['a', 'alpha edited'],
      ['b', 'beta edited'],
      ['c', 'gamma'],
    ]);
  });

  test('a cell deleted here and untouched there stays deleted', () => {
    const doc = open(base);
    deleteCell(doc, 'b');
    mergeNotebook(doc, base, notebook(cell('a', 'alpha'), cell('b', 'beta'), cell('c', 'gamma!')));
    expect(shown(doc)).toEqual([
      ['a', 'alpha'],
      ['c', 'gamma!'],
    ]);
  });

  test('type, metadata, attachments and notebook metadata come over; what both changed stays as people have it', () => {
    const before = { ...notebook(cell('a', 'x', { keep: 1, theirs: 1, both: 1, gone: 1 })), metadata: { k: 1 } };
    const doc = open(before);
    const live = cellsOf(doc).get('a');
    const metadata = live?.get('metadata');
    if (!(metadata instanceof Y.Map)) throw new Error('no metadata');
    metadata.set('both', 'ours');
    const theirs: NotebookFile = {
      ...before,
      metadata: { k: 2 },
      cells: [{ id: 'a', cell_type: 'markdown', source: 'x', metadata: { keep: 1, theirs: 2, both: 2 }, odd: 5 }],
    };
    mergeNotebook(doc, before, theirs);
    expect(readDocument(doc)).toMatchObject({
      metadata: { k: 2 },
      cells: [{ cell_type: 'markdown', metadata: { keep: 1, theirs: 2, both: 'ours' }, odd: 5 }],
    });
    expect(metadata.has('gone')).toBe(false);
  });

  test('cells whose ids changed are known by what they say', () => {
    const doc = open(base);
    const kept = cellsOf(doc).get('b');
    const renamed = mergeNotebook(doc, base, notebook(cell('x', 'gamma'), cell('y', 'alpha'), cell('z', 'beta, more')));
    expect(shown(doc)).toEqual([
      ['c', 'gamma'],
      ['a', 'alpha'],
      ['b', 'beta, more'],
    ]);
    expect(cellsOf(doc).get('b')).toBe(kept);
    expect(renamed.cells.map(({ id }) => id)).toEqual(['c', 'a', 'b']);
  });

  test('merging into an untouched document gives the file; merging twice changes nothing', () => {
    const sources = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n'), maxLength: 12 }), {
      maxLength: 6,
    });
    const files = fc.tuple(sources, fc.array(fc.tuple(fc.nat(8), fc.string({ maxLength: 8 })), { maxLength: 8 }));
    fc.assert(
      fc.property(files, ([texts, picks]) => {
        const before = notebook(...texts.map((text, index) => cell(`c${index}`, text)));
        const taken = new Set<number>();
        const after = notebook(
          ...picks.flatMap(([index, text]) => {
            if (taken.has(index)) return [];
            taken.add(index);
            return [cell(`c${index}`, (texts[index] ?? '') + text)];
          }),
        );
        const doc = open(before);
        const renamed = mergeNotebook(doc, before, after);
        expect(readDocument(doc).cells.map(({ source }) => source)).toEqual(after.cells.map(({ source }) => source));
        const state = Y.encodeStateVector(doc);
        mergeNotebook(doc, renamed, renamed);
        expect(Y.encodeStateVector(doc)).toEqual(state);
      }),
      { numRuns: 300 },
    );
  });

  test('whatever people and the other program did, no inserted text is lost and no cell appears twice', () => {
    const edit = fc.tuple(
      fc.nat(3),
      fc.constantFrom<'type' | 'delete' | 'move' | 'add'>('type', 'type', 'delete', 'move', 'add'),
      fc.nat(4),
    );
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 8 }), fc.array(edit, { maxLength: 8 }), (ours, theirs) => {
        const before = notebook(...['aaaa', 'bbbb', 'cccc', 'dddd'].map((text, index) => cell(`c${index}`, text)));
        const change = (file: NotebookFile, edits: typeof ours, mark: string) => {
          const doc = open(file);
          edits.forEach(([index, kind, where], round) => {
            const id = `c${index}`;
            const live = cellsOf(doc).get(id);
            if (kind === 'type' && live) sourceOf(live).insert(Math.min(where, sourceOf(live).length), mark);
            if (kind === 'delete' && !live?.get('source')?.toString().includes(mark)) deleteCell(doc, id);
            if (kind === 'move' && live) moveCell(doc, id, where === 4 ? null : `c${where}`);
            if (kind === 'add') insertCells(doc, [{ id: `${mark}${round}`, type: 'code', source: mark }], null);
          });
          return doc;
        };
        const marks = (doc: Y.Doc, mark: string) =>
          readDocument(doc)
            .cells.map(({ source }) => source)
            .join('')
            .split(mark).length;
        const live = change(before, ours, 'X');
        const outside = change(before, theirs, 'Y');
        const [mine, yours] = [marks(live, 'X'), marks(outside, 'Y')];
        mergeNotebook(live, before, withoutOutputs(readDocument(outside)));
        expect(marks(live, 'X')).toBe(mine);
        expect(marks(live, 'Y')).toBe(yours);
      }),
      { numRuns: 500 },
    );
  });
});
