/** All migrations, in the order in which they run. Written by `make-migration.ts`; what has been released is never changed. */
import type { MigrationObject } from '@mikro-orm/core';
import migration1 from './0001-first.ts';
import migration2 from './0002-pause.ts';

export const migrations: MigrationObject[] = [
  { name: '0001-first', class: migration1 },
  { name: '0002-pause', class: migration2 },
];
