import { insertCells } from '@trialroom/shared/notebook/document';
import { createRoot } from 'solid-js';
import { beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { type Cells, createCells } from '../document/cells.ts';
import { createSelecting } from '../selecting.ts';
import { createFinding, type Finding } from './finding.ts';

let doc: Y.Doc;
let cells: Cells;
let finding: Finding;
let canEdit: boolean;

beforeEach(() => {
  doc = new Y.Doc();
  insertCells(
    doc,
    ['let rate = 1; rate++', '# The rate', 'rate'].map((source, index) => ({
      id: `${index}`,
      type: index === 1 ? ('markdown' as const) : ('code' as const),
      source,
    })),
    null,
  );
  canEdit = true;
  createRoot(() => {
    cells = createCells(doc);
    const selecting = createSelecting(cells, () => {});
    finding = createFinding({ doc, cells, selecting, canEdit: () => canEdit });
  });
  finding.setOpen(true);
});

const sources = (): string[] => cells.ids().map((id) => cells.get(id)?.text.toString() ?? '');

describe('find and replace', () => {
  it('walks through all matches, round and round', () => {
    finding.setQuery({ text: 'rate' });
    const seen: string[] = [];
    for (let step = 0; step < 5; step++) {
      seen.push(`${finding.here()?.cell}:${finding.here()?.from}`);
      finding.next();
    }
    expect(seen).toEqual(['0:4', '0:14', '1:6', '2:0', '0:4']);
    finding.previous();
    finding.previous();
    expect(finding.current()).toBe(3);
  });

  it('replaces one after the other, also by what holds the word itself', () => {
    finding.setQuery({ text: 'rate' });
    finding.setBy('rate2');
    finding.replace();
    finding.replace();
    expect(sources()[0]).toBe('let rate2 = 1; rate2++');
    expect(finding.here()?.cell).toBe('1');
  });

  it('replaces all in one step of undo', () => {
    finding.setQuery({ text: 'r(at)e', regex: true });
    finding.setBy('$1');
    expect(finding.replaceAll()).toBe(4);
    expect(sources()).toEqual(['let at = 1; at++', '# The at', 'at']);
    expect(finding.matches()).toHaveLength(0);
    cells.undo.undo();
    expect(sources()).toEqual(['let rate = 1; rate++', '# The rate', 'rate']);
  });

  it('says what is wrong with a regular expression, and finds nothing', () => {
    finding.setQuery({ text: '(', regex: true });
    expect(finding.problem()).toMatch(/Invalid regular expression/);
    expect(finding.matches()).toHaveLength(0);
    expect(finding.current()).toBe(-1);
  });

  it('changes nothing for those who may only look', () => {
    canEdit = false;
    finding.setQuery({ text: 'rate' });
    finding.setBy('x');
    finding.replace();
    expect(finding.replaceAll()).toBe(0);
    expect(sources()[2]).toBe('rate');
  });
});
