/**
 * Databases for tests: the embedded one always, and the PostgreSQL of DATABASE_URL where it is set. Each `open` gives an
 * database of its own, brought to the newest migration, gone again when it is closed.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from './connect.ts';
import type { Database } from './database.ts';
import { migrate } from './migrate.ts';

export interface TestDatabase {
  name: string;
  open(): Promise<Database>;
  /** Without any table, as a first start finds it. */
  openEmpty(): Promise<Database>;
}

/** For `describe.each(testDatabases())('… on $name', …)`. */
export function testDatabases(): TestDatabase[] {
  const url = process.env.DATABASE_URL;
  const all = [{ name: 'embedded', openEmpty: openEmbeddedTest }];
  if (url) all.push({ name: 'postgres', openEmpty: () => openPostgresTest(url) });
  return all.map(({ name, openEmpty }) => ({
    name,
    openEmpty,
    open: async () => {
      const database = await openEmpty();
      await migrate(database);
      return database;
    },
  }));
}

async function openEmbeddedTest(): Promise<Database> {
  const dataDir = mkdtempSync(join(tmpdir(), 'trialroom-db-'));
  const database = await connect({ dataDir });
  return {
    ...database,
    close: async () => {
      await database.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function openPostgresTest(url: string): Promise<Database> {
  const schema = `test_${randomBytes(8).toString('hex')}`;
  const database = await connect({ url, schema });
  const { orm } = database;
  await orm.em.getConnection().execute(`create schema "${schema}"`);
  return {
    ...database,
    close: async () => {
      await orm.em.getConnection().execute(`drop schema "${schema}" cascade`);
      await database.close();
    },
  };
}
