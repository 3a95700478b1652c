/** Points stored a row a metric, by the first versions, are there after the migration. */
import { Migrator } from '@mikro-orm/migrations';
import { fromWire } from '@trialroom/shared/trial/points';
import { afterEach, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { testDatabases } from '../database/testing.ts';
import { createMetrics } from './metrics.ts';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

const bytes = (...values: number[]): Buffer => Buffer.from(Float64Array.of(...values).buffer);

async function before(open: () => Promise<Database>): Promise<Database> {
  const db = await open();
  endings.push(() => db.close());
  await new Migrator(db.orm.em).up({ to: '0008-labels' });
  return db;
}

test.each(testDatabases())('on $name', async ({ openEmpty }) => {
  const db = await before(openEmpty);
  const rows: [trial: string, seq: number, key: string, part: number, steps: number[], values: number[]][] = [
    ['a', 1, 'loss', 1, [1, 2], [0.5, Number.NaN]],
    ['a', 1, 'acc', 1, [1], [0.1]],
    ['a', 2, 'loss', 1, [3], [0.25]],
    ['a', 4, 'a "late" one', 2, [4], [7]],
    ['a', 4, 'acc', 2, [4], [0.9]],
    ['b', 1, 'acc', 1, [1], [1]],
  ];
  for (const [trial, seq, key, part, steps, values] of rows) {
    await db
      .em()
      .execute(
        'insert into point_batches (trial, seq, key, part, count, steps, walls, readings) values (?, ?, ?, ?, ?, ?, ?, ?)',
        [trial, seq, key, part, steps.length, bytes(...steps), bytes(...steps), bytes(...values)],
      );
  }
  await migrate(db);
  const metrics = createMetrics({
    db,
    hub: { emit: () => {} },
    onPoints: () => {},
    onFault: expect.unreachable,
    pace: 0,
  });
  endings.push(() => metrics.close());
  const read = async (trial: string, key: string) => {
    const [one] = await metrics.series({ trial, keys: [key] }, { width: 100 });
    return [one?.points.steps.map(fromWire), one?.points.values.map(fromWire)];
  };
  const check = async (): Promise<void> => {
    expect(await read('a', 'loss')).toEqual([
      [1, 2, 3],
      [0.5, Number.NaN, 0.25],
    ]);
    expect(await read('a', 'a "late" one')).toEqual([[4], [7]]);
    expect(await read('b', 'acc')).toEqual([[1], [1]]);
    expect((await metrics.keys('a')).map(({ key, count }) => [key, count])).toEqual([
      ['acc', 2],
      ['loss', 3],
      ['a "late" one', 1],
    ]);
  };
  await check();
  // And it goes on from there: what was stored is known, what is new is added, and all of it folds.
  metrics.ingest.expect('a');
  for (const seq of [2, 5]) {
    const columns = [
      { key: 'acc', steps: Float64Array.of(seq), walls: Float64Array.of(seq), values: Float64Array.of(0) },
    ];
    await metrics.ingest.add({ trial: 'a', source: 'code', seq, columns });
  }
  metrics.ingest.forget(['a']);
  await metrics.ingest.settled();
  expect(await read('a', 'acc')).toEqual([
    [1, 4, 5],
    [0.1, 0.9, 0],
  ]);
  expect(await read('a', 'loss')).toEqual([
    [1, 2, 3],
    [0.5, Number.NaN, 0.25],
  ]);
});
