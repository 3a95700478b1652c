import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { connect } from './connect.ts';
import { migrations } from './migrations/index.ts';
import { prepare } from './prepare.ts';
import { preparedPath } from './prepared.ts';

test('a new database has the tables of the newest migration before anything has migrated it', async () => {
  await prepare();
  expect(existsSync(preparedPath('migrated'))).toBe(true);
  const dataDir = mkdtempSync(join(tmpdir(), 'trialroom-prepared-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const database = await connect({ dataDir });
  onTestFinished(() => database.close());
  const connection = database.orm.em.getConnection();
  const done = z.array(z.object({ name: z.string() })).parse(await connection.execute('select name from migrations'));
  expect(done.map(({ name }) => name).toSorted()).toEqual(migrations.map(({ name }) => name).toSorted());
  expect(await connection.execute('select id from trials')).toEqual([]);
});
