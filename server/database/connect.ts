/**
 * Opens the workspace's database: the PostgreSQL at an address, or the embedded one in the data directory. Both are
 * reached with the same driver and the same SQL; nothing above this folder knows which it is.
 */
import { MikroORM } from '@mikro-orm/postgresql';
import { type Pool, watchAcquiring } from './acquiring.ts';
import type { Database } from './database.ts';
import { type Embedded, openEmbedded } from './embedded.ts';
import { entities } from './entities.ts';
import { migrations } from './migrations/index.ts';

export interface ConnectOptions {
  /** Where the embedded database is; used when there is no `url`. */
  dataDir?: string;
  /** The embedded database where it was begun already; taken over, and closed with the connection. */
  embedded?: Promise<Embedded> | null;
  /** `postgres://…`; absent: embedded. */
  url?: string | undefined;
  /** PostgreSQL schema to live in (tests use one each); absent: `public`. */
  schema?: string | undefined;
  /** Told once when the embedded database's thread dies by itself: the process can then only end. */
  onDeath?: (reason: string) => void;
}

/** The server named in DATABASE_URL could not be used. */
export class DatabaseUnreachable extends Error {
  constructor(url: string, reason: string) {
    super(
      `PostgreSQL at ${withoutSecret(url)} cannot be used: ${reason}. ` +
        'Check that it runs and that DATABASE_URL is right, or unset DATABASE_URL to use the embedded database.',
    );
    this.name = 'DatabaseUnreachable';
  }
}

/**
 * Connects; makes no tables (see `migrate.ts`).
 * @throws DatabaseUnreachable, DirectoryLocked or DirectoryCorrupt
 */
export async function connect(options: ConnectOptions): Promise<Database> {
  const embedded = options.url === undefined ? await (options.embedded ?? openEmbedded(options.dataDir ?? '.')) : null;
  if (embedded && options.onDeath) embedded.died.then(options.onDeath);
  let orm: MikroORM | undefined;
  let acquired = async (): Promise<void> => {};
  const onPoolCreated = (pool: Pool): void => {
    acquired = watchAcquiring(pool);
  };
  try {
    orm = await open(options, embedded, onPoolCreated);
    await orm.em.getConnection().execute('select 1');
  } catch (error) {
    await orm?.close(true).catch(() => {});
    await embedded?.close();
    if (options.url === undefined) throw error;
    throw new DatabaseUnreachable(options.url, error instanceof Error ? error.message : String(error));
  }
  const opened = orm;
  let closed: Promise<void> | undefined;
  return {
    orm: opened,
    kind: embedded ? 'embedded' : 'postgres',
    em: () => opened.em.fork(),
    close: () => {
      closed ??= acquired()
        .then(() => opened.close(true))
        .then(() => embedded?.close());
      return closed;
    },
  };
}

function open(
  options: ConnectOptions,
  embedded: Embedded | null,
  onPoolCreated: (pool: Pool) => void,
): Promise<MikroORM> {
  const path = options.schema === undefined ? {} : { options: `-c search_path=${options.schema}` };
  return MikroORM.init({
    entities,
    ensureDatabase: false,
    discovery: { warnWhenNoEntities: false },
    logger: () => {},
    migrations: { migrationsList: migrations, tableName: 'migrations', snapshot: false, silent: true },
    ...(options.schema === undefined ? {} : { schema: options.schema }),
    ...(embedded
      ? {
          dbName: 'postgres',
          user: 'postgres',
          password: 'postgres',
          driverOptions: { ...embedded.address, onPoolCreated },
          // PGlite is one session. Its socket server hands it single protocol messages, so the unnamed statements of
          // two connections would overwrite each other; one connection queues whole queries and loses nothing.
          pool: { min: 1, max: 1 },
        }
      : { clientUrl: options.url ?? '', driverOptions: { ...path, onPoolCreated }, pool: { min: 0, max: 10 } }),
  });
}

function withoutSecret(url: string): string {
  try {
    const parsed = new URL(url);
    if (parsed.password) parsed.password = '***';
    return parsed.href;
  } catch {
    return 'the given address (it is not a URL)';
  }
}
