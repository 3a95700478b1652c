import { type NotebookFile, newNotebook } from '@trialroom/shared/notebook/format';
import { describe, expect, it } from 'vitest';
import { INJECTED, injectParameters, isTagged, PARAMETERS } from './injected.ts';

const code = (id: string, source: string, tags: string[] = []): NotebookFile['cells'][number] => ({
  id,
  cell_type: 'code',
  source,
  metadata: { tags },
  outputs: [],
  execution_count: null,
});
const notebook = (...cells: NotebookFile['cells']): NotebookFile => ({ ...newNotebook(), cells });
const sources = ({ cells }: NotebookFile) => cells.map(({ source }) => source);

describe('injected parameters', () => {
  it('come after the cell tagged parameters', () => {
    const made = injectParameters(notebook(code('a', '1'), code('b', 'const lr = 1', [PARAMETERS]), code('c', '2')), {
      lr: 0.5,
      name: 'a "b"\n',
      layers: [1, 2],
    });
    expect(sources(made)).toEqual([
      '1',
      'const lr = 1',
      '// Parameters\nconst lr = 0.5;\nconst name = "a \\"b\\"\\n";\nconst layers = [\n  1,\n  2\n];',
      '2',
    ]);
    expect(made.cells.map((cell) => isTagged(cell, INJECTED))).toEqual([false, false, true, false]);
  });

  it('come first when no cell is tagged, and replace those of an earlier run', () => {
    const once = injectParameters(notebook(code('a', '1')), { x: 1 });
    expect(sources(injectParameters(once, { x: 2 }))).toEqual(['// Parameters\nconst x = 2;', '1']);
    expect(sources(injectParameters(once, {}))).toEqual(['1']);
  });

  it('write down what JSON cannot, and refuse what nobody can', () => {
    expect(sources(injectParameters(notebook(), { x: Number.NaN, y: -Infinity }))[0]).toContain(
      'const x = NaN;\nconst y = -Infinity;',
    );
    const inside = injectParameters(notebook(), { z: [Number.NaN, { a: -Infinity }, 'NaN'] });
    expect(sources(inside)[0]?.replaceAll(/\s+/g, '')).toContain('z=[NaN,{"a":-Infinity},"NaN"];');
    const round: unknown[] = [];
    round.push(round);
    expect(() => injectParameters(notebook(), { round })).toThrow('parameter "round" cannot be written down');
    expect(() => injectParameters(notebook(), { 'a b': 1 })).toThrow('"a b"');
    expect(() => injectParameters(notebook(), { f: () => 1 })).toThrow('"f" is function');
  });
});
