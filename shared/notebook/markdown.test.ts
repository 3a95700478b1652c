import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FileCell, NotebookFile } from './format.ts';
import { parseMarkdown, writeMarkdown } from './markdown.ts';

const line = fc.oneof(
  fc.string().map((text) => text.replaceAll('\r', '')),
  fc.constantFrom(
    '```',
    '````ts',
    '~~~',
    '# A',
    '',
    '  ',
    '<!-- text -->',
    '<!-- /text -->',
    '<!-- \\/text -->',
    '<!-- output -->',
  ),
);
const text = fc.array(line, { maxLength: 5 }).map((lines) => lines.join('\n'));
const notebookOf = (cells: FileCell[]): NotebookFile => ({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells });
const code = (source: string, outputs: Extract<FileCell, { cell_type: 'code' }>['outputs'] = []): FileCell => ({
  ...{ id: 'c', cell_type: 'code', source, metadata: {}, outputs, execution_count: null },
});

describe('Markdown', () => {
  test('cells are read back as they were, whatever stands in them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('code', 'markdown', 'raw'), text), { maxLength: 6 }), (all) => {
        const cells = all.map(([kind, source], index): FileCell => {
          const parts = { id: `${index}`, source, metadata: {} };
          if (kind !== 'code') return { ...parts, cell_type: kind === 'raw' ? 'raw' : 'markdown' };
          const said = { output_type: 'stream', name: 'stdout', text: `${source}\n` } as const;
          return { ...parts, cell_type: 'code', outputs: [said], execution_count: 1 };
        });
        const read = parseMarkdown(writeMarkdown(notebookOf(cells), ({ source }) => (source === '' ? '' : '> said')));
        expect(read.cells.map(({ cell_type, source }) => [cell_type, source])).toEqual(all);
      }),
      { numRuns: 500 },
    );
  });

  test('a notebook reads as a document', () => {
    const written = writeMarkdown(
      notebookOf([
        {
          id: 'm',
          cell_type: 'markdown',
          source: '# Title\n\n![p](attachment:p.png)',
          metadata: {},
          attachments: { 'p.png': { 'image/png': 'AAAA' } },
        },
        code('1 + 1', [
          { output_type: 'stream', name: 'stdout', text: '\u001b[31mred\u001b[0m\n' },
          { output_type: 'execute_result', data: { 'text/plain': '2' }, metadata: {}, execution_count: 1 },
          { output_type: 'display_data', data: { 'image/png': 'iVBO\n', 'text/plain': 'a picture' }, metadata: {} },
        ]),
      ]),
    );
    expect(written).toBe(
      '# Title\n\n![p](data:image/png;base64,AAAA)\n\n```ts\n1 + 1\n```\n\n<!-- output -->\n```text\nred\n```\n\n```text\n2\n```\n\n![output](data:image/png;base64,iVBO)\n<!-- /output -->\n',
    );
  });

  test('reads what people write', () => {
    const read = parseMarkdown(
      '# Notes\r\n\r\nwords\r\n\r\n```typescript\r\nlet a = 1;\r\n```\r\n\r\n```bash\r\nls\r\n```\r\n',
    );
    expect(read.cells.map(({ cell_type, source }) => [cell_type, source])).toEqual([
      ['markdown', '# Notes\n\nwords'],
      ['code', 'let a = 1;'],
      ['markdown', '```bash\nls\n```'],
    ]);
  });
});
