import { levelOf } from '@trialroom/shared/trial/log';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { LogChunkEntity } from './entities.ts';
import { logText, searchLog } from './log-search.ts';

describe.each(testDatabases())('searching a log on $name', ({ open: openDatabase }) => {
  let db: Database;
  beforeAll(async () => {
    db = await openDatabase();
  });
  afterAll(() => db.close());

  /** Stores lines in chunks of `size`. */
  const store = async (trial: string, texts: readonly string[], size: number): Promise<void> => {
    const lines = texts.map((text, at) => ({
      seq: at + 1,
      at: at + 1,
      stream: at % 10 === 9 ? 'stderr' : 'stdout',
      text,
    }));
    const chunks = Array.from({ length: Math.ceil(lines.length / size) }, (_, chunk) => {
      const part = lines.slice(chunk * size, (chunk + 1) * size);
      return { trial, firstSeq: part[0]?.seq ?? 0, lastSeq: part.at(-1)?.seq ?? 0, lines: JSON.stringify(part) };
    });
    for (let from = 0; from < chunks.length; from += 4) {
      await db.em().insertMany(LogChunkEntity, chunks.slice(from, from + 4));
    }
  };
  const seqs = async (trial: string, query: Parameters<typeof searchLog>[2]) => {
    const { lines, next } = await searchLog(db, trial, query);
    return { seqs: lines.map(({ seq }) => seq), next };
  };

  test('finds text, expressions, streams and levels, a page at a time', async () => {
    const texts = Array.from({ length: 95 }, (_, at) => (at % 20 === 0 ? `Loss ${at} (a+b)` : `epoch ${at}`));
    texts[42] = '2026-11-21 10:00:00 [train] WARNING: learning rate is high';
    await store('t1', texts, 7);
    expect(await seqs('t1', { q: 'loss' })).toEqual({ seqs: [1, 21, 41, 61, 81], next: null });
    expect(await seqs('t1', { q: 'loss', case: true })).toEqual({ seqs: [], next: null });
    expect(await seqs('t1', { q: '(a+b)' })).toEqual({ seqs: [1, 21, 41, 61, 81], next: null });
    expect(await seqs('t1', { q: '^LOSS [24]0', regex: true })).toEqual({ seqs: [21, 41], next: null });
    expect(await seqs('t1', { q: '^LOSS', regex: true, case: true })).toEqual({ seqs: [], next: null });
    expect(await seqs('t1', { level: 'warning' })).toEqual({ seqs: [43], next: null });
    expect(await seqs('t1', { stream: 'stderr', from: 50 })).toEqual({ seqs: [50, 60, 70, 80, 90], next: null });
    const first = await seqs('t1', { q: 'loss', limit: 2 });
    expect(first).toEqual({ seqs: [1, 21], next: 22 });
    expect(await seqs('t1', { q: 'loss', limit: 3, from: first.next ?? 0 })).toEqual({ seqs: [41, 61, 81], next: 82 });
    expect(await searchLog(db, 'none', { q: 'x' })).toEqual({ lines: [], next: null, searched: 0, total: 0 });
  });

  test('refuses an expression that is none, and one that would take for ever', async () => {
    await store('t2', [`${'a'.repeat(3000)}!`], 10);
    await expect(searchLog(db, 't2', { q: '(', regex: true })).rejects.toMatchObject({
      status: 422,
      problem: { error: 'bad-expression' },
    });
    await expect(searchLog(db, 't2', { q: '^(a+)+$', regex: true })).rejects.toMatchObject({
      status: 422,
      problem: { error: 'expression-too-slow' },
    });
  });

  test('goes through very many lines, and gives them all as they were', async () => {
    const texts = Array.from({ length: 200_000 }, (_, at) => `step ${at} loss 0.${at % 1000}`);
    await store('t3', texts, 20_000);
    const found: number[] = [];
    for (let from: number | null = 1; from !== null; ) {
      const page = await seqs('t3', { q: 'step 19999', from });
      found.push(...page.seqs);
      from = page.next;
    }
    expect(found).toEqual([20_000, ...Array.from({ length: 10 }, (_, at) => 199_990 + at + 1)]);
    let [bytes, lines] = [0, 0];
    for await (const piece of logText(db, 't3')) {
      bytes += piece.length;
      for (const byte of piece) if (byte === 10) lines++;
    }
    expect(lines).toBe(200_000);
    expect(bytes).toBe(texts.reduce((sum, text) => sum + text.length + 1, 0));
  }, 240_000);
});

test.each([
  ['ERROR: no', 'error'],
  ['[warn] careful', 'warning'],
  ['2026-11-21T10:00:00.123Z INFO started', 'info'],
  ['12:00:01,5 - DEBUG - x', 'debug'],
  ['{"level":50,"msg":"x"}', 'error'],
  ['{"time":1,"level":"warn"}', 'warning'],
  ['TypeError: x is not a function', 'error'],
  ['information wants to be free', null],
  ['errors: 3', null],
  ['epoch 1 loss 0.5', null],
])('%s is %s', (text, level) => expect(levelOf(text)).toBe(level));
