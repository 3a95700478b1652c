import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as flechette from '@uwdata/flechette';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { arrow } from './arrow.ts';
import { json } from './json.ts';
import { parquet } from './parquet.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialroom-columnar-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('Parquet', () => {
  const days = [new Date('2020-01-01'), new Date('2021-06-01T12:00:00Z'), new Date('2022-01-01')];
  const write = (codec: 'SNAPPY' | 'UNCOMPRESSED'): Uint8Array =>
    new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: 'float', data: Float64Array.of(1, 2, 3), type: 'DOUBLE' },
          { name: 'small', data: Float32Array.of(0.5, 1, 2), type: 'FLOAT' },
          { name: 'whole', data: Int32Array.of(1, -2, 3), type: 'INT32' },
          { name: 'long', data: [1n, 2n ** 40n, 3n], type: 'INT64' },
          { name: 'text', data: ['a', 'b', 'ü'], type: 'STRING' },
          { name: 'truth', data: [true, false, true], type: 'BOOLEAN' },
          { name: 'day', data: days, type: 'TIMESTAMP' },
          { name: 'maybe', data: [1, undefined, 3], type: 'DOUBLE', nullable: true },
        ],
        codec,
        rowGroupSize: 2,
      }),
    );

  it.each(['SNAPPY', 'UNCOMPRESSED'] as const)('is read with the kinds that it says (%s)', async (codec) => {
    const path = join(folder, 'a.parquet');
    await writeFile(path, write(codec));
    const rows = await parquet(path);
    expect(rows.schema).toEqual({
      float: 'float64',
      small: 'float32',
      whole: 'int32',
      long: 'float64',
      text: 'string',
      truth: 'bool',
      day: 'date',
      maybe: 'float64',
    });
    expect(rows.row(1)).toEqual({
      float: 2,
      small: 1,
      whole: -2,
      long: 2 ** 40,
      text: 'b',
      truth: false,
      day: days[1],
      maybe: Number.NaN,
    });
    expect(rows.sources[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect((await parquet(write(codec), { columns: ['text', 'whole'], from: 1, limit: 1 })).toRecords()).toEqual([
      { text: 'b', whole: -2 },
    ]);
    const typed = await parquet(path, { schema: { whole: 'float32', text: 'categorical' } });
    expectTypeOf(typed.row(0).text).toEqualTypeOf<string | null>();
    expect(typed.schema).toEqual({ whole: 'float32', text: 'categorical' });
  });

  it('is refused with what is wrong', async () => {
    const whole = write('SNAPPY');
    await expect(parquet(whole.subarray(0, whole.length - 9))).rejects.toThrow(
      'it does not end with PAR1: the file is cut short',
    );
    await expect(parquet(utf8('a,b\n1,2\n3,4\n5,6\n'))).rejects.toThrow(
      'it is no Parquet file: it does not begin with PAR1',
    );
    await expect(parquet(whole, { columns: ['txt'] })).rejects.toThrow('there is no column "txt". There are "text"');
    const damaged = whole.slice();
    damaged.fill(255, 4, 200);
    await expect(parquet(damaged)).rejects.toThrow('bytes: the Parquet file cannot be read');
  });
});

describe('Arrow', () => {
  const write = (format: 'file' | 'stream'): Uint8Array => {
    const bytes = flechette.tableToIPC(
      flechette.tableFromArrays(
        {
          float: [1, 2, 3],
          small: [0.5, null, 2],
          whole: [1, -2, 3],
          long: [1n, 2n ** 40n, 3n],
          text: ['a', 'b', 'ü'],
          species: ['x', 'y', 'x'],
          truth: [true, false, null],
          day: [new Date('2020-01-01'), new Date('2021-06-01'), new Date('2022-01-01')],
        },
        {
          types: {
            float: flechette.float64(),
            small: flechette.float32(),
            whole: flechette.int16(),
            long: flechette.int64(),
            text: flechette.utf8(),
            species: flechette.dictionary(flechette.utf8()),
            truth: flechette.bool(),
            day: flechette.timestamp(),
          },
        },
      ),
      { format },
    );
    if (!bytes) throw new Error('nothing was written');
    return bytes;
  };

  it.each(['file', 'stream'] as const)('is read with the kinds that it says (%s)', async (format) => {
    const rows = await arrow(write(format));
    expect(rows.schema).toEqual({
      float: 'float64',
      small: 'float32',
      whole: 'int32',
      long: 'float64',
      text: 'string',
      species: 'categorical',
      truth: 'bool',
      day: 'date',
    });
    expect(rows.row(1)).toEqual({
      float: 2,
      small: Number.NaN,
      whole: -2,
      long: 2 ** 40,
      text: 'b',
      species: 'y',
      truth: false,
      day: new Date('2021-06-01'),
    });
    expect((await arrow(write(format), { columns: ['species'] })).values('species')).toEqual(['x', 'y', 'x']);
  });

  it('is refused with what is wrong', async () => {
    await expect(arrow(write('file').subarray(0, 300))).rejects.toThrow('bytes: it is no Arrow file, or is cut short');
    await expect(arrow(utf8('hello, world'))).rejects.toThrow('bytes: it is no Arrow file');
    await expect(arrow(write('file'), { columns: ['texts'] })).rejects.toThrow('there is no column "texts"');
  });
});

describe('JSON', () => {
  it.each([
    ['a list of records', '[{"a": 1, "b": "x"}, {"b": "y", "c": true}]'],
    ['records on lines', '{"a": 1, "b": "x"}\n\n{"b": "y", "c": true}\n'],
    ['columns', '{"a": [1, null], "b": ["x", "y"], "c": [null, true]}'],
  ])('is read: %s', async (_, text) => {
    const rows = await json(utf8(text));
    expect(rows.toRecords()).toEqual([
      { a: 1, b: 'x', c: null },
      { a: Number.NaN, b: 'y', c: true },
    ]);
  });

  it('may be compressed, and of a known schema', async () => {
    const path = join(folder, 'a.jsonl.gz');
    await writeFile(path, gzipSync('{"day": "2020-01-01", "n": "5"}'));
    const rows = await json(path, { schema: { n: 'int32', day: 'date' } });
    expectTypeOf(rows.row(0).n).toEqualTypeOf<number>();
    expect(rows.toRecords()).toEqual([{ n: 5, day: new Date('2020-01-01') }]);
  });

  it.each([
    ['[{"a": 1},\n {"a": 2,}]', 'bytes, line 2, column 10: this is no JSON'],
    ['[{"a": 1},\n {"a": 2', 'bytes, line 2, column 9: this is no JSON'],
    ['', 'bytes, line 1, column 1: the file is empty'],
    ['{"a": 1}\n{"a": }\n', 'bytes, line 2, column 7: this is no JSON'],
    ['{"a": 1}\n[2]\n', 'bytes, line 2: a record {…} was expected, [2] was found'],
    ['[1, 2]', 'entry 0 is 1; a record {…} was expected. For arrays of numbers, give them to data.dataset'],
    ['{"rows": [1], "n": 2}', 'Its "rows" is a list: data.table(JSON.parse(text).rows)'],
    ['3', 'a list of records [{…}, …] was expected'],
  ])('that is wrong is refused with the place: %j', async (text, message) => {
    await expect(json(utf8(text))).rejects.toThrow(message);
  });
});
