/** All migrations, in the order in which they run. Written by `make-migration.ts`; what has been released is never changed. */
import type { MigrationObject } from '@mikro-orm/core';
import migration1 from './0001-first.ts';
import migration2 from './0002-pause.ts';
import migration3 from './0003-annotations-and-history.ts';
import migration4 from './0004-writers.ts';
import migration5 from './0005-annotation-revision.ts';
import migration6 from './0006-deletions.ts';
import migration7 from './0007-cell-authors.ts';

export const migrations: MigrationObject[] = [
  { name: '0001-first', class: migration1 },
  { name: '0002-pause', class: migration2 },
  { name: '0003-annotations-and-history', class: migration3 },
  { name: '0004-writers', class: migration4 },
  { name: '0005-annotation-revision', class: migration5 },
  { name: '0006-deletions', class: migration6 },
  { name: '0007-cell-authors', class: migration7 },
];
