import { expect, test } from 'vitest';
import { newNotebook, parseNotebook, serialiseNotebook } from '../notebook/format.ts';
import type { Annotation, AnnotationTarget } from './annotation.ts';
import { annotationsMarkdown, withAnnotations } from './export.ts';

const author = { id: '01JADA', name: 'Ada', colour: 'a' } as const;
const thread = (target: AnnotationTarget, texts: string[], resolved = false): Annotation => ({
  id: target.cell,
  notebook: 'n',
  target,
  createdAt: 0,
  messages: texts.map((text, index) => ({ id: `m${index}`, author, text, at: index * 86_400_000, editedAt: null })),
  resolved: resolved ? { by: author, at: 1 } : null,
  revision: 1,
  readTo: 0,
});
const file = {
  ...newNotebook(),
  cells: ['a', 'b'].map((id) => ({
    id,
    cell_type: 'code' as const,
    source: '1',
    metadata: { trialroom: { folded: true }, tags: ['x'] },
    outputs: [],
    execution_count: null,
  })),
};

test('threads stand in the metadata of their cell, beside what is there, and the notebook given stays as it is', () => {
  const before = structuredClone(file);
  const threads = [
    thread({ kind: 'cell', cell: 'a' }, ['Hello @[Ben](01JBEN)', 'Hi']),
    thread({ kind: 'output', cell: 'gone', index: 2, quote: '42' }, ['Where is it?'], true),
  ];
  const read = parseNotebook(serialiseNotebook(withAnnotations(file, threads)));
  expect(read.cells[0]?.metadata).toEqual({
    tags: ['x'],
    trialroom: {
      folded: true,
      comments: [
        {
          on: 'cell',
          resolved: false,
          messages: [
            { author: 'Ada', at: '1970-01-01T00:00:00.000Z', text: 'Hello @Ben' },
            { author: 'Ada', at: '1970-01-02T00:00:00.000Z', text: 'Hi' },
          ],
        },
      ],
    },
  });
  expect(read.cells[1]?.metadata).toEqual(before.cells[1]?.metadata);
  expect(read.metadata.trialroom).toMatchObject({
    comments: [{ on: 'output', output: 2, quote: '42', resolved: true }],
  });
  expect(file).toEqual(before);
});

test('threads as Markdown are quotes that nothing in them can end', () => {
  const target = { kind: 'text', cell: 'a', start: '', end: '', quote: 'a ` b' } as const;
  expect(annotationsMarkdown([thread(target, ['One\n\n# Two'], true)])).toBe(
    '> **Comment on ``a ` b``** · resolved\n>\n> **Ada**, 1970-01-01:\n>\n> One\n>\n> # Two',
  );
  expect(annotationsMarkdown([])).toBe('');
});
