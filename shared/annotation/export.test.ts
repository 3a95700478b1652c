import { expect, test } from 'vitest';
import { newNotebook, parseNotebook, serialiseNotebook } from '../notebook/format.ts';
import type { Annotation, NotebookAnnotation } from './annotation.ts';
import { annotationsMarkdown, notesMarkdown, withAnnotations, writeNotes } from './export.ts';
import type { NotebookTarget, TrialTarget } from './target.ts';

const author = { id: '01JADA', name: 'Ada', colour: 'a' } as const;
const thread = (target: NotebookTarget, texts: string[], resolved = false): NotebookAnnotation => ({
  id: target.cell,
  subject: { kind: 'notebook', id: 'n' },
  number: 1,
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

const note = (number: number, target: TrialTarget, text: string): Annotation => ({
  ...thread({ kind: 'cell', cell: `${number}` }, [text]),
  subject: { kind: 'trial', id: 't' },
  number,
  target,
});

test('threads of a trial say where they stand and what was seen there, whatever its metrics are called', () => {
  const notes = [
    note(1, { kind: 'trial' }, 'Warm'),
    note(2, { kind: 'point', key: 'val*loss', step: 44_200, value: 'NaN' }, 'Broken?'),
    note(3, { kind: 'range', keys: ['a', 'b'], from: -3, to: 1e21 }, '> quoted'),
    note(4, { kind: 'log', seq: 7, quote: '``` [shard](x)\nslow' }, 'See\n\nthis'),
    note(5, { kind: 'confusion', evaluation: 'test', row: 0, column: 1, labels: ['cat', 'dog'], count: 12 }, 'Hm'),
    note(6, { kind: 'point', key: '\u{1f409}'.repeat(5000), step: 0.5, value: null }, 'long'),
  ];
  expect(
    notesMarkdown('vit *s16*', notes)
      .split('\n')
      .filter((line) => /^#|Note/.test(line)),
  ).toEqual([
    '# Annotations of vit \\*s16\\*',
    '> **Note 1**',
    '> **Note 2, val\\*loss at 44,200: `NaN`**',
    '> **Note 3, a, b \u22123 to 1e21**',
    '> **Note 4, log line 7: ```` ``` [shard](x)… ````**',
    '> **Note 5, cat taken for dog, test: `12`**',
    `> **Note 6, ${'\u{1f409}'.repeat(59)}… at 0.5**`,
  ]);
  expect(notesMarkdown('empty', [])).toBe('# Annotations of empty\n\nThere are none.\n');
  const written = JSON.parse(JSON.stringify(writeNotes(notes)));
  expect(written[1]).toEqual({
    number: 2,
    place: 'val*loss at 44,200',
    target: { kind: 'point', key: 'val*loss', step: 44_200, value: 'NaN' },
    resolved: false,
    messages: [{ author: 'Ada', at: '1970-01-01T00:00:00.000Z', text: 'Broken?' }],
  });
});
