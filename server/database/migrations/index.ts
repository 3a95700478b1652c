/** All migrations, in the order in which they run. Written by `make-migration.ts`; what has been released is never changed. */
import type { MigrationObject } from '@mikro-orm/core';
import migration1 from './0001-first.ts';
import migration2 from './0002-pause.ts';
import migration3 from './0003-annotations-and-history.ts';
import migration4 from './0004-writers.ts';
import migration5 from './0005-annotation-revision.ts';
import migration6 from './0006-deletions.ts';
import migration7 from './0007-cell-authors.ts';
import migration8 from './0008-labels.ts';
import migration9 from './0009-metrics.ts';
import migration10 from './0010-trial-events.ts';
import migration11 from './0011-trial-annotations.ts';
import migration12 from './0012-experiments.ts';
import migration13 from './0013-comparison.ts';
import migration14 from './0014-results.ts';
import migration15 from './0015-remote.ts';
import migration16 from './0016-clocks.ts';
import migration17 from './0017-cell-runs.ts';
import migration18 from './0018-storeys.ts';

export const migrations: MigrationObject[] = [
  { name: '0001-first', class: migration1 },
  { name: '0002-pause', class: migration2 },
  { name: '0003-annotations-and-history', class: migration3 },
  { name: '0004-writers', class: migration4 },
  { name: '0005-annotation-revision', class: migration5 },
  { name: '0006-deletions', class: migration6 },
  { name: '0007-cell-authors', class: migration7 },
  { name: '0008-labels', class: migration8 },
  { name: '0009-metrics', class: migration9 },
  { name: '0010-trial-events', class: migration10 },
  { name: '0011-trial-annotations', class: migration11 },
  { name: '0012-experiments', class: migration12 },
  { name: '0013-comparison', class: migration13 },
  { name: '0014-results', class: migration14 },
  { name: '0015-remote', class: migration15 },
  { name: '0016-clocks', class: migration16 },
  { name: '0017-cell-runs', class: migration17 },
  { name: '0018-storeys', class: migration18 },
];
