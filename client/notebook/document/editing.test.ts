import { attachmentsOf } from '@trialroom/shared/notebook/cell-edits';
import { cellExtraOf, cellsOf, insertCells } from '@trialroom/shared/notebook/document';
import { createRoot } from 'solid-js';
import { beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createSelecting, type Selecting } from '../selecting.ts';
import { type Cells, createCells } from './cells.ts';
import { createEditing, type Editing } from './editing.ts';

let doc: Y.Doc;
let cells: Cells;
let selecting: Selecting;
let editing: Editing;
let canEdit: boolean;

beforeEach(() => {
  doc = new Y.Doc();
  insertCells(
    doc,
    ['# Top', 'a', 'b', '## Part', 'c', '# End', 'd'].map((source, index) => ({
      id: `${index}`,
      type: source.startsWith('#') ? ('markdown' as const) : ('code' as const),
      source,
    })),
    null,
  );
  canEdit = true;
  createRoot(() => {
    cells = createCells(doc);
    selecting = createSelecting(cells, (heading) => editing.toggleFold(heading, false));
    editing = createEditing({ cells, selecting, canEdit: () => canEdit });
  });
});

const sources = (): string[] => cells.ids().map((id) => cells.get(id)?.text.toString() ?? '');

describe('edits of cells', () => {
  it('move a stretch by one place, and stop at the ends', () => {
    editing.move(['1', '2'], 1);
    expect(cells.ids()).toEqual(['0', '3', '1', '2', '4', '5', '6']);
    editing.move(['0', '3'], -1);
    expect(cells.ids()[0]).toBe('0');
    editing.move(['3'], -1);
    expect(cells.ids().slice(0, 2)).toEqual(['3', '0']);
  });

  it('remove a stretch and choose what took its place', () => {
    selecting.select('1', null);
    editing.remove(['1', '2']);
    expect(cells.ids()).toEqual(['0', '3', '4', '5', '6']);
    expect(selecting.selected()).toBe('3');
    editing.remove(['6']);
    expect(selecting.selected()).toBe('5');
    cells.undo.undo();
    cells.undo.undo();
    expect(cells.ids()).toHaveLength(7);
  });

  it('split at cursors, and merge with the one below', () => {
    cells.get('1')?.text.insert(1, '\nsecond');
    editing.split('1', [2]);
    expect(sources().slice(1, 3)).toEqual(['a', 'second']);
    expect(selecting.selected()).toBe(cells.ids()[2]);
    editing.merge(['1']);
    expect(sources()[1]).toBe('a\n\nsecond');
    editing.merge(['6']);
    expect(cells.ids()).toHaveLength(7);
  });

  it('make headings, of text that was none or another', () => {
    editing.setHeading(['1', '3'], 3);
    expect([sources()[1], sources()[3]]).toEqual(['### a', '### Part']);
    expect(cells.get('1')?.type()).toBe('markdown');
  });

  it('put away outputs until all of them are', () => {
    editing.toggleHidden(['1'], 'outputs');
    editing.toggleHidden(['1', '2'], 'outputs');
    expect(['1', '2'].map((id) => cells.get(id)?.look().outputsHidden)).toEqual([true, true]);
    editing.toggleHidden(['1', '2'], 'outputs');
    expect(['1', '2'].map((id) => cells.get(id)?.look().outputsHidden)).toEqual([false, false]);
  });

  it('attach images and say how to show them', () => {
    expect(editing.attach('0', 'loss.png', { 'image/png': 'AA' })).toBe('![loss](attachment:loss.png)');
    expect(attachmentsOf(cellExtraOf(cellsOf(doc).get('0') ?? new Y.Map()))).toHaveProperty(['loss.png']);
  });

  it('are refused to those who may only look', () => {
    canEdit = false;
    editing.remove(['1']);
    editing.move(['1'], 1);
    editing.merge(['1']);
    editing.split('1', [0]);
    editing.setType(['1'], 'raw');
    expect(editing.insert('code', null)).toBeUndefined();
    expect(editing.attach('0', 'x.png', {})).toBeUndefined();
    expect(sources()).toEqual(['# Top', 'a', 'b', '## Part', 'c', '# End', 'd']);
  });
});

describe('a folded heading', () => {
  beforeEach(() => editing.toggleFold('0'));

  it('leaves the rest in sight, and says how much it hides', () => {
    expect(selecting.shown()).toEqual(['0', '5', '6']);
    expect(selecting.hiddenBelow('0')).toBe(4);
  });

  it('takes along what it hides', () => {
    editing.moveTo(['0'], '6');
    expect(cells.ids()).toEqual(['5', '6', '0', '1', '2', '3', '4']);
    editing.move(['0'], -1);
    expect(cells.ids()).toEqual(['5', '0', '1', '2', '3', '4', '6']);
    // What comes to stand below a folded heading is below it.
    expect(selecting.shown()).toEqual(['5', '0']);
    editing.remove(['0']);
    expect(cells.ids()).toEqual(['5']);
  });

  it('is unfolded for a cell that must be seen', () => {
    selecting.select('2', 'cell');
    expect(selecting.shown()).toHaveLength(7);
    expect(selecting.selected()).toBe('2');
  });

  it('has new cells below what it hides', () => {
    const made = editing.insert('code', '0');
    expect(cells.ids().indexOf(made ?? '')).toBe(5);
  });
});
