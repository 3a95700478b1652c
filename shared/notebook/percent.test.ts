import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FileCell, NotebookFile } from './format.ts';
import { parsePercent, writePercent } from './percent.ts';

const line = fc.oneof(
  fc.string(),
  fc.constantFrom('// %%', '//%% x', '// \\%%', '%%', '\\%%', '// ---', '//', '', ' ', '// %%% no', '/* a */'),
);
const text = fc.array(line, { maxLength: 5 }).map((lines) => lines.join('\n'));
const bag = fc.dictionary(
  fc.oneof(fc.constantFrom('id', 'tags', 'a b', 'metadata', 'é'), fc.string()),
  fc.jsonValue(),
  {
    maxKeys: 3,
    noNullPrototype: true,
  },
);
const cells = fc
  .array(
    fc.record({
      kind: fc.constantFrom('code', 'markdown', 'raw'),
      source: text,
      metadata: bag,
      attached: fc.boolean(),
    }),
    { maxLength: 6 },
  )
  .map((all) =>
    all.map(({ kind, source, metadata, attached }, index): FileCell => {
      const parts = { id: `cell-${index}`, source, metadata };
      if (kind === 'code') return { ...parts, cell_type: 'code', outputs: [], execution_count: null };
      const attachments = attached ? { attachments: { 'a.png': { 'image/png': 'AA==' } } } : {};
      return { ...parts, cell_type: kind === 'raw' ? 'raw' : 'markdown', ...attachments };
    }),
  );
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('percent format', () => {
  test('what is written is read back', () => {
    fc.assert(
      fc.property(cells, bag, (all, metadata) => {
        const { jupytext: _, ...own } = metadata;
        const notebook: NotebookFile = { nbformat: 4, nbformat_minor: 5, metadata: own, cells: all };
        expect(plain(parsePercent(writePercent(notebook)))).toEqual(plain(notebook));
      }),
      { numRuns: 500 },
    );
  });

  test('reads as Jupytext and people write', () => {
    const read = parsePercent(
      [
        ...['// ---', '// jupyter:', '//   kernelspec:', '//     name: trialroom', '// ---', ''],
        ...['// %% [markdown]', '// # Title', '//', '// words', ''],
        ...['// %% Loading tags=["parameters", "x y"] collapsed=true', 'const a = 1;', '', '//%%', 'a + 1'],
      ].join('\r\n'),
      () => ({ jupyter: { kernelspec: { name: 'trialroom' }, jupytext: { text_representation: {} } } }),
    );
    expect(read.metadata).toEqual({ kernelspec: { name: 'trialroom' } });
    expect(read.cells.map(({ cell_type, source, metadata }) => [cell_type, source, metadata])).toEqual([
      ['markdown', '# Title\n\nwords', {}],
      ['code', 'const a = 1;', { title: 'Loading', tags: ['parameters', 'x y'], collapsed: true }],
      ['code', 'a + 1', {}],
    ]);
  });

  test('a plain script is a notebook of one cell', () => {
    expect(parsePercent('const a = 1;\na;\n').cells.map(({ source }) => source)).toEqual(['const a = 1;\na;']);
  });

  test('says where a header is broken', () => {
    const broken = () => parsePercent('// ---\n// jupyter: {\n// ---\n', JSON.parse);
    expect(broken).toThrow(/the header cannot be read/);
  });
});
