/**
 * Brings the tables to what this version needs, before anything else looks at them. Migrations are listed in
 * `migrations/index.ts` and only ever added; `make-migration.ts` writes the next one.
 */
import type { MikroORM } from '@mikro-orm/postgresql';
import { z } from 'zod';
import type { Database } from './database.ts';
import { migrations } from './migrations/index.ts';

/** Any number will do, as long as all servers use the same. */
const LOCK = 871_230_001;

/** Runs the migrations that have not run yet, each in a transaction. Servers that start together take turns. */
export async function migrate(database: Database): Promise<void> {
  // The embedded database has one connection and one process: a lock would wait for itself.
  if (database.kind === 'embedded') return up(database.orm);
  await database.em().transactional(async (em) => {
    await em.execute('select pg_advisory_xact_lock(?)', [LOCK]);
    await up(database.orm);
  });
}

const Names = z.array(z.object({ name: z.string() }));

async function up(orm: MikroORM): Promise<void> {
  if (await isCurrent(orm)) return;
  // Loaded only when there is something to do: most starts have nothing to migrate.
  const { Migrator } = await import('@mikro-orm/migrations');
  await new Migrator(orm.em).up();
}

/** True when every migration has run. */
async function isCurrent(orm: MikroORM): Promise<boolean> {
  const connection = orm.em.getConnection();
  const schema = orm.config.get('schema') ?? 'public';
  const tables = await connection.execute(
    'select 1 from information_schema.tables where table_schema = ? and table_name = ?',
    [schema, 'migrations'],
  );
  if (!Array.isArray(tables) || tables.length === 0) return false;
  const done = new Set(Names.parse(await connection.execute('select name from migrations')).map(({ name }) => name));
  return migrations.every(({ name }) => done.has(name));
}
