import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MIME, type OutputEvent, STREAM_SHOWN } from '@trialroom/shared/notebook/outputs';
import type { Execution } from '@trialroom/shared/notebook/session';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Blobs, createBlobs } from '../../blobs/blobs.ts';
import type { Database } from '../../database/database.ts';
import { testDatabases } from '../../database/testing.ts';
import { OutputEventsRow } from '../entities.ts';
import type { OutputChange } from './output-plan.ts';
import { OutputLog } from './outputs.ts';
import { createSessionStore, type SessionStore } from './store.ts';

const log = pino({ level: 'silent' });
const by = { id: 'ann', name: 'Ann', colour: 'a' };
let serial = 0;

const executionOf = (cell: string): Execution => ({
  id: `x${++serial}`,
  request: `x${serial}`,
  cell,
  source: `"${cell}\u0000"`,
  hash: 'h',
  count: serial,
  by,
  queuedAt: 1,
  startedAt: null,
});
const text = (value: string, name: 'stdout' | 'stderr' = 'stdout'): OutputEvent => ({
  type: 'stream',
  name,
  text: value,
});

describe.each(testDatabases())('the execution log on $name', ({ open }) => {
  let db: Database;
  let store: SessionStore;
  let blobs: Blobs;
  let folder: string;

  beforeAll(async () => {
    db = await open();
    store = createSessionStore(db);
    folder = await mkdtemp(join(tmpdir(), 'trialroom-log-'));
    blobs = createBlobs(folder);
  });
  afterAll(async () => {
    await db.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function openLog(notebook: string, over: Partial<SessionStore> = {}, kept: Blobs = blobs) {
    const changes: OutputChange[] = [];
    const stored = await store.load(notebook);
    const emit = (change: OutputChange) => void changes.push(change);
    return {
      changes,
      stored,
      log: new OutputLog({ notebook, store: { ...store, ...over }, blobs: kept, log, emit }, stored),
    };
  }

  it('stores words in order, tells them, and reads them back the same', async () => {
    const { log: outputs, changes } = await openLog('n1');
    const first = executionOf('a');
    outputs.begin(first);
    outputs.say(first.id, text('one '));
    outputs.say(first.id, text('two'));
    outputs.say(first.id, text('oh', 'stderr'));
    outputs.say(first.id, { type: 'result', data: { 'text/plain': '\u0000 \ud83d' }, metadata: {}, count: 1 });
    await outputs.settled();
    const expected = [
      { type: 'stream', name: 'stdout', text: 'one two' },
      { type: 'stream', name: 'stderr', text: 'oh' },
      { type: 'result', data: { 'text/plain': '\u0000 \ud83d' }, metadata: {}, count: 1 },
    ];
    expect(outputs.outputs()).toEqual({ a: expected });
    expect(changes.map(({ begin }) => begin)).toEqual([true]);
    expect(changes.flatMap(({ events }) => events)).toHaveLength(3);
    // Not closed yet: what a server that dies now leaves behind.
    expect((await openLog('n1')).stored).toMatchObject([
      { cell: 'a', execution: first.id, end: null, outputs: expected },
    ]);
    await outputs.close(first.id, 'ok', 12);
    await outputs.close(first.id, 'aborted', null);
    const again = await openLog('n1');
    expect(again.stored).toMatchObject([{ end: 'ok', ms: 12, count: first.count, by, outputs: expected }]);
    expect(again.log.outputs()).toEqual({ a: expected });
    expect(await db.em().count(OutputEventsRow, { execution: first.id })).toBe(0);
    await outputs.end();
  });

  it('replaces the outputs of a cell that runs again, and lets the old run say no more', async () => {
    const { log: outputs } = await openLog('n2');
    const first = executionOf('a');
    outputs.begin(first);
    outputs.say(first.id, text('x'.repeat(STREAM_SHOWN + 1)));
    await outputs.close(first.id, 'ok', 1);
    expect(await blobs.findSpill(first.id, 'stdout')).not.toBeNull();
    const second = executionOf('a');
    outputs.begin(second);
    outputs.say(second.id, text('new'));
    outputs.say(first.id, text('late'));
    await outputs.close(second.id, 'error', 1);
    expect(outputs.outputs()).toEqual({ a: [{ type: 'stream', name: 'stdout', text: 'new' }] });
    expect((await openLog('n2')).stored).toMatchObject([{ execution: second.id, end: 'error' }]);
    expect(await blobs.findSpill(first.id, 'stdout')).toBeNull();
    await outputs.end();
  });

  it('goes on after the end of an execution: a timer may still print', async () => {
    const { log: outputs } = await openLog('n3');
    const first = executionOf('a');
    outputs.begin(first);
    outputs.say(first.id, text('now '));
    await outputs.close(first.id, 'ok', 1);
    outputs.say(first.id, text('later'));
    await outputs.settled();
    const expected = [{ type: 'stream', name: 'stdout', text: 'now later' }];
    expect(outputs.outputs()).toEqual({ a: expected });
    expect((await openLog('n3')).stored).toMatchObject([{ outputs: expected }]);
    await outputs.end();
  });

  it('keeps the whole of a long stream in a file, and sends and stores only what is shown', async () => {
    const { log: outputs, changes } = await openLog('n4');
    const first = executionOf('a');
    outputs.begin(first);
    let whole = '';
    for (let line = 0; line < 200_000; line += 20_000) {
      const chunk = Array.from({ length: 20_000 }, (_, i) => `line ${line + i} ümlaut\n`).join('');
      whole += chunk;
      outputs.say(first.id, text(chunk));
      await outputs.settled();
    }
    await outputs.close(first.id, 'ok', 1);
    const spilled = await blobs.findSpill(first.id, 'stdout');
    expect(await readFile(spilled?.path ?? '', 'utf8')).toBe(whole);
    const [shown] = outputs.outputs().a ?? [];
    if (shown?.type !== 'stream') throw new Error('expected a stream');
    expect(shown.spill).toEqual({
      url: `/api/outputs/${first.id}/stdout`,
      bytes: Buffer.byteLength(whole),
      lines: 200_000,
    });
    expect(shown.text.startsWith('line 0 ')).toBe(true);
    expect(shown.text.endsWith('line 199999 ümlaut\n')).toBe(true);
    expect(shown.text.length).toBeLessThan(STREAM_SHOWN + 100);
    for (const { events } of changes) expect(JSON.stringify(events).length).toBeLessThan(2 * STREAM_SHOWN);
    expect((await openLog('n4')).log.outputs().a).toEqual([shown]);
    await outputs.end();
  });

  it('keeps a long message whole beside the streams, and shows its beginning', async () => {
    const { log: outputs } = await openLog('n9');
    const first = executionOf('a');
    const message = `expected ${'ä'.repeat(300_000)}\nto be empty`;
    outputs.begin(first);
    outputs.say(first.id, { type: 'error', error: { name: 'AssertionError', message, frames: [] } });
    await outputs.close(first.id, 'error', 1);
    const whole = `AssertionError: ${message}\n`;
    const spilled = await blobs.findSpill(first.id, 'error');
    expect(await readFile(spilled?.path ?? '', 'utf8')).toBe(whole);
    const [shown] = outputs.outputs().a ?? [];
    if (shown?.type !== 'error') throw new Error('expected an error');
    expect(shown.error.spill).toEqual({
      url: `/api/outputs/${first.id}/error`,
      bytes: Buffer.byteLength(whole),
      lines: 2,
    });
    expect(shown.error.message.startsWith('expected ääää')).toBe(true);
    expect(shown.error.message).toMatch(/characters not shown …$/);
    expect(shown.error.message.length).toBeLessThan(21_000);
    expect((await openLog('n9')).log.outputs().a).toEqual([shown]);
    const second = executionOf('a');
    outputs.begin(second);
    await outputs.close(second.id, 'ok', 1);
    await outputs.settled();
    expect(await blobs.findSpill(first.id, 'error')).toBeNull();
    await outputs.end();
  });

  it('puts a value too big for a page into a blob, with a preview', async () => {
    const { log: outputs } = await openLog('n5');
    const first = executionOf('a');
    const html = `<p>${'y'.repeat(3_000_000)}</p>`;
    outputs.begin(first);
    outputs.say(first.id, { type: 'display', data: { 'text/html': html, 'text/plain': 'small' }, metadata: {} });
    await outputs.close(first.id, 'ok', 1);
    const [shown] = outputs.outputs().a ?? [];
    if (shown?.type !== 'display') throw new Error('expected a display');
    const blob = shown.data[MIME.blob];
    expect(blob).toMatchObject({ mime: 'text/html', bytes: html.length });
    expect(shown.data['text/plain']).toBe('small');
    expect(JSON.stringify(shown).length).toBeLessThan(5000);
    const sha256 = blob && typeof blob === 'object' && 'sha256' in blob ? String(blob.sha256) : '';
    expect(await readFile((await blobs.find(sha256))?.path ?? '', 'utf8')).toBe(html);
    await outputs.end();
  });

  it('shows the beginning of a value that cannot be kept whole, says why, and goes on', async () => {
    const full = join(folder, 'full');
    await writeFile(full, '');
    const { log: outputs } = await openLog('n10', {}, createBlobs(full));
    const first = executionOf('a');
    let credited = 0;
    outputs.begin(first);
    const html = `<p>${'y'.repeat(3_000_000)}</p>`;
    outputs.say(first.id, { type: 'display', data: { 'text/html': html }, metadata: {} }, () => void credited++);
    outputs.say(first.id, text('after'), () => void credited++);
    await outputs.close(first.id, 'ok', 1);
    expect(credited).toBe(2);
    const [shown, said] = outputs.outputs().a ?? [];
    if (shown?.type !== 'display') throw new Error('expected a display');
    expect(shown.data['text/html']).toBeUndefined();
    expect(shown.data['text/plain']).toMatch(/^text\/html of 3,000,007 bytes could not be kept: .*ENOTDIR.*\n<p>yyy/);
    expect(String(shown.data['text/plain']).length).toBeLessThan(5000);
    expect(said).toMatchObject({ text: 'after' });
    expect((await openLog('n10')).stored).toMatchObject([{ end: 'ok' }]);
    await outputs.end();
  });

  it('stores a chart that changes faster than anyone sees once a write, and gives all credit back', async () => {
    const { log: outputs, changes } = await openLog('n6');
    const first = executionOf('a');
    let credited = 0;
    const taken = () => void credited++;
    outputs.begin(first);
    outputs.say(first.id, { type: 'display', data: { 'text/plain': '0' }, metadata: {}, id: 'c' }, taken);
    for (let i = 1; i <= 100; i++) {
      outputs.say(first.id, { type: 'update', data: { 'text/plain': `${i}` }, metadata: {}, id: 'c' }, taken);
    }
    await outputs.close(first.id, 'ok', 1);
    expect(credited).toBe(101);
    expect(outputs.outputs().a).toMatchObject([{ data: { 'text/plain': '100' } }]);
    expect(changes.flatMap(({ events }) => events)).toHaveLength(2);
    await outputs.end();
  });

  it('shows nothing that is not stored, and loses nothing when the store fails for a while', async () => {
    let refuse = true;
    let asked = 0;
    const failing: SessionStore['write'] = async (batch) => {
      asked++;
      if (refuse) throw new Error('no database');
      await store.write(batch);
      // The answer to a write that was done is lost once: it must not be done twice.
      if (asked === 3) throw new Error('connection lost');
    };
    const { log: outputs, changes } = await openLog('n7', { write: failing });
    const first = executionOf('a');
    let credited = 0;
    outputs.begin(first);
    outputs.say(first.id, text('kept'), () => void credited++);
    const closed = outputs.close(first.id, 'ok', 1);
    await new Promise<void>((resolve) => {
      const check = () => (asked >= 2 ? resolve() : setImmediate(check));
      check();
    });
    expect([outputs.outputs(), changes, credited]).toEqual([{}, [], 0]);
    refuse = false;
    await closed;
    expect(credited).toBe(1);
    expect((await openLog('n7')).stored).toMatchObject([{ end: 'ok', outputs: [{ text: 'kept' }] }]);
    await outputs.end();
  });

  it('closes what a server that died left open, and says so', async () => {
    const { log: outputs } = await openLog('n8');
    const [first, second, other] = [executionOf('a'), executionOf('a'), executionOf('b')];
    outputs.begin(first);
    outputs.say(first.id, text('said before'));
    await outputs.settled();
    outputs.begin(second);
    outputs.say(second.id, text('last words'));
    outputs.begin(other);
    await outputs.close(other.id, 'ok', 1);
    expect(await store.closeOrphans()).toBe(2);
    expect(await store.closeOrphans()).toBe(0);
    const { stored } = await openLog('n8');
    expect(stored.find(({ cell }) => cell === 'a')).toMatchObject({
      execution: second.id,
      end: 'aborted',
      outputs: [{ text: 'last words' }, { type: 'error', error: { name: 'Aborted' } }],
    });
    expect(stored.find(({ cell }) => cell === 'b')).toMatchObject({ end: 'ok', outputs: [] });
  });
});
