/**
 * All tables of the workspace in one list. Each capability declares its own in `server/<capability>/entities.ts` and is
 * named here once; nothing else decides what is in the database.
 */
import type { EntitySchema } from '@mikro-orm/core';
import { accountsEntities } from '../accounts/entities.ts';
import { annotationEntities } from '../annotations/entities.ts';
import { comparisonEntities } from '../comparison/entities.ts';
import { documentsEntities } from '../documents/entities.ts';
import { experimentsEntities } from '../experiments/entities.ts';
import { historyEntities } from '../history/entities.ts';
import { launchEntities } from '../launches/entities.ts';
import { metricsEntities } from '../metrics/entities.ts';
import { notebooksEntities } from '../notebooks/entities.ts';
import { remoteEntities } from '../remote/entities.ts';
import { resultsEntities } from '../results/entities.ts';
import { roomsEntities } from '../rooms/entities.ts';
import { sessionsEntities } from '../sessions/entities.ts';
import { trialEntities } from '../trials/entities.ts';

export const entities: EntitySchema[] = [
  ...accountsEntities,
  ...notebooksEntities,
  ...documentsEntities,
  ...sessionsEntities,
  ...trialEntities,
  ...launchEntities,
  ...annotationEntities,
  ...historyEntities,
  ...metricsEntities,
  ...roomsEntities,
  ...experimentsEntities,
  ...comparisonEntities,
  ...resultsEntities,
  ...remoteEntities,
];
