import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { encodeRecord, readRecords } from './records.ts';
import { readOpening, SpoolWriter, segmentsOf } from './spool.ts';
import { SpoolReader } from './spool-reader.ts';

const folders: string[] = [];
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

function spoolFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'trialroom-spool-'));
  folders.push(path);
  return join(path, 'one');
}

const OPENING = {
  id: 'T1',
  open: { experiment: 'e', name: 'n', params: {} },
  startedAt: 1,
  url: null,
  pid: 1,
  host: 'here',
};
const points = (count = 1) => ({ type: 'trial.points', keys: [{ key: 'loss', count }] });
const sample = { type: 'remote.samples', samples: { 'system/cpu': 1 } };

/** Numbers of all records that can be read, `most` bytes at a time. */
function numbers(folder: string, most?: number): number[] {
  const reader = new SpoolReader(folder);
  const found: number[] = [];
  for (let piece = reader.next(0, most); piece; piece = reader.next(piece.last, most)) {
    found.push(...readRecords(piece.bytes).records.map(({ number }) => number));
  }
  return found;
}

test('records are read in order over segments, in pieces, while more is appended', () => {
  const folder = spoolFolder();
  const writer = new SpoolWriter(folder, OPENING, { bytes: 1e9, segment: 300 });
  const reader = new SpoolReader(folder);
  const seen: number[] = [];
  for (let round = 0; round < 20; round++) {
    for (let each = 0; each < round % 4; each++) writer.append(points(), new Uint8Array(24));
    for (let piece = reader.next(seen.at(-1) ?? 0, 200); piece; piece = reader.next(piece.last, 200)) {
      seen.push(...readRecords(piece.bytes).records.map(({ number }) => number));
    }
    expect(seen).toEqual(Array.from({ length: writer.last }, (_, index) => index + 1));
    if (round === 10) writer.delivered(writer.last);
  }
  expect(segmentsOf(folder).length).toBeGreaterThan(2);
  expect(readOpening(folder)).toEqual(OPENING);
});

test('cut anywhere, the spool is read up to the cut', () => {
  fc.assert(
    fc.property(fc.nat(), (where) => {
      const folder = spoolFolder();
      const writer = new SpoolWriter(folder, OPENING);
      const ends: number[] = [];
      for (let each = 0; each < 6; each++) {
        writer.append(points(), new Uint8Array(24 * each));
        ends.push(writer.bytes);
      }
      const path = join(folder, '000001.records');
      const cut = where % (statSync(path).size + 1);
      truncateSync(path, cut);
      expect(numbers(folder)).toEqual(ends.filter((end) => end <= cut).map((_, index) => index + 1));
    }),
    { numRuns: 50 },
  );
});

test('damage within a segment costs what it hit; a cut end of a closed segment costs its last record', () => {
  const folder = spoolFolder();
  const writer = new SpoolWriter(folder, OPENING, { bytes: 1e9, segment: 400 });
  for (let each = 0; each < 12; each++) writer.append(points(), new Uint8Array(24));
  const [first = '', second = ''] = segmentsOf(folder);
  const bytes = readFileSync(join(folder, first));
  bytes[40] = (bytes[40] ?? 0) ^ 0xff;
  writeFileSync(join(folder, first), bytes);
  truncateSync(join(folder, second), statSync(join(folder, second)).size - 5);
  const reader = new SpoolReader(folder);
  const found: number[] = [];
  for (let piece = reader.next(0); piece; piece = reader.next(piece.last)) {
    found.push(...readRecords(piece.bytes).records.map(({ number }) => number));
  }
  const lastOfSecond = readRecords(readFileSync(join(folder, second))).records.at(-1)?.number ?? 0;
  expect(found).toEqual(
    Array.from({ length: 12 }, (_, index) => index + 1).filter((n) => n !== 1 && n !== lastOfSecond + 1),
  );
  expect(reader.damaged).toBeGreaterThan(0);
});

test('a record longer than a window is read whole', () => {
  const folder = spoolFolder();
  const writer = new SpoolWriter(folder, OPENING);
  writer.append(points(), new Uint8Array(9 * 1024 * 1024));
  writer.append(points(), new Uint8Array(24));
  expect(numbers(folder)).toEqual([1, 2]);
});

test('a full disk: system samples go first, oldest first; then new points; the rest is always kept', () => {
  const folder = spoolFolder();
  const one = encodeRecord(1, sample).length;
  const limit = one * 20;
  const writer = new SpoolWriter(folder, OPENING, { bytes: limit, segment: one * 4 });
  for (let each = 0; each < 20; each++) expect(writer.append(sample)).toBe(true);
  expect(writer.dropped).toEqual({ samples: 0, points: 0 });
  expect(writer.append(points(3), new Uint8Array(72))).toBe(true);
  // The oldest segments gave theirs up; the newest samples are there still.
  expect(writer.dropped.samples).toBeGreaterThan(0);
  expect(numbers(folder)).toContain(20);
  expect(numbers(folder)).not.toContain(1);
  expect(numbers(folder)).toContain(21);
  while (writer.append(points(3), new Uint8Array(72)));
  expect(writer.dropped).toEqual({ samples: 20, points: 3 });
  expect(writer.append({ type: 'remote.finish' })).toBe(true);
  expect(numbers(folder).at(-1)).toBe(writer.last);
});

test('what follows a fault that is no record at all is read on', () => {
  const folder = spoolFolder();
  const writer = new SpoolWriter(folder, OPENING);
  writer.append(points(), new Uint8Array(24));
  appendFileSync(join(folder, '000001.records'), 'rubbish');
  appendFileSync(join(folder, '000001.records'), encodeRecord(2, points(), new Uint8Array(24)));
  expect(numbers(folder)).toEqual([1, 2]);
});
