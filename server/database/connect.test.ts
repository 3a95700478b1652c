import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PersonRow } from '../accounts/entities.ts';
import type { Database } from './database.ts';
import { testDatabases } from './testing.ts';

describe.each(testDatabases())('a $name database', ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  test('keeps rows, and forks see them', async () => {
    await database.em().insert(PersonRow, { id: '1', name: 'Ada', colour: 'a', role: 'owner', createdAt: 0.5 });
    expect(await database.em().findOneOrFail(PersonRow, '1')).toMatchObject({ name: 'Ada', createdAt: 0.5 });
  });

  test('answers many different queries at once without mixing them up', async () => {
    const asked = Array.from({ length: 200 }, (_, index) => index);
    const answers = await Promise.all(
      asked.map(async (index) => {
        const columns = Array.from({ length: (index % 5) + 1 }, (_, column) => `?::int as c${column}`).join(', ');
        const rows = await database.em().execute(`select ${columns}`, Array(columns.split(',').length).fill(index));
        return rows[0];
      }),
    );
    for (const index of asked) {
      expect(Object.values(answers[index] ?? {})).toEqual(Array((index % 5) + 1).fill(index));
    }
  });

  test('rolls back what a failed transaction did, while others go on', async () => {
    const work = Array.from({ length: 20 }, (_, index) =>
      database.em().transactional(async (em) => {
        await em.insert(PersonRow, { id: `t${index}`, name: 'T', colour: 'b', role: 'viewer', createdAt: index });
        if (index % 2) throw new Error('odd');
      }),
    );
    await Promise.allSettled(work);
    expect(await database.em().count(PersonRow, { name: 'T' })).toBe(10);
  });
});

test.each(testDatabases())('$name: closing waits for a query that still waits for its connection', async ({ open }) => {
  const database = await open();
  // One connection is idle; the others are yet to be made.
  const asked = Array.from({ length: 5 }, () => database.em().execute('select 1 as one'));
  await database.close();
  expect(await Promise.all(asked)).toEqual(asked.map(() => [{ one: 1 }]));
});
