/** Threads follow their text when a cell is split, over HTTP, on each database: durable with the split, and told live. */
import type { AnnotationTarget } from '@trialroom/shared/annotation/target';
import { mergeCells, splitCell } from '@trialroom/shared/notebook/cell-edits';
import { cellsOf, sourceOf } from '@trialroom/shared/notebook/document';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { connectEditor, notebookOf } from '../documents/testing.ts';
import { type Caller, startAnnotations, type TestAnnotations } from './testing.ts';

describe.each(testDatabases())('threads on $name', ({ open }) => {
  let db: Database;
  let work: TestAnnotations;
  let ada: Caller;
  let notebook: string;
  beforeAll(async () => {
    db = await open();
    work = await startAnnotations(db);
    await work.server.put('n.ipynb', notebookOf('const ratio = 8;\nratio * 2', 'another'));
    notebook = await work.server.id('n.ipynb');
    ada = await work.person('editor');
  });
  afterAll(async () => {
    await work.close();
    await db.close();
  });

  it('go with their text, are known anew by it, and are told to everyone once that is stored', async () => {
    const editor = connectEditor(work.server.url, notebook, await work.server.token('editor'));
    await editor.synced();
    const { doc } = editor;
    const text = (cell: string): Y.Text => sourceOf(cellsOf(doc).get(cell) ?? new Y.Map());
    const position = (index: number, side: number): string =>
      Buffer.from(Y.encodeRelativePosition(Y.createRelativePositionFromTypeIndex(text('c0'), index, side))).toString(
        'base64',
      );
    const begin = (target: AnnotationTarget) =>
      ada.thread('POST', `/api/notebooks/${notebook}/annotations`, {
        ...{ target, text: 'Why?', request: crypto.randomUUID() },
      });
    const below = await begin({
      ...{ kind: 'text', cell: 'c0', quote: 'ratio * 2' },
      start: position(17, 0),
      end: position(26, -1),
    });
    const onOther = await begin({ kind: 'cell', cell: 'c1' });
    const targetOf = async (id: string): Promise<AnnotationTarget | undefined> => {
      const { body } = await ada.ask('GET', `/api/notebooks/${notebook}/annotations`);
      const { annotations } = body as { annotations: { id: string; target: AnnotationTarget }[] };
      return annotations.find((one) => one.id === id)?.target;
    };

    work.server.sent.length = 0;
    splitCell(doc, 'c0', [17], () => 'below');
    await editor.acknowledged();
    const moved = await targetOf(below.id);
    expect(moved).toMatchObject({ kind: 'text', cell: 'below', quote: 'ratio * 2' });
    if (moved?.kind !== 'text') throw new Error('not on text');
    const [from, to] = [moved.start, moved.end].map((end) =>
      Y.createAbsolutePositionFromRelativePosition(Y.decodeRelativePosition(Buffer.from(end, 'base64')), doc),
    );
    expect(from?.type).toBe(text('below'));
    expect([from?.index, to?.index]).toEqual([0, 9]);
    await expect
      .poll(() => work.server.sent.filter(({ event }) => event === 'annotation').map(({ payload }) => payload))
      .toMatchObject([{ annotation: { id: below.id, revision: below.revision + 1, target: moved } }]);

    mergeCells(doc, ['c0', 'below', 'c1']);
    await editor.acknowledged();
    expect(await targetOf(below.id)).toMatchObject({ cell: 'c0' });
    expect(await targetOf(onOther.id)).toEqual({ kind: 'cell', cell: 'c0', home: 'c1' });
    expect(work.server.errors).toEqual([]);
    editor.close();
  });
});
