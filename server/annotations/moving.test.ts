import type { AnnotationTarget } from '@trialroom/shared/annotation/target';
import { mergeCells, splitCell } from '@trialroom/shared/notebook/cell-edits';
import { cellsOf, insertCells, sourceOf } from '@trialroom/shared/notebook/document';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { Moves } from '../documents/moves.ts';
import { Writers } from '../documents/writers.ts';
import { moveTarget } from './moving.ts';

const OWN = Symbol('own');

/** Someone's document, the server's, and threads that the server keeps in their places. */
function desk(sources: Record<string, string>) {
  const doc = new Y.Doc();
  const server = new Y.Doc();
  const writers = new Writers(server);
  const threads = new Map<string, AnnotationTarget>();
  server.on('update', (update: Uint8Array) => {
    const moves: Moves = writers.take(update, 'ada');
    for (const [name, target] of threads) threads.set(name, moveTarget(target, moves, server) ?? target);
  });
  doc.on('update', (update: Uint8Array) => Y.applyUpdate(server, update));
  const seeds = Object.entries(sources).map(([id, source]) => ({ id, type: 'code' as const, source }));
  insertCells(doc, seeds, null);
  const undo = new Y.UndoManager(cellsOf(doc), { trackedOrigins: new Set([OWN]), captureTimeout: 0 });
  const text = (id: string): Y.Text => sourceOf(cellsOf(doc).get(id) ?? new Y.Map());
  const at = (id: string, index: number, side: number): string =>
    Buffer.from(Y.encodeRelativePosition(Y.createRelativePositionFromTypeIndex(text(id), index, side))).toString(
      'base64',
    );
  return {
    doc,
    undo,
    text,
    threads,
    onText(name: string, cell: string, quote: string): void {
      const from = text(cell).toString().indexOf(quote);
      threads.set(name, {
        ...{ kind: 'text', cell, quote },
        start: at(cell, from, 0),
        end: at(cell, from + quote.length, -1),
      });
    },
    /** The cell that a thread on text is on, and the letters there, as the server's document has them. */
    where(name: string): [string, string | null] {
      const target = threads.get(name);
      if (target?.kind !== 'text') throw new Error('not on text');
      const place = (position: string) =>
        Y.createAbsolutePositionFromRelativePosition(Y.decodeRelativePosition(Buffer.from(position, 'base64')), server);
      const [start, end] = [place(target.start), place(target.end)];
      const cell = cellsOf(server).get(target.cell);
      if (!start || !end || !cell || start.type !== sourceOf(cell) || end.type !== start.type)
        return [target.cell, null];
      return [target.cell, sourceOf(cell).toString().slice(start.index, end.index)];
    },
  };
}

describe('a thread on a range of text', () => {
  test('goes with its letters when its cell is split, and comes back by undo, and goes again by redo', () => {
    const { doc, undo, text, onText, where } = desk({ a: 'const ratio = 8;\nratio * 2', z: 'ratio' });
    onText('above', 'a', 'const');
    onText('below', 'a', 'ratio * 2');
    splitCell(doc, 'a', [17], () => 'b', OWN);
    expect(text('b').toString()).toBe('ratio * 2');
    expect([where('above'), where('below')]).toEqual([
      ['a', 'const'],
      ['b', 'ratio * 2'],
    ]);
    undo.undo();
    expect([where('above'), where('below')]).toEqual([
      ['a', 'const'],
      ['a', 'ratio * 2'],
    ]);
    undo.redo();
    expect(where('below')).toEqual(['b', 'ratio * 2']);
  });

  test('goes into the cell that its own is joined into, and back by undo', () => {
    const { doc, undo, onText, where } = desk({ a: 'one', b: 'two', c: 'the third' });
    onText('two', 'b', 'two');
    onText('third', 'c', 'third');
    mergeCells(doc, ['a', 'b', 'c'], OWN);
    expect([where('two'), where('third')]).toEqual([
      ['a', 'two'],
      ['a', 'third'],
    ]);
    undo.undo();
    expect([where('two'), where('third')]).toEqual([
      ['b', 'two'],
      ['c', 'third'],
    ]);
  });

  test('keeps to what is left of it when a letter at its edge was taken away before', () => {
    const { doc, text, onText, where } = desk({ a: 'first\nsecond one' });
    onText('thread', 'a', 'second');
    text('a').delete(6, 1);
    splitCell(doc, 'a', [6], () => 'b', OWN);
    const [cell, letters] = where('thread');
    expect(cell).toBe('b');
    expect(letters).toBe('econd');
  });

  test('stays with its first half when it is cut in the middle, and is whole again by undo', () => {
    const { doc, undo, onText, where } = desk({ a: 'a long sentence' });
    onText('thread', 'a', 'long sentence');
    splitCell(doc, 'a', [7], () => 'b', OWN);
    expect(where('thread')).toEqual(['a', 'long ']);
    undo.undo();
    expect(where('thread')).toEqual(['a', 'long sentence']);
  });

  test('is on the same letters after any splits, joins and undos', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ kind: fc.constantFrom('split', 'merge', 'undo', 'redo'), at: fc.nat(40), cell: fc.nat(5) }),
          {
            maxLength: 12,
          },
        ),
        (steps) => {
          const { doc, undo, onText, where } = desk({ a: 'alpha <one> beta', b: 'gamma <two> delta', c: '<three>' });
          const words = { one: '<one>', two: '<two>', three: '<three>' };
          for (const [name, quote] of Object.entries(words)) {
            onText(name, name === 'one' ? 'a' : name === 'two' ? 'b' : 'c', quote);
          }
          let made = 0;
          for (const { kind, at, cell } of steps) {
            const cells = [...cellsOf(doc).keys()].sort();
            const id = cells[cell % cells.length] ?? 'a';
            const source = sourceOf(cellsOf(doc).get(id) ?? new Y.Map()).toString();
            const place = at % (source.length + 1);
            const inWord = /<[^>]*$/.test(source.slice(0, place));
            if (kind === 'split' && !inWord) splitCell(doc, id, [place], () => `n${++made}`, OWN);
            else if (kind === 'merge') mergeCells(doc, [id, cells[(cell + 1) % cells.length] ?? id], OWN);
            else if (kind === 'undo') undo.undo();
            else undo.redo();
          }
          for (const [name, quote] of Object.entries(words)) {
            const [cell, letters] = where(name);
            expect(letters, name).toBe(quote);
            expect(sourceOf(cellsOf(doc).get(cell) ?? new Y.Map()).toString()).toContain(quote);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a thread on a cell', () => {
  test('stays with the first part of a cell that is split', () => {
    const { doc, threads } = desk({ a: 'one\ntwo' });
    threads.set('thread', { kind: 'cell', cell: 'a' });
    splitCell(doc, 'a', [4], () => 'b', OWN);
    expect(threads.get('thread')).toEqual({ kind: 'cell', cell: 'a' });
  });

  test('goes into the cell that its own is joined into, and home when that is undone', () => {
    const { doc, undo, threads } = desk({ a: 'one', b: 'two' });
    threads.set('thread', { kind: 'cell', cell: 'b' });
    mergeCells(doc, ['a', 'b'], OWN);
    expect(threads.get('thread')).toEqual({ kind: 'cell', cell: 'a', home: 'b' });
    undo.undo();
    expect(threads.get('thread')).toEqual({ kind: 'cell', cell: 'b' });
  });
});
