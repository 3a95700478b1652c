import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Evaluation } from '@trialroom/shared/trial/evaluation';
import type { Trial } from '@trialroom/shared/trial/trial';
import { unzipSync } from 'fflate';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBlobs } from '../blobs/blobs.ts';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { Refusal } from '../http/refusal.ts';
import { createHttpApp } from '../http/router.ts';
import { createIntake } from './intake.ts';
import { createResults, type Results } from './results.ts';
import { resultsRoutes } from './routes.ts';
import type { ResultsSink } from './sink.ts';

const trialOf = (id: string): Trial => ({
  ...{ id, experiment: 'digits', experimentId: 'e', name: 'Größe ✓', status: 'completed', stopRequested: false },
  ...{ pauseRequested: false, params: { lr: 0.1, layers: [3, 4] }, objective: null, progress: null, summary: {} },
  ...{ reason: null, notebook: null, cell: null, backend: null, by: null, tags: [], starred: false, note: '' },
  ...{ createdAt: 7, startedAt: null, endedAt: null, archivedAt: null, release: 'none', checkpoint: null, revision: 1 },
});
const evaluation = (over: Partial<Extract<Evaluation, { task: 'regression' }>> = {}): Evaluation => ({
  ...{ task: 'regression', name: 'test', at: 1, target: '', count: 2, mae: 0.5, rmse: 0.5, r2: null, medianError: 0.5 },
  ...{ maxError: 0.5, bias: 0, residuals: { edges: [0, 1], counts: [2] }, pairs: [], worst: [], leftOut: 0 },
  ...over,
});
const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const textOf = async (pieces: AsyncIterable<Uint8Array>): Promise<string> => {
  const read: Uint8Array[] = [];
  for await (const piece of pieces) read.push(piece);
  return Buffer.concat(read).toString();
};

describe.each(testDatabases())('results on $name', ({ open }) => {
  let db: Database;
  let folder: string;
  let sink: ResultsSink;
  let results: Results;
  const told: string[] = [];
  beforeAll(async () => {
    db = await open();
    folder = await mkdtemp(join(tmpdir(), 'trialroom-results-'));
    const blobs = createBlobs(join(folder, 'blobs'));
    const hub = { emit: (topic: string) => void told.push(topic) };
    const onError = (error: unknown) => expect.unreachable(String(error));
    sink = createIntake({ db, blobs, hub, uploadsDir: join(folder, 'uploads'), onError });
    results = createResults({ db, blobs, environmentOf: async () => null });
  });
  afterAll(async () => {
    await db.close();
    await rm(folder, { recursive: true, force: true });
  });
  const file = (name: string) => ({ name, kind: 'file' as const });

  test('an evaluation is kept by name, the newest is the one meant, and a later one replaces it', async () => {
    await sink.evaluation('t1', 'x', 1, json(evaluation({ name: 'val' })));
    await sink.evaluation('t1', 'x', 2, json(evaluation({ at: 5 })));
    await sink.evaluation('t1', 'x', 3, json(evaluation({ at: 6, mae: 0.25 })));
    expect((await results.evaluations('t1')).map(({ name, at }) => [name, at])).toEqual([
      ['test', 6],
      ['val', 1],
    ]);
    expect(await results.evaluation('t1')).toMatchObject({ name: 'test', mae: 0.25 });
    expect(await results.evaluation('t1', 'val')).toMatchObject({ at: 1 });
    await expect(results.evaluation('t1', 'other')).rejects.toMatchObject({ status: 404 });
    expect(told).toContain('trial:t1');
  });

  test.each([
    [Buffer.from('{"task":'), 'This is no evaluation'],
    [Buffer.from([0xff, 0xfe]), 'This is no evaluation'],
    [json({ ...evaluation(), mae: 'small' }), 'This is no evaluation'],
    [json({ ...evaluation(), task: 'guessing' }), 'This is no evaluation'],
  ])('what is no evaluation is refused: %#', async (bytes, message) => {
    await expect(sink.evaluation('t1', 'x', 9, bytes)).rejects.toThrow(message);
  });

  test('a file in pieces appears with its last one, and pieces that come again change nothing', async () => {
    const trial = trialOf('t2');
    const named = async () =>
      (await results.artifacts(trial))
        .filter(({ kind }) => kind === 'file')
        .map(({ name, version }) => [name, version]);
    await sink.artifact('t2', 'x', 1, { ...file('a/b.bin'), piece: 0, last: false }, Buffer.from('one '));
    await sink.artifact('t2', 'x', 1, { ...file('a/b.bin'), piece: 0, last: false }, Buffer.from('one '));
    expect(await named()).toEqual([]);
    const end = { ...file('a/b.bin'), piece: 1, last: true };
    await sink.artifact('t2', 'x', 2, end, Buffer.from('two'));
    await sink.artifact('t2', 'x', 2, end, Buffer.from('two'));
    expect(await named()).toEqual([['a/b.bin', 1]]);
    const found = await results.artifact(trial, 'a/b.bin');
    expect(found).toMatchObject({ bytes: 7, sha256: sha256('one two') });
    expect(await textOf(found.read())).toBe('one two');

    await sink.artifact('t2', 'x', 3, { ...file('a/b.bin'), piece: 0, last: true }, Buffer.from('three'));
    expect(await named()).toEqual([['a/b.bin', 2]]);
    expect(await textOf((await results.artifact(trial, 'a/b.bin', 1)).read())).toBe('one two');
    expect((await results.versions(trial, 'a/b.bin')).map(({ version }) => version)).toEqual([2, 1]);
  });

  test('a file that was broken off leaves nothing behind in the next of its name', async () => {
    const trial = trialOf('t3');
    for (const piece of [0, 1, 2]) {
      await sink.artifact('t3', 'x', piece, { ...file('m'), piece, last: false }, Buffer.from(`old${piece}`));
    }
    await sink.artifact('t3', 'x', 4, { ...file('m'), piece: 0, last: false }, Buffer.from('new0 '));
    await sink.artifact('t3', 'x', 5, { ...file('m'), piece: 1, last: true }, Buffer.from('new1'));
    expect(await textOf((await results.artifact(trial, 'm')).read())).toBe('new0 new1');
    expect(await readdir(join(folder, 'uploads'))).toEqual([]);
  });

  test('a file with a hole, or with a name that leads elsewhere, is refused', async () => {
    await sink.artifact('t4', 'x', 1, { ...file('m'), piece: 0, last: false }, Buffer.from('a'));
    await expect(sink.artifact('t4', 'x', 3, { ...file('m'), piece: 2, last: true }, Buffer.from('c'))).rejects.toThrow(
      'piece 1 has not arrived',
    );
    for (const name of ['../x', '/etc/passwd', 'a//b', 'a/../b', '.', 'a\\b', 'a\u0000b', '']) {
      await expect(
        sink.artifact('t4', 'x', 1, { ...file(name), piece: 0, last: true }, Buffer.from('a')),
      ).rejects.toThrow(Refusal);
    }
  });

  test('two files of one name at once get two versions', async () => {
    await Promise.all(
      [1, 2, 3, 4].map((n) =>
        sink.artifact('t5', `x${n}`, 1, { ...file('same'), piece: 0, last: true }, Buffer.from(`${n}`)),
      ),
    );
    const versions = await results.versions(trialOf('t5'), 'same');
    expect(versions.map(({ version }) => version)).toEqual([4, 3, 2, 1]);
  });

  test('predictions are read back, whatever they are called', async () => {
    const csv = 'id,truth,predicted,confidence\r\n"a,""1""",ham,"sp\nam",0.5\r\nb,ham,ham,0.9\r\n';
    await sink.artifact(
      't6',
      'x',
      1,
      { name: 'predictions/test.csv', kind: 'predictions', piece: 0, last: true },
      Buffer.from(csv),
    );
    expect(await results.predictionsOf('t6', 'test')).toEqual([
      { id: 'a,"1"', truth: 'ham', predicted: 'sp\nam' },
      { id: 'b', truth: 'ham', predicted: 'ham' },
    ]);
    expect(await results.predictionsOf('t6', 'val')).toBeNull();
  });

  test('parameters are an artifact, too, and all of them come as one archive', async () => {
    const { app, router } = createHttpApp({
      authenticate: async (headers) =>
        headers.has('authorization') ? { id: 'v', name: 'Vi', colour: 'a', role: 'viewer' } : null,
      log: pino({ level: 'silent' }),
      version: 'test',
    });
    resultsRoutes(router, results, {
      get: async (id) => {
        if (id.startsWith('t')) return trialOf(id);
        throw new Refusal(404, { error: 'trial-unknown', message: 'no' });
      },
    });
    const get = (path: string, headers: Record<string, string> = { authorization: 'x' }) =>
      app.request(path, { headers });
    expect((await get('/api/trials/t2/results', {})).status).toBe(401);
    expect((await get('/api/trials/none/artifacts.zip')).status).toBe(404);
    const yaml = await get('/api/trials/t2/artifact?name=parameters.yaml');
    expect(await yaml.text()).toBe('lr: 0.1\nlayers:\n  - 3\n  - 4\n');
    expect(yaml.headers.get('etag')).toBe(`"${sha256('lr: 0.1\nlayers:\n  - 3\n  - 4\n')}"`);
    expect((await get('/api/trials/t2/artifact?name=a/b.bin&version=0')).status).toBe(400);
    expect((await get('/api/trials/t2/artifact?name=a/b.bin&version=9')).status).toBe(404);
    const zip = await get('/api/trials/t2/artifacts.zip');
    expect(zip.headers.get('content-disposition')).toContain("filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E2%9C%93.zip");
    const files = unzipSync(new Uint8Array(await zip.arrayBuffer()));
    expect(Object.keys(files).sort()).toEqual(['a/b.bin', 'parameters.yaml']);
    expect(Buffer.from(files['a/b.bin'] ?? []).toString()).toBe('three');
  });
});
