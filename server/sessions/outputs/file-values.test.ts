import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MIME, type MimeBundle, type Output } from '@trialroom/shared/notebook/outputs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Blobs, createBlobs } from '../../blobs/blobs.ts';
import { testDatabases } from '../../database/testing.ts';
import { ann, idle, openWorkspace } from '../workspace.ts';
import { FileValues, VALUE_IN_FILE } from './file-values.ts';
import { OutputLimits, VALUE_SHOWN } from './limits.ts';

describe('big values', () => {
  let folder: string;
  let blobs: Blobs;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trialroom-values-'));
    blobs = createBlobs(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const shown = async (data: MimeBundle): Promise<Output[]> => {
    const limits = new OutputLimits('x1', blobs);
    return (await limits.take([], [{ type: 'display', data, metadata: {} }])).outputs;
  };

  it('leave the page and come back for the file, whatever they are', async () => {
    const size = VALUE_SHOWN + 3;
    const data: MimeBundle = {
      'text/plain': 'small',
      'text/html': `<p>ö${'h'.repeat(size)}`,
      'image/png': Buffer.alloc(size, 7).toString('base64'),
      'image/svg+xml': `<svg>${'s'.repeat(size)}</svg>`,
      'application/json': { list: ['j'.repeat(size), 1, null] },
      'application/x.text+json': JSON.stringify('t'.repeat(size)),
    };
    const page = await shown(data);
    expect(JSON.stringify(page).length).toBeLessThan(20_000);
    expect(await new FileValues(blobs).restore(page)).toEqual([{ type: 'display', data, metadata: {} }]);
  });

  it('stay out of the file when they are too big for it, or lost', async () => {
    const page = await shown({ 'text/html': 'x'.repeat(VALUE_IN_FILE + 1), 'text/plain': 'p' });
    expect(await new FileValues(blobs).restore(page)).toEqual(page);
    const lost = await shown({ 'text/html': 'y'.repeat(VALUE_SHOWN + 1) });
    expect(await new FileValues({ find: async () => null }).restore(lost)).toEqual(lost);
    const stream: Output[] = [{ type: 'stream', name: 'stdout', text: 'as it was' }];
    expect((await new FileValues(blobs).restore(stream))[0]).toBe(stream[0]);
  });

  it('of a cell that ran are whole in its file', async () => {
    const [embedded] = testDatabases();
    const db = await embedded?.open();
    if (!db) throw new Error('no database to test on');
    const work = await openWorkspace(db);
    const id = await work.notebook('big', { a: '({ toHtml: () => "<b>" + "x".repeat(2_000_000) + "</b>" })' });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a'], ann);
    await idle(mirror);
    const [output] = mirror.outputs.a ?? [];
    expect(output?.type === 'result' && output.data[MIME.blob]).toMatchObject({ mime: 'text/html', bytes: 2_000_007 });
    expect(mirror.received).toBeLessThan(50_000);
    await work.documents.flush();
    const file = JSON.parse(await readFile(join(work.notebooksDir, 'big.ipynb'), 'utf8'));
    const { data } = file.cells[0].outputs[0];
    expect([data['text/html']].flat().join('')).toHaveLength(2_000_007);
    expect(data[MIME.blob]).toBeUndefined();

    // What another program wrote is shown within bounds, and stays as it is in the file.
    const theirs = await work.notebook('theirs', { a: '1', b: '2' });
    const path = join(work.notebooksDir, 'theirs.ipynb');
    const written = JSON.parse(await readFile(path, 'utf8'));
    const data0 = { 'text/html': ['h'.repeat(VALUE_IN_FILE + 1)], 'text/plain': ['p'] };
    written.cells[0].outputs = [{ output_type: 'display_data', data: data0, metadata: {} }];
    await writeFile(path, JSON.stringify(written));
    const other = await work.watch(theirs);
    const [shownOutput] = other.outputs.a ?? [];
    expect(shownOutput?.type === 'display' && shownOutput.data[MIME.blob]).toMatchObject({ mime: 'text/html' });
    await work.sessions.run(theirs, ['b'], ann);
    await idle(other);
    await work.documents.flush();
    const after = JSON.parse(await readFile(path, 'utf8'));
    expect(after.cells[1].execution_count).toBe(1);
    expect(after.cells[0].outputs[0].data).toEqual(data0);
    await work.close();
    await db.close();
  });
});
