/** The database as every capability sees it: MikroORM over PostgreSQL, embedded or real. */
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';

export interface Database {
  readonly orm: MikroORM;
  /** `embedded` is PGlite behind a PostgreSQL socket; the SQL is the same. */
  readonly kind: 'embedded' | 'postgres';
  /** A fresh unit of work. Take one for each request or batch; never share one between concurrent tasks. */
  em(): EntityManager;
  close(): Promise<void>;
}
