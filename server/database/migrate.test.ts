import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PersonRow } from '../accounts/entities.ts';
import type { Database } from './database.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { testDatabases } from './testing.ts';

describe.each(testDatabases())('migrations on $name', ({ openEmpty }) => {
  let database: Database;
  beforeAll(async () => {
    database = await openEmpty();
  });
  afterAll(() => database.close());

  test('lead from nothing to exactly what the entities declare', async () => {
    await Promise.all(database.kind === 'postgres' ? [migrate(database), migrate(database)] : [migrate(database)]);
    // Run `node server/database/make-migration.ts <name>` when this fails.
    const schema = database.orm.config.get('schema');
    const difference = await database.orm.schema.getUpdateSchemaSQL({ wrap: false, ...(schema ? { schema } : {}) });
    expect(difference).toBe('');
  });

  test('run once, and keep what is there', async () => {
    await database.em().insert(PersonRow, { id: '1', name: 'Ada', colour: 'a', role: 'owner', createdAt: 1 });
    await migrate(database);
    expect(await database.em().count(PersonRow)).toBe(1);
    const ran = await database.em().execute('select count(*)::int as count from migrations');
    expect(ran).toEqual([{ count: migrations.length }]);
  });
});
