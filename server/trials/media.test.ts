import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SaidEvent } from '@trialroom/shared/trial/event';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createBlobs } from '../blobs/blobs.ts';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { origin, processOf } from './testing.ts';

const OPEN = { experiment: 'media', name: 'run', params: {} };
const media = (step: number, data: Record<string, unknown>): SaidEvent => ({
  ...{ kind: 'media', at: 1, step, text: `${data.key} at ${step}`, data },
});
const image = (key: string, bytes: string) => ({
  ...{ media: 'image', key, type: 'image/png', width: 2, height: 1 },
  base64: Buffer.from(bytes).toString('base64'),
});

describe.each(testDatabases())('media of trials on $name', ({ open: openDatabase }) => {
  const endings: (() => unknown)[] = [];
  let db: Database;
  beforeAll(async () => {
    db = await openDatabase();
  });
  afterAll(() => db.close());
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });
  const start = async () => {
    const folder = mkdtempSync(join(tmpdir(), 'trialroom-media-'));
    endings.push(() => rmSync(folder, { recursive: true, force: true }));
    const blobs = createBlobs(folder);
    const { trials, close } = await processOf(db, { blobs });
    endings.push(close);
    const read = async (sha256: string) => readFileSync((await blobs.find(sha256))?.path ?? '', 'utf8');
    return { trials, read };
  };

  test('are kept as blobs, and listed by key and step', async () => {
    const { trials, read } = await start();
    const { trial } = await trials.open(OPEN, origin());
    const table = { columns: ['a'], rows: [[1], ['NaN']] };
    const histogram = { media: 'histogram', key: 'w', edges: [0, 1], counts: [3], nan: 1, infinite: 0 };
    const all = [
      media(30, image('digit', 'third')),
      media(10, image('digit', 'first')),
      media(20, { ...image('digit', 'second'), caption: 'so far' }),
      media(10, histogram),
      media(10, { media: 'table', key: 'worst', table }),
      media(10, { media: 'text', key: 'story', text: 'Once \0upon' }),
    ];
    await Promise.all([trials.events(trial, 'e1', 1, all), trials.events(trial, 'e1', 1, all)]);
    const { media: listed, keys } = await trials.mediaOf(trial, {});
    expect(listed).toHaveLength(6);
    expect(keys).toEqual([
      { key: 'digit', media: 'image', count: 3 },
      { key: 'w', media: 'histogram', count: 1 },
      { key: 'worst', media: 'table', count: 1 },
      { key: 'story', media: 'text', count: 1 },
    ]);
    const digits = await trials.mediaOf(trial, { key: 'digit', from: 15, to: 30 });
    expect(digits.media.map(({ step }) => step)).toEqual([20, 30]);
    expect(digits.media[0]?.data).toMatchObject({ caption: 'so far', width: 2, bytes: 6 });
    const contents = await Promise.all(
      listed.map(({ data }) => ('sha256' in data ? read(data.sha256) : JSON.stringify(data.counts))),
    );
    expect(contents.toSorted()).toEqual(
      ['third', 'first', 'second', '[3]', JSON.stringify(table), 'Once \0upon'].toSorted(),
    );
    // What is shown as events leaves them out, and they hold no bytes.
    expect((await trials.eventsOf(trial, { without: 'media' })).map(({ kind }) => kind)).toEqual(['started']);
    expect(JSON.stringify(listed)).not.toContain('base64');
  });

  test('that cannot be kept become a note that says why', async () => {
    const { trials } = await start();
    const { trial } = await trials.open(OPEN, origin());
    await trials.events(trial, 'e1', 1, [
      media(1, { ...image('x', 'y'), width: 100_000 }),
      media(1, { media: 'film', key: 'x' }),
      media(1, image('x'.repeat(301), 'y')),
    ]);
    const notes = await trials.eventsOf(trial, { kinds: ['note'] });
    expect(notes.map(({ text, data }) => [text.includes('could not be kept'), data])).toEqual([
      [true, {}],
      [true, {}],
      [true, {}],
    ]);
    expect(notes[0]?.text).toContain('width');
    expect((await trials.mediaOf(trial, {})).media).toEqual([]);
    await expect(trials.mediaOf('nothing', {})).rejects.toMatchObject({ status: 404 });
  });
});
