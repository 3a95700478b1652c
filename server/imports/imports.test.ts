import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SaidMedia } from '@trialroom/shared/trial/media';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Refusal } from '../http/refusal.ts';
import type { ImportedFile, ImportedRun } from './imported.ts';
import { trialOf } from './records.ts';
import { readRows } from './rows.ts';
import { readTensorBoard } from './tensorboard.ts';
import { crc32c, masked, readTfRecords } from './tfrecord.ts';

const FIXTURES = fileURLToPath(new URL('./fixtures/', import.meta.url));
const root = join(FIXTURES, 'runs');

/** What TensorBoard's and PyTorch's own writers wrote; see `fixtures/write.py`. */
const files: ImportedFile[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((name) => join(root, name))
  .filter((path) => statSync(path).isFile())
  .map((path) => ({ path: relative(root, path), bytes: new Uint8Array(readFileSync(path)) }));

/** What TensorBoard's own reader finds in them: run → tag → `[wall in s, step, value]`. */
const Found = z.record(
  z.string(),
  z.record(
    z.string(),
    z.array(z.tuple([z.number(), z.number(), z.union([z.number(), z.enum(['nan', 'inf', '-inf'])])])),
  ),
);
const WORDS = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY };
const expected = Found.parse(JSON.parse(readFileSync(join(FIXTURES, 'expected.json'), 'utf8')));

const points = (run: ImportedRun | undefined, key: string): [number, number, number][] => {
  const column = run?.points.find((each) => each.key === key);
  return Array.from(column?.steps ?? [], (step, at): [number, number, number] => [
    (column?.walls[at] ?? 0) / 1000,
    step,
    column?.values[at] ?? 0,
  ]);
};

describe('event files of TensorBoard', () => {
  const runs = readTensorBoard(files, 'whole');
  const run = (name: string): ImportedRun | undefined => runs.find((each) => each.name === name);

  test('every scalar that TensorBoard’s own reader finds is there, with its step, time and value', () => {
    expect(runs.map(({ name }) => name).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, tags] of Object.entries(expected)) {
      for (const [tag, all] of Object.entries(tags)) {
        const found = points(run(name), tag);
        expect(found.length).toBe(all.length);
        for (const [at, [wall, step, value]] of all.entries()) {
          expect(found[at]?.[0]).toBeCloseTo(wall, 3);
          expect(found[at]?.[1]).toBe(step);
          expect(found[at]?.[2]).toBe(typeof value === 'string' ? WORDS[value] : value);
        }
      }
    }
    expect(runs.flatMap(({ remarks }) => remarks)).toEqual([]);
  });

  test('bfloat16, which that reader cannot read', () => {
    expect(points(run('own'), 'bfloat16').map(([, step, value]) => [step, value])).toEqual(
      [0, 1, 2, 3, 4].map((step) => [step, step / 4]),
    );
  });

  test('pictures, texts, histograms and parameters', () => {
    const media = new Map(
      run('cnn')?.events.map(({ step, data }) => [SaidMedia.parse(data).key, { step, data: SaidMedia.parse(data) }]),
    );
    expect(media.get('sample')).toMatchObject({
      step: 8,
      data: { media: 'image', type: 'image/png', width: 5, height: 4 },
    });
    expect(media.get('note')).toMatchObject({ step: 9, data: { media: 'text', text: 'it *works*' } });
    const { step, data } = media.get('weights') ?? {};
    expect(step).toBe(7);
    if (data?.media !== 'histogram') throw new Error('no histogram');
    expect(data.counts.reduce((sum, count) => sum + count, 0)).toBe(6);
    expect([data.edges[0], data.edges.at(-1)]).toEqual([-2, 2]);
    expect(data.edges.length).toBe(data.counts.length + 1);
    expect(data.edges).toEqual(data.edges.toSorted((a, b) => a - b));
    expect(run('own')?.events.map((event) => event.data)).toEqual([
      { media: 'histogram', key: 'spread', edges: [0, 1, 2], counts: [2, 5], nan: 0, infinite: 0 },
    ]);
    // PyTorch writes a boolean as a number.
    expect(run('cnn/tuned')?.params).toEqual({ lr: 0.1, optimizer: 'adam', nesterov: 1 });
  });

  test('cut anywhere, all before the cut is read and the cut is named', () => {
    const file = files.find(({ path }) => path.startsWith('own/'));
    if (!file) throw new Error('no file');
    const ends = readTfRecords(file.bytes).records.map(({ offset, data }) => offset + data.length + 16);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: file.bytes.length - 1 }), (cut) => {
        const [part] = readTensorBoard([{ ...file, bytes: file.bytes.subarray(0, cut) }], 'x');
        const whole = ends.filter((end) => end <= cut);
        expect(part?.remarks).toEqual(
          whole.at(-1) === cut
            ? []
            : [expect.stringContaining(`ends within a record that begins at byte ${whole.at(-1) ?? 0};`)],
        );
        // The first record names the version of the format.
        expect(points(part, 'half').length).toBe(Math.min(5, Math.max(0, whole.length - 1)));
      }),
    );
  });

  test('a corrupt record is named with its offset', () => {
    const file = files.find(({ path }) => path.startsWith('own/'));
    if (!file) throw new Error('no file');
    const second = readTfRecords(file.bytes).records[2];
    if (!second) throw new Error('no record');
    const bytes = file.bytes.slice();
    bytes[second.offset + 20] = (bytes[second.offset + 20] ?? 0) ^ 1;
    const [part] = readTensorBoard([{ ...file, bytes }], 'x');
    expect(part?.remarks).toEqual([
      expect.stringContaining(`corrupt record at byte ${second.offset} of ${bytes.length}`),
    ]);
    expect(points(part, 'half').length).toBe(1);
  });

  test('the checksum is that of RFC 3720, masked as TensorFlow masks it', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe306_9283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a91_36aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8_ab43);
    expect(masked(0)).toBe(0xa282_ead8);
  });

  test('any bytes at all are read without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        readTensorBoard([{ path: 'events.out.tfevents.1', bytes }], 'x');
      }),
    );
  });

  test('the same run has the same trial, another experiment or a copy another one', () => {
    const [first] = runs;
    if (!first) throw new Error('no run');
    const id = trialOf(first, 'a', '').id;
    expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(trialOf(first, 'a', '').id).toBe(id);
    expect(trialOf(first, 'b', '').id).not.toBe(id);
    expect(trialOf(first, 'a', 'again').id).not.toBe(id);
    const timeless = { ...first, began: null };
    expect(trialOf(timeless, 'a', '').id).toBe(trialOf(timeless, 'a', '').id);
    expect(trialOf(timeless, 'a', '').id).toMatch(/^0{10}/);
  });
});

describe('rows', () => {
  const read = (path: string, text: string): ImportedRun => readRows({ path, bytes: new TextEncoder().encode(text) });
  const of = (run: ImportedRun, key: string) => points(run, key).map(([, step, value]) => [step, value]);

  test('CSV with a step and a column for each metric; empty cells are no points', () => {
    const run = read('a/run one.csv', '\ufeffstep,loss,"acc, %",note\n1,0.5,,good\n"2",NaN,7e1,\n-3,-inf,1,x\n');
    expect(run.name).toBe('run one');
    expect(of(run, 'loss')).toEqual([
      [1, 0.5],
      [2, Number.NaN],
      [-3, Number.NEGATIVE_INFINITY],
    ]);
    expect(of(run, 'acc, %')).toEqual([
      [2, 70],
      [-3, 1],
    ]);
    expect(run.remarks).toEqual(['a/run one.csv: 2 values of "note" are no numbers, and were left out']);
  });

  test('the CSV that TensorBoard and W&B download', () => {
    const board = read('x.csv', 'Wall time,Step,Value\n1700000000.5,1,0.25\n');
    expect(points(board, 'Value')).toEqual([[1_700_000_000.5, 1, 0.25]]);
    const wandb = read(
      'history.jsonl',
      '{"_step":3,"_timestamp":1700000000,"_runtime":5,"train":{"loss":1}}\n{"_step":4,"train":{"loss":NaN}}\n',
    );
    expect(of(wandb, 'train.loss')).toEqual([
      [3, 1],
      [4, Number.NaN],
    ]);
    expect([wandb.points.length, wandb.began]).toEqual([1, 1_700_000_000_000]);
  });

  test('long form, and JSON as one array', () => {
    const long = read('m.csv', 'key,step,value\nloss,1,2\nacc,1,0.5\nloss,2,1\n');
    expect([of(long, 'loss'), of(long, 'acc')]).toEqual([
      [
        [1, 2],
        [2, 1],
      ],
      [[1, 0.5]],
    ]);
    const json = read('m.json', '[{"epoch": 1, "loss": 2}, {"epoch": 2, "loss": 1}]');
    expect(of(json, 'loss')).toEqual([
      [1, 2],
      [2, 1],
    ]);
    const words = read('m.jsonl', '{"step":"7","loss":"0.5"}\n{"step":"-1e300","loss":1}\n{"step":"1e300","loss":2}');
    expect(of(words, 'loss')).toEqual([
      [7, 0.5],
      [-1e300, 1],
      [1e300, 2],
    ]);
    expect(read('m.json', '[{"loss": 2}]').remarks).toEqual([
      'm.json has no column named step: rows are counted from 0',
    ]);
  });

  test('what cannot be read is refused with its row', () => {
    const refused = (path: string, text: string): string => {
      try {
        read(path, text);
      } catch (error) {
        if (error instanceof Refusal) return `${error.problem.where}: ${error.problem.message}`;
        throw error;
      }
      return 'it was read';
    };
    expect(refused('m.csv', 'step,loss\n1,2\nsoon,3\n')).toBe(
      'm.csv, row 3: m.csv cannot be read as metrics: "step" is "soon", not a number',
    );
    expect(refused('m.jsonl', '{"step":1}\n{"step":')).toContain('m.jsonl, row 2');
    expect(refused('m.json', '[1, 2]')).toContain('row 1');
    expect(refused('m.json', 'hello')).toContain('row 1');
  });
});
