/**
 * Databases for tests: the embedded one always, and the PostgreSQL of DATABASE_URL where it is set. Each `open` gives a
 * database of its own, brought to the newest migration and without a row. When it is closed it is kept, cleared and given
 * to another test: making one takes seconds of work and hundreds of files, clearing one a fraction of that.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type ConnectOptions, connect } from './connect.ts';
import type { Database } from './database.ts';
import { openEmbedded } from './embedded.ts';
import { migrate } from './migrate.ts';
import { makeTestSchema } from './testing-schemas.ts';

export interface TestDatabase {
  name: string;
  open(): Promise<Database>;
  /** Without any table, as a first start finds it. */
  openEmpty(): Promise<Database>;
}

/** For `describe.each(testDatabases())('… on $name', …)`. */
export function testDatabases(): TestDatabase[] {
  const url = process.env.DATABASE_URL;
  const all: TestDatabase[] = [
    { name: 'embedded', openEmpty: openEmptyEmbedded, open: reusing('embedded', placeForEmbedded) },
  ];
  if (!url) return all;
  const place = async (): Promise<Place> => ({
    options: { url, schema: await makeTestSchema(url) },
    leave: async () => {},
  });
  return [
    ...all,
    { name: 'postgres', openEmpty: async () => connect((await place()).options), open: reusing('postgres', place) },
  ];
}

/** Where a database is, and what is done when it is of no more use. */
interface Place {
  options: ConnectOptions;
  leave: () => Promise<void>;
}

/** Migrated databases that nobody uses now. */
const free = { embedded: [] as Place[], postgres: [] as Place[] };

function reusing(kind: Database['kind'], make: () => Promise<Place>): () => Promise<Database> {
  const kept = free[kind];
  return async () => {
    for (let place = kept.pop(); place; place = kept.pop()) {
      const database = await connect(place.options);
      try {
        await clear(database);
        return returned(database, place, kept);
      } catch {
        // What a test did to its database must not reach the next.
        await database.close();
        await place.leave();
      }
    }
    const place = await make();
    const database = await connect(place.options);
    await migrate(database);
    return returned(database, place, kept);
  };
}

/** The database, whose place goes back to the free ones when it is closed. */
function returned(database: Database, place: Place, kept: Place[]): Database {
  let closed: Promise<void> | undefined;
  return {
    ...database,
    close: () => {
      closed ??= database.close().then(() => void kept.push(place));
      return closed;
    },
  };
}

const Tables = z.array(z.object({ name: z.string() }));

async function clear(database: Database): Promise<void> {
  await database.em().transactional(async (em) => {
    // A process that a test killed may still be heard for a moment; one that is heard for longer keeps its database.
    await em.execute("set local lock_timeout = '10s'");
    const tables = Tables.parse(
      await em.execute(
        "select tablename as name from pg_tables where schemaname = current_schema() and tablename <> 'migrations'",
      ),
    );
    // Rows are few: deleting them is much cheaper than `truncate`, which makes every table's files anew.
    await em.execute('set local session_replication_role = replica');
    await em.execute(tables.map(({ name }) => `delete from "${name}"`).join('; '));
    await em.execute(
      `select setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false)
       from pg_sequences where schemaname = current_schema()`,
    );
  });
}

async function placeForEmbedded(): Promise<Place> {
  const dataDir = mkdtempSync(join(tmpdir(), 'trialroom-db-'));
  process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }));
  // How Vitest ends its processes.
  if (process.listenerCount('SIGTERM') === 0) process.once('SIGTERM', () => process.exit());
  const made = await openEmbedded(dataDir);
  return { options: { embedded: Promise.resolve({ ...made, close: async () => {} }) }, leave: () => made.close() };
}

async function openEmptyEmbedded(): Promise<Database> {
  const dataDir = mkdtempSync(join(tmpdir(), 'trialroom-db-'));
  const database = await connect({ dataDir });
  // It may have been unpacked with its tables.
  await database.orm.em.getConnection().execute('drop schema public cascade; create schema public');
  return {
    ...database,
    close: async () => {
      await database.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
