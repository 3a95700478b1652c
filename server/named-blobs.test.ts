/** Every place in which a blob may be named is looked at before one is swept. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBlobs } from './blobs/blobs.ts';
import { namedInDatabase, namedInNotebooks } from './blobs/named.ts';
import type { Database } from './database/database.ts';
import { testDatabases } from './database/testing.ts';
import { VersionContentRow } from './history/entities.ts';
import { namedInVersions } from './history/named.ts';
import { namedInExecuted } from './launches/executed.ts';

describe.each(testDatabases())('names of blobs on $name', ({ open }) => {
  let db: Database;
  let folder: string;
  beforeAll(async () => {
    db = await open();
    folder = await mkdtemp(join(tmpdir(), 'trialroom-named-'));
  });
  afterAll(async () => {
    await db.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('are found wherever something is kept: rows, bytes, versions, executed notebooks and files', async () => {
    const blobs = createBlobs(join(folder, 'blobs'));
    const of = async (text: string): Promise<string> => (await blobs.put(text)).sha256;
    const [event, artifact, output, document, version, inRun, file] = await Promise.all(
      ['event', 'artifact', 'output', 'document', 'version', 'in a run', 'file'].map(of),
    );
    const run = await of(JSON.stringify({ cells: [{ outputs: [{ data: { sha256: inRun } }] }] }));
    const em = db.em();
    await em.execute(`insert into trial_events (trial, seq, at, kind, text, data) values ('t', 1, 1, 'media', '', ?)`, [
      JSON.stringify({ sha256: event }),
    ]);
    await em.execute(
      `insert into artifacts (trial, name, version, kind, bytes, sha256, at, origin) values ('t', 'm', 1, 'file', 1, ?, 1, 'o')`,
      [artifact],
    );
    await em.execute(`insert into output_events (execution, seq, events) values ('e', 1, ?)`, [
      JSON.stringify([{ data: { sha256: output } }]),
    ]);
    await em.execute(`insert into documents (notebook, snapshot, seeded_at) values ('n', ?, 1)`, [
      Buffer.concat([Buffer.from([0, 255, 92, 40]), Buffer.from(`"${document}"`), Buffer.from([7, 200])]),
    ]);
    const data = brotliCompressSync(JSON.stringify({ outputs: [{ sha256: version }] }));
    await em.insert(VersionContentRow, { notebook: 'n', hash: 'h', data });
    await em.execute(`insert into launches (trial, source, params, folder, executed) values ('t', '', '{}', '', ?)`, [
      run,
    ]);
    await writeFile(join(folder, 'a.ipynb'), JSON.stringify({ blob: file }));
    const found = new Set<string>();
    for (const user of [
      ...[namedInDatabase(db), namedInVersions(db), namedInExecuted(db, blobs)],
      ...[namedInNotebooks(folder), namedInNotebooks(join(folder, 'nothing'))],
    ]) {
      for await (const some of user()) for (const name of some) found.add(name);
    }
    expect([event, artifact, output, document, version, inRun, file, run].map((name) => found.has(name ?? ''))).toEqual(
      new Array(8).fill(true),
    );
  });
});
