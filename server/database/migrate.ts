/**
 * Brings the tables to what this version needs, before anything else looks at them. Migrations are listed in
 * `migrations/index.ts` and only ever added; `make-migration.ts` writes the next one.
 */
import { Migrator } from '@mikro-orm/migrations';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Database } from './database.ts';

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

async function up(orm: MikroORM): Promise<void> {
  await new Migrator(orm.em).up();
}
