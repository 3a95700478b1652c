import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { Table } from '../../table/table.ts';
import { table } from '../json.ts';
import type { CsvOptions, Dialect } from './dialect.ts';
import { openCsv } from './open.ts';
import { csv } from './read.ts';
import { records } from './records.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialroom-csv-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string, options?: Parameters<typeof csv>[1]): Promise<Table> => csv(utf8(text), options);

describe('a file of separated values', () => {
  it('is read with the kinds of its columns', async () => {
    const people = await read(
      'name,age,height,member,born,code\nAda,36,1.65,true,1815-12-10,007\n"Grace ""Amazing""",85,NA,false,1906-12-09T10:00:00Z,010\n',
    );
    expect(people.schema).toEqual({
      name: 'string',
      age: 'int32',
      height: 'float64',
      member: 'bool',
      born: 'date',
      code: 'string',
    });
    expect(people.toRecords()).toEqual([
      { name: 'Ada', age: 36, height: 1.65, member: true, born: new Date('1815-12-10'), code: '007' },
      {
        name: 'Grace "Amazing"',
        age: 85,
        height: Number.NaN,
        member: false,
        born: new Date('1906-12-09T10:00:00Z'),
        code: '010',
      },
    ]);
    expect(people.sources[0]).toMatchObject({ name: 'bytes', bytes: 122 });
  });

  it.each<[string, string, CsvOptions, object[]]>([
    [
      'semicolons and decimal commas',
      'a;b\n1,5;x\n2,5;y\n',
      { decimal: ',' },
      [
        { a: 1.5, b: 'x' },
        { a: 2.5, b: 'y' },
      ],
    ],
    ['tabs', 'a\tb\n1\tx\n', {}, [{ a: 1, b: 'x' }]],
    [
      'lines that end as on Windows',
      'a,b\r\n1,x\r\n2,"y\r\nz"\r\n',
      {},
      [
        { a: 1, b: 'x' },
        { a: 2, b: 'y\r\nz' },
      ],
    ],
    ['lines that end as on old Macs', 'a,b\r1,x\r', {}, [{ a: 1, b: 'x' }]],
    ['a mark of UTF-8', '\uFEFFa\n1\n', {}, [{ a: 1 }]],
    ['no last end of line', 'a,b\n1,x', {}, [{ a: 1, b: 'x' }]],
    ['empty lines', 'a,b\n\n1,x\n\n', {}, [{ a: 1, b: 'x' }]],
    ['comments', '# from a lab\na,b\n1,x\n# end\n', { comment: '#' }, [{ a: 1, b: 'x' }]],
    ['missing whole numbers', 'a\n1\nNA\n3\n', {}, [{ a: 1 }, { a: Number.NaN }, { a: 3 }]],
    ['words for missing', 'a\n1\n-\n', { missing: ['-'] }, [{ a: 1 }, { a: Number.NaN }]],
    ['infinity', 'a\n1\n-inf\n1e400\n', {}, [{ a: 1 }, { a: -Infinity }, { a: Infinity }]],
    ['names twice and none', 'a,a,\n1,2,3\n', {}, [{ a: 1, a_2: 2, column3: 3 }]],
    [
      'no header',
      '1,x\n2,y\n',
      {},
      [
        { column1: 1, column2: 'x' },
        { column1: 2, column2: 'y' },
      ],
    ],
    ['names of our own', '1,x\n', { names: ['n', 't'] }, [{ n: 1, t: 'x' }]],
    ['years for names', 'land,1990\nSpain,3\n', { header: true }, [{ land: 'Spain', 1990: 3 }]],
    ['only a header', 'a,b\n', {}, []],
    ['a day that there is not', 'a\n2023-02-31\n', {}, [{ a: '2023-02-31' }]],
    ['a column called __proto__', '__proto__,b\n1,2\n', {}, [JSON.parse('{"__proto__": 1, "b": 2}')]],
  ])('may have %s', async (_, text, options, expected) => {
    expect((await read(text, options)).toRecords()).toEqual(expected);
  });

  it('is of other encodings, compressed, or behind an address', async () => {
    const latin = Buffer.from('stadt\nKöln\n', 'latin1');
    expect((await csv(latin, { encoding: 'windows-1252' })).values('stadt')).toEqual(['Köln']);
    const utf16 = Buffer.from('\uFEFFstadt,n\nKöln,1\n', 'utf16le');
    expect((await csv(utf16)).toRecords()).toEqual([{ stadt: 'Köln', n: 1 }]);
    const path = join(folder, 'a.csv.gz');
    await writeFile(path, gzipSync('a\n1\n'));
    expect((await csv(path)).toRecords()).toEqual([{ a: 1 }]);
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/a.csv' ? 200 : 404;
      response.setHeader('connection', 'close').end('a\n1\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect((await csv(`http://127.0.0.1:${port}/a.csv`)).toRecords()).toEqual([{ a: 1 }]);
    await expect(csv(`http://127.0.0.1:${port}/b.csv`)).rejects.toThrow('/b.csv: the server answered 404');
    await new Promise((resolve) => server.close(resolve));
    await expect(csv(`http://127.0.0.1:${port}/a.csv`)).rejects.toThrow('it cannot be fetched: connect ECONNREFUSED');
  });

  it('of a known schema has typed columns', async () => {
    const flowers = await csv(utf8('size,species,note\n1,setosa,x\n2,virginica,y\n'), {
      schema: { size: 'float32', species: 'categorical' },
    });
    expectTypeOf(flowers.row(0).size).toEqualTypeOf<number>();
    expectTypeOf(flowers.row(0).species).toEqualTypeOf<string | null>();
    // @ts-expect-error: there is no such column
    expect(() => flowers.select('spezies')).toThrow('there is no column "spezies". There are "species"');
    expect(flowers.schema).toEqual({ size: 'float32', species: 'categorical' });
    expect(flowers.toRecords()).toEqual([
      { size: 1, species: 'setosa' },
      { size: 2, species: 'virginica' },
    ]);
  });

  it.each([
    [
      'a line with too many values',
      'a,b\n1,2\n\n"x\ny",2\n1,2,3\n',
      {},
      'bytes, line 6: this line has 3 values; the others have 2 (a, b)',
    ],
    ['too few values after a comment', 'a,b\n# c\n1,2\n1\n', { comment: '#' }, 'bytes, line 4: this line has 1 values'],
    ['a quote left open', 'a,b\n1,2\n3,"4\n5,6\n', {}, 'bytes, line 3: a quote " is opened here and never closed'],
    [
      'letters after a quote',
      'a,b\n1,2\n"3"4,5\n',
      {},
      'bytes, line 3: after the closing quote " a delimiter was expected',
    ],
    [
      'a value of another kind',
      'a,b\n1,2\n3,x\n',
      { kinds: { b: 'int32' } },
      'bytes, line 3, column 2: "x" in "b" is no int32',
    ],
    [
      'a missing whole number',
      'a,b\n1,\n',
      { kinds: { b: 'int32' } },
      '"" in "b" is no int32. It is missing; float64 has',
    ],
    [
      'a column that there is not',
      'alpha,b\n1,2\n',
      { kinds: { alhpa: 'int32' } },
      'there is no column "alhpa". There are "alpha"',
    ],
    ['nothing in it', ' \n', {}, 'bytes: the file is empty'],
    ['an encoding that there is not', 'a\n1\n', { encoding: 'klingon' }, 'there is no encoding "klingon"'],
  ] as const)('with %s is refused, with the place', async (_, text, options, message) => {
    await expect((async () => read(text, options))()).rejects.toThrow(message);
  });

  it('that is no text is refused, with the byte', async () => {
    await expect(csv(Uint8Array.of(...utf8('a\nK'), 0xf6, 0x6c, 0x6e, 10))).rejects.toThrow(
      "bytes, byte 3: this byte is no UTF-8 text. Name the file's encoding",
    );
  });

  it('that does not exist is refused, with what is like it', async () => {
    await writeFile(join(folder, 'flowers.csv'), 'a\n1\n');
    await expect(csv(join(folder, 'flower.csv'))).rejects.toThrow('There are "flowers.csv"');
    await expect(csv(folder)).rejects.toThrow('it is a folder; a file was expected');
  });

  it('may leave out bad lines when asked to', async () => {
    expect((await read('a,b\n1,2\n1,2,3\n4,5\n', { badLines: 'skip' })).values('a')).toEqual([1, 4]);
  });
});

describe('written and read again', () => {
  const text = fc.oneof(
    fc.constantFrom('plain', 'with, comma', 'with "quotes"', 'two\nlines', ' space ', '#', "'", 'ümlaut', '1', 'true'),
    fc.string({ minLength: 1 }),
  );
  const usable = text.filter((value) => !['NA', 'N/A', 'NaN', 'nan', 'null', 'NULL', 'None', '?'].includes(value));
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
  const row = fc.record({
    text: fc.option(usable),
    number: fc.oneof(finite, fc.constant(Number.NaN), fc.constant(Number.POSITIVE_INFINITY)),
    whole: fc.integer(),
    truth: fc.option(fc.boolean()),
    day: fc.option(fc.date({ noInvalidDate: true, min: new Date('1000-01-01'), max: new Date('9999-12-31') })),
  });
  const schema = { text: 'string', number: 'float64', whole: 'int32', truth: 'bool', day: 'date' } as const;

  it('a table is the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row), fc.constantFrom(',', ';', '\t'), async (rows, delimiter) => {
        const original = table(rows, { schema: schema });
        const again = await csv(utf8(original.toCsv({ delimiter })), { schema, delimiter, header: true });
        expect(again.toRecords()).toEqual(original.toRecords());
        expect(await again.hash()).toBe(await original.hash());
      }),
    );
  });

  it('records are the same however the file is cut into pieces', () => {
    const dialect: Dialect = {
      delimiter: ',',
      quote: '"',
      newline: '\n',
      decimal: '.',
      comment: false,
      encoding: 'utf-8',
      missing: [''],
      skipBad: false,
      header: true,
      names: ['a', 'b'],
    };
    fc.assert(
      fc.property(fc.array(fc.tuple(usable, usable)), fc.integer({ min: 1, max: 12 }), (rows, size) => {
        const content = new Table({
          a: { kind: 'string', values: rows.map(([a]) => a) },
          b: { kind: 'string', values: rows.map(([, b]) => b) },
        }).toCsv();
        const bytes = utf8(content);
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        );
        const read = [...records(pieces, dialect, 'x')].flatMap(({ rows }) => rows);
        expect(read).toEqual(rows);
      }),
    );
  });

  it('what begins as one kind and becomes another, far behind, is read as what it is', async () => {
    // Each piece that is read holds a good hundred thousand of these rows.
    const count = 300_000;
    const rows = Array.from({ length: count }, (_, row) => `${row % 10},1,true,2,7`);
    rows[count - 3] = '1.5,1,true,2,7';
    rows[count - 2] = '1,,true,2,007';
    rows[count - 1] = '1,1,maybe,2,7';
    const table = await read(`half,missing,text,whole,code\n${rows.join('\n')}\n`);
    expect(table.schema).toEqual({
      half: 'float64',
      missing: 'float64',
      text: 'categorical',
      whole: 'int32',
      code: 'categorical',
    });
    expect(table.row(count - 3).half).toBe(1.5);
    expect(table.row(count - 2)).toMatchObject({ missing: Number.NaN, code: '007' });
    expect(table.row(-1).text).toBe('maybe');
    expect(table.row(0)).toEqual({ half: 0, missing: 1, text: 'true', whole: 2, code: '7' });
  });

  it('streamed rows are those of the table', async () => {
    const path = join(folder, 'stream.csv');
    const rows = Array.from(
      { length: 50 },
      (_, index) => `${index},${index % 2 ? 'yes' : 'no'},"a\nb",${index % 5 === 0}`,
    );
    await writeFile(path, `n,label,text,flag\n${rows.join('\n')}`);
    const [whole, stream] = [await csv(path), await openCsv(path)];
    expect(stream.schema).toEqual(whole.schema);
    const options = { inputs: ['n', 'flag'], target: 'label' };
    const [inMemory, streamed] = await Promise.all([whole.dataset(options).all(), stream.dataset(options).all()]);
    expect(streamed.targets).toEqual(inMemory.targets);
    expect(streamed.inputs).toEqual(inMemory.inputs);
    const bad = join(folder, 'bad.csv');
    await writeFile(bad, 'n,label\n1,a\n,b\n');
    await expect((await openCsv(bad)).dataset({ target: 'label' }).all()).rejects.toThrow(
      'bad.csv, line 3: "n" is missing. Leave out such rows',
    );
  });
});
