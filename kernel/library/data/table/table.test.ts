import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { DISPLAY } from '../../../display/bundle.ts';
import { Encoder } from '../encode/encoder.ts';
import { table } from '../formats/json.ts';
import { iris } from '../sets/iris.ts';
import type { Table } from './table.ts';

const people = table([
  { name: 'Ada', age: 36, team: 'x', since: new Date('2020-01-01') },
  { name: 'Bob', age: null, team: 'y', since: new Date('2019-01-01') },
  { name: 'Cyd', age: 25, team: 'x', since: null },
  { name: 'Dan', age: 61, team: null, since: new Date('2021-01-01') },
]);
const names = (rows: Pick<Table, 'toRecords'>): unknown[] => rows.toRecords().map(({ name }) => name);

describe('a table', () => {
  it('knows what its columns hold', () => {
    expect(people.schema).toEqual({ name: 'string', age: 'float64', team: 'string', since: 'date' });
    expect(people.row(-1)).toEqual({ name: 'Dan', age: 61, team: null, since: new Date('2021-01-01') });
    expect(() => people.row(4)).toThrow('row(4): there are 4 rows, from 0 on');
    expectTypeOf(people.row(0).age).toEqualTypeOf<number>();
    expectTypeOf(people.row(0).since).toEqualTypeOf<Date | null>();
  });

  it('finds out what values are', () => {
    const kinds = table({
      whole: [1, 2],
      big: [1, 2 ** 40],
      zero: [-0, 1],
      huge: [2n ** 60n, 1n],
      small: [1n, 2n],
      mixed: [1, 'a'],
      day: ['2020-01-01', '2020-02-30'],
      time: ['2020-01-01T10:00:00+02:00', null],
      truth: [true, null],
      none: [null, undefined],
      nested: [{ a: [1] }, [2]],
    });
    expect(Object.values(kinds.schema)).toEqual(
      'int32 float64 float64 string int32 string string date bool string string'.split(' '),
    );
    expect(kinds.values('nested')).toEqual(['{"a":[1]}', '[2]']);
    expect(kinds.values('huge')).toEqual(['1152921504606846976', '1']);
    expect(kinds.values('time')[0]).toEqual(new Date('2020-01-01T08:00:00Z'));
  });

  it('is selected from, filtered, sorted and cut', () => {
    expect(people.select('team', 'name').columns).toEqual(['team', 'name']);
    expect(people.drop('age').columns).toEqual(['name', 'team', 'since']);
    expect(people.rename({ age: 'years' }).columns).toEqual(['name', 'years', 'team', 'since']);
    expect(() => people.rename({ age: 'name' })).toThrow('two columns would have the same name');
    expect(names(people.filter(({ age }) => age > 30))).toEqual(['Ada', 'Dan']);
    expect(names(people.sort('age'))).toEqual(['Cyd', 'Ada', 'Dan', 'Bob']);
    expect(names(people.sort('-age'))).toEqual(['Dan', 'Ada', 'Cyd', 'Bob']);
    expect(names(people.sort({ by: 'team', descending: true }, 'name'))).toEqual(['Bob', 'Ada', 'Cyd', 'Dan']);
    expect(names(people.head(2))).toEqual(['Ada', 'Bob']);
    expect(names(people.tail(1))).toEqual(['Dan']);
    expect(names(people.slice(-3, -1))).toEqual(['Bob', 'Cyd']);
    expect(names(people.sample(2, { seed: 1 }))).toEqual(names(people.sample(2, { seed: 1 })));
    // @ts-expect-error: there is no such column
    expect(() => people.select('aeg')).toThrow('there is no column "aeg". There are "age"');
  });

  it('gets columns that follow from others', () => {
    const more = people.derive({ old: ({ age }) => age > 30, twice: ({ age }) => age * 2, day: ({ since }) => since });
    expect(more.values('old')).toEqual([true, false, false, true]);
    expect(more.values('twice')).toEqual([72, Number.NaN, 50, 122]);
    expectTypeOf(more.row(0).old).toEqualTypeOf<boolean | null>();
    expectTypeOf(more.row(0).twice).toEqualTypeOf<number>();
    expectTypeOf(more.row(0).day).toEqualTypeOf<Date | null>();
    const cast = table({ n: ['1', '2.5'], c: ['a', 'b'] }).cast({ n: 'float32', c: 'categorical' });
    expect(cast.schema).toEqual({ n: 'float32', c: 'categorical' });
    expect(() => people.cast({ name: 'int32' })).toThrow('column "name" holds Ada in row 0, which is no int32');
    expect(() => people.cast({ age: 'int32' })).toThrow('column "age" holds nothing in row 1, which is no int32');
  });

  it('has what is missing filled or left out', () => {
    expect(names(people.dropMissing())).toEqual(['Ada']);
    expect(names(people.dropMissing('age'))).toEqual(['Ada', 'Cyd', 'Dan']);
    expect(people.fillMissing({ age: 0 }).values('age')).toEqual([36, 0, 25, 61]);
    expect(people.fillMissing({ age: { fill: 'median' } }).values('age')[1]).toBe(36);
    expect(people.fillMissing({ age: { fill: 'mean' } }).values('age')[1]).toBeCloseTo(40.667, 3);
    expect(people.fillMissing({ team: { fill: 'mode' } }).values('team')).toEqual(['x', 'y', 'x', 'x']);
    expect(() => people.fillMissing({ team: { fill: 'mean' } })).toThrow('"team" holds no numbers, so it has no mean');
  });

  it('is grouped and summed up', () => {
    const teams = people.groupBy('team').aggregate({
      mean: ['age', 'mean'],
      oldest: ['age', 'max'],
      last: ['since', 'max'],
      people: (rows) => rows.length,
      known: ['age', 'count'],
    });
    expect(teams.toRecords()).toEqual([
      { team: 'x', mean: 30.5, oldest: 36, last: new Date('2020-01-01'), people: 2, known: 2 },
      { team: 'y', mean: Number.NaN, oldest: Number.NaN, last: new Date('2019-01-01'), people: 1, known: 0 },
      { team: null, mean: 61, oldest: 61, last: new Date('2021-01-01'), people: 1, known: 1 },
    ]);
    expectTypeOf(teams.row(0).last).toEqualTypeOf<Date | null>();
    expect(people.groupBy('team').count().values('count')).toEqual([2, 1, 1]);
    expect(Array.from(people.groupBy('team'), ({ key, rows }) => [key.team, rows.length])).toEqual([
      ['x', 2],
      ['y', 1],
      [null, 1],
    ]);
    expect(() => people.groupBy('team').aggregate({ a: ['name', 'mean'] })).toThrow(
      '"name" holds texts, which have no mean',
    );
  });

  it('is joined with another', () => {
    const teams = table([
      { team: 'x', age: 3 },
      { team: 'x', age: 4 },
      { team: 'z', age: 5 },
    ]);
    expect(people.join(teams, { on: 'team' }).select('name').values('name')).toEqual(['Ada', 'Ada', 'Cyd', 'Cyd']);
    const left = people.join(teams, { on: ['team'], how: 'left' });
    expect(left.columns).toEqual(['name', 'age', 'team', 'since', 'age_right']);
    expect(left.toRecords().map((row) => Reflect.get(row, 'age_right'))).toEqual([3, 4, Number.NaN, 3, 4, Number.NaN]);
  });

  it('is put below another, and holds the values of both', () => {
    const more = table([{ age: 1, name: 'Eve', team: 'w', since: new Date('2022-01-01'), extra: 1 }]);
    const both = people.concat(more as never);
    expect(both.schema).toEqual(people.schema);
    expect([both.length, both.row(-1)]).toEqual([5, { name: 'Eve', age: 1, team: 'w', since: new Date('2022-01-01') }]);
    const whole = table({ n: [1, 2] }, { schema: { n: 'int32' } });
    const broken = table({ n: [0.5, null] }, { schema: { n: 'float64' } });
    expect(whole.concat(broken as never).schema).toEqual({ n: 'float64' });
    expect(whole.concat(broken as never).values('n')).toEqual([1, 2, 0.5, Number.NaN]);
    expect(() => whole.concat(people as never)).toThrow('n');
  });

  it('is the same after sorting and joining with itself, for any values', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1 }), (values) => {
        const rows = table({ k: values.map((_, k) => k), v: values }, { schema: { k: 'int32', v: 'int32' } });
        const sorted = rows.sort('-v').sort('k');
        expect(sorted.toRecords()).toEqual(rows.toRecords());
        const joined = rows.join(sorted, { on: ['k', 'v'] });
        expect(joined.toRecords()).toEqual(rows.toRecords());
        const total = rows.groupBy('v').aggregate({ n: ['k', 'count'] });
        expect(total.values('n').reduce((sum, count) => sum + count, 0)).toBe(values.length);
      }),
    );
  });

  it('is described and counted', async () => {
    const flowers = await iris();
    const [sepal] = flowers.describe().toRecords();
    expect(sepal).toMatchObject({
      column: 'sepalLength',
      kind: 'float64',
      missing: 0,
      distinct: 35,
      min: 4.3,
      max: 7.9,
    });
    expect(sepal?.mean).toBeCloseTo(5.8433, 4);
    expect(sepal?.deviation).toBeCloseTo(0.8281, 4);
    expect(flowers.counts('species').toRecords()).toEqual(
      ['setosa', 'versicolor', 'virginica'].map((value) => ({ value, count: 50, share: 1 / 3 })),
    );
    expect(people.counts('team').values('value')).toEqual(['x', 'y']);
  });

  it('is shown by its first rows, with what its columns hold', async () => {
    const shown = people[DISPLAY]();
    expect(shown['application/vnd.trialroom.table+json']).toEqual({
      columns: [
        { name: 'name', type: 'string', kind: 'string' },
        { name: 'age', type: 'number', kind: 'float64 (1 missing)' },
        { name: 'team', type: 'string', kind: 'string (1 missing)' },
        { name: 'since', type: 'date', kind: 'date (1 missing)' },
      ],
      rows: [
        ['Ada', 36, 'x', '2020-01-01T00:00:00.000Z'],
        ['Bob', null, 'y', '2019-01-01T00:00:00.000Z'],
        ['Cyd', 25, 'x', null],
        ['Dan', 61, null, '2021-01-01T00:00:00.000Z'],
      ],
      total: 4,
    });
    expect(shown['text/plain']).toContain('4 rows × 4 columns · name: string, age: float64 (1 missing)');
    const long = table({ a: Array.from({ length: 1000 }, (_, index) => index) });
    expect(long[DISPLAY]()['text/csv']).toHaveLength(3892);
    expect(long[DISPLAY]()['application/vnd.trialroom.table+json']).toMatchObject({ total: 1000 });
    expect(table([])[DISPLAY]()['text/plain']).toContain('0 rows × 0 columns');
  });

  it('has a hash of what is in it, not of where it came from', async () => {
    const same = table(people.toRecords(), { schema: people.schema });
    expect(await same.hash()).toBe(await people.hash());
    expect(await people.sort('name').hash()).toBe(await people.hash());
    expect(await people.sort('-name').hash()).not.toBe(await people.hash());
  });
});

describe('an encoder', () => {
  const rows = table({
    n: [1, 2, 3, 6],
    c: ['r', 'g', 'r', 'r'],
    b: [true, false, true, true],
    y: ['p', 'q', 'p', 'q'],
  });

  it('learns from one table what it does to others', async () => {
    const encoder = rows.encoder({ inputs: ['n', 'c', 'b'], target: 'y' });
    expect(encoder.features).toEqual(['n', 'c=g', 'c=r', 'b']);
    expect(encoder.classes).toEqual(['p', 'q']);
    const { inputs, targets } = await encoder.dataset(rows).all();
    const deviation = Math.sqrt(14 / 3);
    expect(inputs[0]?.shape).toEqual([4, 4]);
    expect([...(inputs[0]?.values ?? [])].slice(0, 8)).toEqual(
      [(1 - 3) / deviation, 0, 1, 1, (2 - 3) / deviation, 1, 0, 0].map(Math.fround),
    );
    expect([...(targets[0]?.values ?? [])]).toEqual([1, 0, 0, 1, 1, 0, 0, 1]);
    const other = table({ n: [3], c: ['g'], b: [false], y: ['q'] });
    const kept = await Encoder.from(JSON.parse(JSON.stringify(encoder)));
    await expect(Encoder.from({ features: [{ as: 'number' }] })).rejects.toThrow(
      'this is no encoder: features.0.column',
    );
    expect([...((await kept.dataset(other).all()).inputs[0]?.values ?? [])]).toEqual([0, 1, 0, 0]);
  });

  it('scales in other ways, and can give numbers of classes and quantities', async () => {
    const range = await rows.dataset({ inputs: ['n'], scale: 'range', target: 'y', oneHot: false }).all();
    expect([...(range.inputs[0]?.values ?? [])]).toEqual([0, 0.2, 0.4, 1].map(Math.fround));
    expect(range.targets).toEqual([{ dtype: 'int32', shape: [4], values: Int32Array.of(0, 1, 0, 1) }]);
    const quantity = await rows.dataset({ inputs: ['b'], scale: 'none', target: 'n' }).all();
    expect(quantity.targets).toEqual([{ dtype: 'float32', shape: [4, 1], values: Float32Array.of(1, 2, 3, 6) }]);
    const truth = rows.dataset({ inputs: ['n'], target: 'b' });
    expect(truth.classes).toEqual(['false', 'true']);
    expect([...truth.labels()]).toEqual([1, 0, 1, 1]);
    const codes = rows.encoder({ inputs: ['n'], categories: ['n'] });
    expect(codes.features).toEqual(['n=1', 'n=2', 'n=3', 'n=6']);
  });

  it('gives tensors', async () => {
    const { x, y, dispose } = await rows.toTensors({ inputs: ['n', 'b'], target: 'y' });
    expect([x.shape, y.shape]).toEqual([
      [4, 2],
      [4, 2],
    ]);
    dispose();
  });

  it('keeps the statistics of the training rows for the others', async () => {
    const flowers = await iris();
    const { train, test } = flowers.split({ train: 0.8, test: 0.2 }, { stratify: 'species', seed: 1 });
    expect([train.length, test.length]).toEqual([120, 30]);
    expect(test.counts('species').values('count')).toEqual([10, 10, 10]);
    const encoder = train.encoder({ target: 'species' });
    const { inputs } = await encoder.dataset(train).all();
    const first = Array.from(inputs[0]?.values ?? []).filter((_, index) => index % 4 === 0);
    expect(first.reduce((sum, value) => sum + value, 0) / 120).toBeCloseTo(0, 5);
    expect(encoder.dataset(test).split({ a: 0.5, b: 0.5 }, { stratify: true }).a.length).toBe(15);
  });

  it.each<[string, () => unknown, string]>([
    [
      'no rows',
      () => rows.filter(() => false).dataset({ inputs: ['n'] }),
      'the table has no rows; there is nothing to train on',
    ],
    [
      'one class only',
      () => rows.filter(({ y }) => y === 'p').dataset({ target: 'y' }),
      'the target "y" is "p" everywhere; there is nothing to tell apart with only one class. Check how the data were chosen',
    ],
    [
      'a class that training did not see',
      () => rows.encoder({ inputs: ['n'], target: 'y' }).dataset(table({ n: [1], y: ['r'] })),
      '"r" in "y" is none of the 2 classes ("p", "q") in row 0',
    ],
    [
      'a category that training did not see',
      () => rows.encoder({ inputs: ['c'] }).dataset(table({ c: ['r', 'b'] })),
      `"b" in "c" did not occur in the training data ("g", "r") in row 1. Split so that each value occurs there, or give { unknown: 'zeros' }`,
    ],
    [
      'something missing',
      () => people.dataset({ inputs: ['age'] }),
      '"age" is missing in row 1. Leave out such rows with dropMissing("age"), or fill them',
    ],
    [
      'dates',
      () => people.dataset({ inputs: ['since'] }),
      '"since" holds dates, which have no numeric form of their own. Derive',
    ],
    [
      'too many categories',
      () => table({ id: Array.from({ length: 2000 }, (_, row) => `r${row}`) }).dataset({ inputs: ['id'] }),
      '"id" has more than 1000 different values, which would be as many inputs',
    ],
    [
      'a column that there is not',
      () => rows.encoder({ inputs: ['n'] }).dataset(table({ m: [1] })),
      'there is no column "n". There are "m"',
    ],
  ])('refuses %s', (_, run, message) => {
    expect(run).toThrow(message);
  });
});
